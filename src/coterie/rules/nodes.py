"""The nodes of a rule: a closed set of nine. Match them with `match` and `assert_never`.

Nodes are frozen, hashable and hold values that have been read (an operand is never raw JSON).
`read.py` makes them from JSON, `write.py` turns them back, `build.py` makes them from Python
expressions. They combine with `&`, `|` and `~`.

Equality follows Python's, for which True, 1.0 and an instant of 1 ms are equal: compare lowered
leaves or written JSON, and key no cache by rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, cast

from coterie.rules.values import Instant


@dataclass(frozen=True, slots=True)
class Duration:
    """An exact length of time. `text` is how it was written, and is written back: `30d`."""

    milliseconds: int
    text: str


Operand: TypeAlias = (
    str
    | float
    | bool
    | Instant
    | date
    | Duration
    | tuple[str, ...]
    | tuple[float, ...]
    | tuple[Instant | date, ...]
    | None
)


class Combinable:
    """A node that can be combined with others. Groups of the same sort become one group."""

    __slots__ = ()

    def __and__(self, other: Rule) -> Rule:
        return All(_spliced(All, self, other)) if isinstance(other, Combinable) else NotImplemented

    def __or__(self, other: Rule) -> Rule:
        return Any(_spliced(Any, self, other)) if isinstance(other, Combinable) else NotImplemented

    def __invert__(self) -> Rule:
        return self.child if isinstance(self, Not) else Not(cast("Rule", self))

    def __bool__(self) -> bool:
        raise TypeError(
            "A rule is neither true nor false until it is asked of a profile. Combine rules with & | ~ instead of "
            "`and` `or` `not`, put brackets around each comparison, and write 1 < x < 5 as x.between(1, 5)."
        )


def _spliced(group: type[All] | type[Any], *rules: Combinable) -> tuple[Rule, ...]:
    children: list[Rule] = []
    for rule in rules:
        children.extend(rule.children if isinstance(rule, All | Any) and type(rule) is group else (cast("Rule", rule),))
    return tuple(children)


@dataclass(frozen=True, slots=True)
class All(Combinable):
    """True when every child is. Never empty."""

    children: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Any(Combinable):
    """True when at least one child is. Never empty."""

    children: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not(Combinable):
    """The exact complement of its child: it holds for an empty profile too."""

    child: Rule


@dataclass(frozen=True, slots=True)
class PropertyCondition(Combinable):
    """One property of the profile, an operator, and the operand it is compared with.

    `property` is one of the profile's own (`email`, `external_id`, `created_at`, `updated_at`) or
    any name that was sent.
    """

    property: str
    operator: str
    operand: Operand = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The window of the given length that ends now."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Before:
    """Everything older than the given length."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Between:
    """From one instant to another; either end may be open."""

    start: Instant | date | None
    end: Instant | date | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar word, cut in the workspace's zone: `this_month`."""

    word: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """What lies in every one of several windows, which are at least two."""

    windows: tuple[OneWindow, ...]


OneWindow: TypeAlias = Last | Before | Between | Calendar
Window: TypeAlias = OneWindow | Overlap | None


@dataclass(frozen=True, slots=True)
class EventCondition(Combinable):
    """A measure over the profile's events of one name (None: of any), an operator and an operand.

    `where` is a rule over the event's own properties; `of` names the event property measured, where
    the measure needs one.
    """

    name: str | None
    measure: str
    operator: str
    operand: Operand = None
    of: str | None = None
    window: Window = None
    where: Rule | None = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class ConversationCondition(Combinable):
    """A measure over the profile's conversations, with the same fields except for the name."""

    measure: str
    operator: str
    operand: Operand = None
    of: str | None = None
    window: Window = None
    where: Rule | None = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a sequence: its name, a rule for its properties, and its distance in time.

    `within` is the longest time after the step before; None for any. The first step has none.
    """

    name: str
    where: Rule | None = None
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class SequenceCondition(Combinable):
    """True when the profile has events in the window that match the steps in their order.

    Each is later than the one before. There are at least two steps.
    """

    steps: tuple[Step, ...]
    window: Window = None


@dataclass(frozen=True, slots=True)
class SegmentCondition(Combinable):
    """True for the members of another segment, given by its id."""

    segment: str


@dataclass(frozen=True, slots=True)
class SampleCondition(Combinable):
    """True for a stable share of all profiles, drawn by number and `salt`.

    `percent` is above 0 and at most 100.
    """

    percent: float
    salt: str = ""


Condition: TypeAlias = (
    PropertyCondition | EventCondition | ConversationCondition | SequenceCondition | SegmentCondition | SampleCondition
)
Rule: TypeAlias = All | Any | Not | Condition
