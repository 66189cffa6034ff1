"""A leaf as it is asked at one moment: what depends on the clock is replaced by its meaning then.

The result can be cached for as long as the data stays the same: two leaves that ask the same at the
same moment are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from coterie.rules.calendar import anniversary_days, calendar_range
from coterie.rules.kernel import (
    Anniversary,
    BooleanIs,
    IsSet,
    ListIncludes,
    NumberIn,
    NumberRange,
    PropertyLeaf,
    Subject,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)  # fmt: skip
from coterie.rules.moment import Moment
from coterie.rules.values import Kind


@dataclass(frozen=True, slots=True)
class OnDays:
    """A time whose month and day, in the workspace's zone, are among `days`."""

    property: Subject
    days: frozenset[tuple[int, int]]


TextLeaf: TypeAlias = IsSet | TextIn | TextMatch
NumberLeaf: TypeAlias = IsSet | NumberIn | NumberRange
TimeLeaf: TypeAlias = IsSet | TimeRange | OnDays
BooleanLeaf: TypeAlias = IsSet | BooleanIs
ListLeaf: TypeAlias = IsSet | ListIncludes
OrderedLeaf: TypeAlias = NumberLeaf | TimeLeaf
ResolvedLeaf: TypeAlias = TextLeaf | OrderedLeaf | BooleanLeaf | ListLeaf
"""By the kind of value that can meet them. Whatever judges one kind names each of its leaves."""


def resolve(leaf: PropertyLeaf, moment: Moment) -> ResolvedLeaf:
    """What `leaf` asks at `moment`."""
    match leaf:
        case TimeAround(property=name, low=low, high=high):
            now = int(moment.now)
            return TimeRange(name, None if low is None else now + low, None if high is None else now + high)
        case TimeInCalendar(property=name, word=word):
            return TimeRange(name, *calendar_range(word, moment))
        case Anniversary(property=name, days=days):
            return OnDays(name, anniversary_days(days, moment))
        case _:
            return leaf


def kind_of_leaf(leaf: ResolvedLeaf) -> Kind | None:
    """The only kind of value of which `leaf` can be true; None for any kind."""
    match leaf:
        case TextIn() | TextMatch():
            return Kind.TEXT
        case NumberIn() | NumberRange():
            return Kind.NUMBER
        case BooleanIs():
            return Kind.BOOLEAN
        case TimeRange() | OnDays():
            return Kind.TIME
        case ListIncludes():
            return Kind.LIST
        case IsSet():
            return None
        case _:
            assert_never(leaf)


def wrong_kind(leaf: ResolvedLeaf, kind: Kind) -> TypeError:
    """The error of asking values of one kind about a leaf that only another can meet."""
    return TypeError(f"{leaf!r} is not asked of values of kind {kind.value!r}.")
