"""The law: what a rule means, in slow plain Python. Every faster path has to agree with this one.

A condition is true or false, never unknown. A positive operator is false for a missing value and for a value of a kind it does not
compare; a negative one is the exact opposite of its positive twin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

from coterie.errors import Path
from coterie.rules.describe import describe
from coterie.rules.lower import not_yet
from coterie.rules.moment import Moment
from coterie.rules.nodes import (
    All,
    Any,
    ConversationCondition,
    EventCondition,
    Not,
    PropertyCondition,
    Rule,
    SegmentCondition,
)
from coterie.rules.operators import OPERATORS
from coterie.rules.values import Value, kind_of
from coterie.rules.walk import children


class ProfileView(Protocol):
    """A profile as a rule sees it."""

    def value(self, name: str) -> Value | None:
        """The value of a property, or of one of the profile's own fields; None where it is missing."""
        ...

    def is_member(self, segment_id: str) -> bool: ...


def evaluate(rule: Rule, profile: ProfileView, moment: Moment) -> bool:
    """Whether the rule holds for the profile at the moment. Raises NotYet where it looks at events or conversations."""
    match rule:
        case All(below):
            return all(_each(below, profile, moment))
        case Any(below):
            return any(_each(below, profile, moment))
        case Not(child):
            return not evaluate(child, profile, moment)
        case PropertyCondition():
            return _holds(rule, profile.value(rule.property), moment)
        case SegmentCondition(segment):
            return profile.is_member(segment)
        case EventCondition() | ConversationCondition():
            raise not_yet(rule)
        case _:
            assert_never(rule)


def _each(rules: Sequence[Rule], profile: ProfileView, moment: Moment) -> list[bool]:
    """Every one is asked, even where the first decides, so that NotYet is raised for a rule whatever the profile."""
    return [evaluate(rule, profile, moment) for rule in rules]


def _holds(condition: PropertyCondition, value: Value | None, moment: Moment) -> bool:
    operator = OPERATORS[condition.operator]
    positive = (
        value is not None
        and kind_of(value) in operator.kinds
        and operator.meaning(value, condition.operand, condition.case_sensitive, moment)
    )
    return not positive if operator.complement_of else positive


# --- explaining -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """One node of a rule, judged for one profile. `actual` is the value that was looked at; None for other nodes."""

    path: Path
    rule: Rule
    sentence: str
    holds: bool
    actual: Value | None
    children: tuple[Judgement, ...]


def judge(
    rule: Rule, profile: ProfileView, moment: Moment, name_of: Callable[[str], str | None], path: Path = ()
) -> Judgement:
    """Every node of the rule with its verdict, none skipped. `name_of` gives the name of a segment, for the sentences."""
    return Judgement(
        path=path,
        rule=rule,
        sentence=describe(rule, name_of),
        holds=evaluate(rule, profile, moment),
        actual=profile.value(rule.property) if isinstance(rule, PropertyCondition) else None,
        children=tuple(judge(child, profile, moment, name_of, path + step) for step, child in children(rule)),
    )
