"""A rule as one English sentence: `plan is enterprise and (mrr is at least 100 or tags is set)`.

The words come from the operators' declarations and from `words.py`. The sentence does not depend on
the workspace's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from coterie.rules.measure_declarations import MEASURES
from coterie.rules.nodes import (
    All,
    Any,
    Before,
    Between,
    Calendar,
    ConversationCondition,
    EventCondition,
    Last,
    Not,
    Operand,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.operators import COMPLEMENTS, OPERATORS
from coterie.rules.words import duration_words, moment_words, name_words, quoted, spaced, value_words

NameOf = Callable[[str], str | None]


def describe(rule: Rule, name_of: NameOf) -> str:
    """The sentence, without a full stop.

    `name_of` gives the name of a segment by its id, None for an unknown segment.
    """
    match rule:
        case All(children):
            return _joined(children, " and ", name_of)
        case Any(children):
            return _joined(children, " or ", name_of)
        case Not(child):
            return _opposite(child, name_of)
        case PropertyCondition():
            return _condition(name_words(rule.property), rule.operator, rule.operand, rule.case_sensitive)
        case EventCondition() | ConversationCondition():
            if _asks_presence(rule):
                return _presence(rule, name_of)
            return _condition(_measured(rule, name_of), rule.operator, rule.operand, rule.case_sensitive)
        case SequenceCondition():
            return f"has {_sequence(rule, ', ', name_of)}"
        case SegmentCondition(segment):
            return f"is in the segment {_segment(segment, name_of)}"
        case SampleCondition():
            return f"is in {_sample(rule)}"
        case _:
            assert_never(rule)


def _joined(children: Sequence[Rule], word: str, name_of: NameOf) -> str:
    if len(children) == 1:
        return describe(children[0], name_of)
    return word.join(_in_group(child, name_of) for child in children)


def _in_group(rule: Rule, name_of: NameOf) -> str:
    """A group inside a group stands in brackets, unless it has one child."""
    sentence = describe(rule, name_of)
    while isinstance(rule, All | Any) and len(rule.children) == 1:
        rule = rule.children[0]
    return f"({sentence})" if isinstance(rule, All | Any) else sentence


def _opposite(rule: Rule, name_of: NameOf) -> str:
    match rule:
        case PropertyCondition() if rule.operator in COMPLEMENTS:
            return _condition(name_words(rule.property), COMPLEMENTS[rule.operator], rule.operand, rule.case_sensitive)
        case EventCondition() | ConversationCondition() if _asks_presence(rule):
            return _presence(rule, name_of, opposite=True)
        case SequenceCondition():
            return f"does not have {_sequence(rule, ' ', name_of)}"
        case SegmentCondition(segment):
            return f"is not in the segment {_segment(segment, name_of)}"
        case SampleCondition():
            return f"is not in {_sample(rule)}"
        case _:
            return f"not ({describe(rule, name_of)})"


def _segment(segment: str, name_of: NameOf) -> str:
    name = name_of(segment)
    return quoted(segment if name is None else name)


# --- conditions -----------------------------------------------------------------------------------


def _condition(subject: str, operator: str, operand: Operand, case_sensitive: bool) -> str:
    declared = OPERATORS[operator]
    words = declared.takes.words(operand)
    return declared.reads.format(subject=subject, operand=words) + (" (in exactly this case)" if case_sensitive else "")


def _asks_presence(rule: EventCondition | ConversationCondition) -> bool:
    return rule.measure in ("any", "none") and isinstance(rule.operand, bool)


def _presence(rule: EventCondition | ConversationCondition, name_of: NameOf, *, opposite: bool = False) -> str:
    """`any is true` as people say it."""
    turns = (rule.measure == "none", not rule.operand, OPERATORS[rule.operator].complement_of is not None, opposite)
    return f"has {'no ' if sum(turns) % 2 else ''}{_things(rule, name_of)}"


def _measured(rule: EventCondition | ConversationCondition, name_of: NameOf) -> str:
    of = f"{name_words(rule.of)} of " if rule.of is not None else ""
    measure = MEASURES[rule.measure]
    return f"{measure.words} {of}{_things(rule, name_of, one=measure.of_one)}"


def _things(rule: EventCondition | ConversationCondition, name_of: NameOf, *, one: bool = False) -> str:
    thing = _event(rule.name) if isinstance(rule, EventCondition) else "conversation"
    when = _compared_windows(rule.window) if rule.measure == "change" else _window(rule.window)
    return f"{thing}{'' if one else 's'}{when}{_where(rule.where, name_of)}"


def _event(name: str | None) -> str:
    return "event" if name is None else f"{name_words(name)} event"


def _where(where: Rule | None, name_of: NameOf) -> str:
    return "" if where is None else f" where {_in_group(where, name_of)}"


def _sequence(rule: SequenceCondition, comma: str, name_of: NameOf) -> str:
    """`comma` stands between the steps."""
    steps = [f"{_an(_event(step.name))}{_where(step.where, name_of)}" for step in rule.steps]
    sentence = steps[0] + "".join(
        f"{comma}followed{_soon(step)} by {words}" for step, words in zip(rule.steps[1:], steps[1:], strict=True)
    )
    return sentence if rule.window is None else f"{sentence}, all{_window(rule.window)}"


def _soon(step: Step) -> str:
    return "" if step.within is None else f" within {duration_words(step.within)}"


def _an(thing: str) -> str:
    return f"{'an' if thing[0].lower() in 'aeiou' else 'a'} {thing}"


def _sample(rule: SampleCondition) -> str:
    share = f"{value_words(rule.percent)}% sample"
    return f"the {share} {quoted(rule.salt)}" if rule.salt else f"the {share}"


def _compared_windows(window: Window) -> str:
    """The two windows of `change`."""
    assert isinstance(window, Last)
    length = duration_words(window.length)
    return f" from the {length} before to the last {length}"


def _window(window: Window) -> str:
    match window:
        case None:
            return ""
        case Last(length):
            return f" in the last {duration_words(length)}"
        case Before(length):
            return f" at least {duration_words(length)} ago"
        case Calendar(word):
            return f" {spaced(word)}"
        case Between(start, None):
            assert start is not None
            return f" from {moment_words(start)} on"
        case Between(None, end):
            assert end is not None
            return f" until {moment_words(end)}"
        case Between(start, end):
            assert start is not None
            assert end is not None
            return f" from {moment_words(start)} to {moment_words(end)}"
        case Overlap(windows):
            return " and".join(_window(each) for each in windows)
        case _:
            assert_never(window)
