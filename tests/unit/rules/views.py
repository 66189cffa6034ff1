"""A profile that is a dictionary, and the kernel's meaning in plain Python, for tests to hold the law against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from coterie.rules.calendar import anniversary_days, calendar_range, month_and_day
from coterie.rules.kernel import (
    And,
    Anniversary,
    BooleanIs,
    Complement,
    IsSet,
    Leaf,
    ListIncludes,
    Lowered,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
from coterie.rules.moment import Moment
from coterie.rules.text import found
from coterie.rules.values import Instant, Kind, Value, fold, kind_of


@dataclass
class View:
    """A profile as a rule sees it."""

    properties: Mapping[str, Value] = field(default_factory=dict)
    segments: Collection[str] = ()

    def value(self, name: str) -> Value | None:
        return self.properties.get(name)

    def is_member(self, segment_id: str) -> bool:
        return segment_id in self.segments


def kernel_holds(lowered: Lowered, view: View, moment: Moment) -> bool:
    """What the docstrings of `kernel.py` say, once more."""
    match lowered:
        case And(children):
            return all(kernel_holds(child, view, moment) for child in children)
        case Or(children):
            return any(kernel_holds(child, view, moment) for child in children)
        case Complement(child):
            return not kernel_holds(child, view, moment)
        case MemberOf(segment):
            return view.is_member(segment)
        case leaf:
            value = view.value(leaf.property)
            return value is not None and _leaf(leaf, value, moment)


def _leaf(leaf: Leaf, value: Value, moment: Moment) -> bool:
    match leaf, kind_of(value):
        case IsSet(), _:
            return True
        case TextIn(_, values, cased), Kind.TEXT:
            return (value if cased else fold(value)) in values
        case TextMatch(_, "regex", pattern, cased), Kind.TEXT:
            return found(pattern, value, cased)
        case TextMatch(_, how, pattern, cased), Kind.TEXT:
            text = value if cased else fold(value)
            return {"contains": pattern in text, "starts": text.startswith(pattern), "ends": text.endswith(pattern)}[
                how
            ]
        case NumberIn(_, values), Kind.NUMBER:
            return value in values
        case NumberRange(), Kind.NUMBER:
            above = leaf.low is None or (value > leaf.low if leaf.open_low else value >= leaf.low)
            below = leaf.high is None or (value < leaf.high if leaf.open_high else value <= leaf.high)
            return above and below
        case BooleanIs(_, wanted), Kind.BOOLEAN:
            return value is wanted
        case ListIncludes(_, items, every, cased), Kind.LIST:
            held = {item if cased else fold(item) for item in value}
            return items <= held if every else bool(items & held)
        case ((TimeRange() | TimeAround() | TimeInCalendar() | Anniversary()), Kind.TIME):
            return _time_leaf(leaf, value, moment)
        case _:
            return False


def _time_leaf(leaf: Leaf, at: Instant, moment: Moment) -> bool:
    match leaf:
        case TimeRange(_, low, high):
            return (low is None or at >= low) and (high is None or at <= high)
        case TimeAround(_, low, high):
            return (low is None or at >= moment.now + low) and (high is None or at <= moment.now + high)
        case TimeInCalendar(_, word):
            first, last = calendar_range(word, moment)
            return first <= at <= last
        case Anniversary(_, days):
            return month_and_day(at, moment.zone) in anniversary_days(days, moment)
    raise AssertionError(leaf)
