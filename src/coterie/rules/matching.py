"""Matches one value against a leaf of the kernel, and one event or conversation against a `where`.

`evaluate.py` judges rules by the meaning of their operators; this judges what they lower to, slowly
and plainly. It serves where one row of activity is judged, and tests hold the faster forms of the
kernel against it. A new leaf of the kernel is a new `case` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from coterie.rules.calendar import anniversary_days, calendar_range, month_and_day
from coterie.rules.kernel import (
    AT,
    And,
    Anniversary,
    BooleanIs,
    Complement,
    IsSet,
    ListIncludes,
    Lowered,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    PropertyLeaf,
    Sampled,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
from coterie.rules.moment import Moment
from coterie.rules.text import is_found
from coterie.rules.values import Instant, Value, fold


def matches(lowered: Lowered, values: Mapping[str, Value], moment: Moment, at: Instant | None = None) -> bool:
    """Whether activity with these values, at the instant `at`, matches a lowered `where`."""
    match lowered:
        case And(children):
            return all(matches(child, values, moment, at) for child in children)
        case Or(children):
            return any(matches(child, values, moment, at) for child in children)
        case Complement(child):
            return not matches(child, values, moment, at)
        case MemberOf() | Sampled():
            raise TypeError(f"{lowered!r} is about a profile and has no place in a `where`.")
        case leaf:
            if not isinstance(leaf.property, str):
                raise TypeError(f"Activity has no {leaf.property!r}.")
            return leaf_matches(leaf, at if leaf.property == AT else values.get(leaf.property), moment)


def leaf_matches(leaf: PropertyLeaf, value: Value | None, moment: Moment) -> bool:
    """Whether the subject's `value` matches; a missing one, or one of another kind, does not."""
    match leaf:
        case IsSet():
            return value is not None
        case BooleanIs(_, wanted):
            return isinstance(value, bool) and value == wanted
        case TextIn() | TextMatch():
            return isinstance(value, str) and _text(leaf, value)
        case NumberIn() | NumberRange():
            return isinstance(value, float) and _number(leaf, value)
        case TimeRange() | TimeAround() | TimeInCalendar() | Anniversary():
            return isinstance(value, Instant) and _time(leaf, value, moment)
        case ListIncludes(_, items, every, cased):
            if not isinstance(value, tuple):
                return False
            has = frozenset(value if cased else map(fold, value))
            return items <= has if every else not items.isdisjoint(has)
        case _:
            assert_never(leaf)


def _text(leaf: TextIn | TextMatch, value: str) -> bool:
    if isinstance(leaf, TextMatch) and leaf.how == "regex":
        return is_found(leaf.pattern, value, leaf.cased)
    text = value if leaf.cased else fold(value)
    match leaf:
        case TextIn(_, values):
            return text in values
        case TextMatch(_, "contains", pattern):
            return pattern in text
        case TextMatch(_, "starts", pattern):
            return text.startswith(pattern)
        case TextMatch(_, _, pattern):
            return text.endswith(pattern)


def _number(leaf: NumberIn | NumberRange, value: float) -> bool:
    if isinstance(leaf, NumberIn):
        return value in leaf.values
    above = leaf.low is None or (value > leaf.low if leaf.open_low else value >= leaf.low)
    below = leaf.high is None or (value < leaf.high if leaf.open_high else value <= leaf.high)
    return above and below


def _time(leaf: TimeRange | TimeAround | TimeInCalendar | Anniversary, value: Instant, moment: Moment) -> bool:
    match leaf:
        case TimeRange(_, low, high):
            return (low is None or low <= value) and (high is None or value <= high)
        case TimeAround(_, low, high):
            ahead = value - moment.now
            return (low is None or low <= ahead) and (high is None or ahead <= high)
        case TimeInCalendar(_, word):
            first, last = calendar_range(word, moment)
            return first <= value <= last
        case Anniversary(_, days):
            return month_and_day(value, moment.zone) in anniversary_days(days, moment)
        case _:
            assert_never(leaf)
