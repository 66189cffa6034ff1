"""Which segments can a change of one value flip? The cost of a write follows what changed, not how many segments exist.

A value that goes from 10 to 20 can only flip range leaves with an end between 10 and 20, and equality leaves on 10 or 20. For each
property, every leaf of every segment is filed by what flips it; `candidates` looks those files up. The answer may hold a segment that did not flip
(it is judged by the law afterwards) but never misses one.

To teach this a new kernel shape, file it in `PropertyFlips._each`.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable
from typing import assert_never

from coterie.rules.kernel import (
    Anniversary,
    BooleanIs,
    IsSet,
    Leaf,
    ListIncludes,
    MemberOf,
    NumberIn,
    NumberRange,
    PropertyLeaf,
    Sampled,
    Subject,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)  # fmt: skip
from coterie.rules.values import Instant, Value, fold

INFINITY = float("inf")


class RangeFlips:
    """Ranges [low, high] filed by their ends. Ends are treated as included: a candidate too many is judged away."""

    def __init__(self) -> None:
        self._ends: list[tuple[float, int]] = []
        self._from: list[tuple[float, int]] = []  # no high end
        self._to: list[tuple[float, int]] = []  # no low end
        self._both: list[tuple[float, float, int]] = []

    def file(self, low: float | None, high: float | None, sid: int) -> None:
        for end in (low, high):
            if end is not None:
                bisect.insort(self._ends, (end, sid))
        if low is not None and high is not None:
            bisect.insort(self._both, (low, high, sid))
        elif low is not None:
            bisect.insort(self._from, (low, sid))
        elif high is not None:
            bisect.insort(self._to, (high, sid))

    def unfile(self, low: float | None, high: float | None, sid: int) -> None:
        for end in (low, high):
            if end is not None:
                self._ends.remove((end, sid))
        if low is not None and high is not None:
            self._both.remove((low, high, sid))
        elif low is not None:
            self._from.remove((low, sid))
        elif high is not None:
            self._to.remove((high, sid))

    def crossed(self, old: float, new: float) -> Iterable[int]:
        """The value moved from one number to another: every range with an end on the way."""
        low, high = (old, new) if old <= new else (new, old)
        first = bisect.bisect_left(self._ends, (low, -1))
        last = bisect.bisect_right(self._ends, (high, INFINITY))
        return (sid for _, sid in self._ends[first:last])

    def holding(self, value: float) -> Iterable[int]:
        """The value came or went: every range it is in."""
        for _, sid in self._from[: bisect.bisect_right(self._from, (value, INFINITY))]:
            yield sid
        for _, sid in self._to[bisect.bisect_left(self._to, (value, -1)) :]:
            yield sid
        for _, high, sid in self._both[: bisect.bisect_right(self._both, (value, INFINITY, INFINITY))]:
            if high >= value:
                yield sid


Filed = defaultdict[object, set[int]]


class PropertyFlips:
    """The leaves that look at one property."""

    def __init__(self) -> None:
        self._equal: Filed = defaultdict(
            set
        )  # by ("text", cased, value), ("number", value), ("boolean", value), ("item", cased, value)
        self._matching: dict[TextMatch, set[int]] = defaultdict(set)
        self._present: set[int] = set()
        self._dated: set[int] = set()  # calendar words and anniversaries: any change of the time is a candidate
        self._numbers = RangeFlips()
        self._times = RangeFlips()
        self._around = RangeFlips()  # by distance from now

    def file(self, leaf: PropertyLeaf, sid: int) -> None:
        self._each(leaf, sid, adding=True)

    def unfile(self, leaf: PropertyLeaf, sid: int) -> None:
        self._each(leaf, sid, adding=False)

    def _each(self, leaf: PropertyLeaf, sid: int, *, adding: bool) -> None:
        match leaf:
            case IsSet():
                _mark(self._present, sid, adding)
            case TextIn(values=values, cased=cased):
                for text in values:
                    _mark(self._equal["text", cased, text], sid, adding)
            case NumberIn(values=numbers):
                for number in numbers:
                    _mark(self._equal["number", number], sid, adding)
            case BooleanIs(value=value):
                _mark(self._equal["boolean", value], sid, adding)
            case ListIncludes(items=items, cased=cased):
                for item in items:
                    _mark(self._equal["item", cased, item], sid, adding)
            case TextMatch():
                _mark(self._matching[leaf], sid, adding)
            case NumberRange(low=low, high=high):
                (self._numbers.file if adding else self._numbers.unfile)(low, high, sid)
            case TimeRange(low=low, high=high):
                (self._times.file if adding else self._times.unfile)(low, high, sid)
            case TimeAround(low=low, high=high):
                (self._around.file if adding else self._around.unfile)(low, high, sid)
            case TimeInCalendar() | Anniversary():
                _mark(self._dated, sid, adding)
            case _:
                assert_never(leaf)

    def candidates(
        self, old: Value | None, new: Value | None, now: Instant, into: set[int], before: Instant | None = None
    ) -> None:
        """`before` is the instant at which the value was `old`; now, where it is left out."""
        if type(old) is float and type(new) is float:  # a count or a sum that moved: most of what an event changes
            into.update(self._numbers.crossed(old, new))
            if self._equal:
                for number in (old, new):
                    into.update(self._equal.get(("number", number), ()))
            return
        if (old is None) != (new is None):
            into |= self._present
        for value in (old, new):
            self._touching(value, into)
        self._ranged(self._numbers, _number(old), _number(new), into)
        earlier, later = _time(old), _time(new)
        self._ranged(self._times, earlier, later, into)
        was = now if before is None else before
        distances = (None if earlier is None else earlier - was, None if later is None else later - now)
        self._ranged(self._around, *distances, into)
        if earlier is not None or later is not None:
            into |= self._dated

    def _touching(self, value: Value | None, into: set[int]) -> None:
        """Leaves filed under the value itself. Both the old and the new value are looked up: leaving one flips as arriving does."""
        equal = self._equal
        keys: list[object] = []
        match value:
            case None | Instant():
                return
            case bool():
                keys.append(("boolean", value))
            case str():
                keys += (("text", True, value), ("text", False, fold(value)))
                for sids in self._matching.values():
                    into |= sids
            case tuple():
                keys += [("item", True, item) for item in value]
                keys += [("item", False, fold(item)) for item in value]
            case _:
                keys.append(("number", value))
        for key in keys:
            if key in equal:
                into |= equal[key]

    @staticmethod
    def _ranged(ranges: RangeFlips, old: float | None, new: float | None, into: set[int]) -> None:
        if old is not None and new is not None:
            into.update(ranges.crossed(old, new))
        elif old is not None:
            into.update(ranges.holding(old))
        elif new is not None:
            into.update(ranges.holding(new))


def _mark(sids: set[int], sid: int, adding: bool) -> None:
    if adding:
        sids.add(sid)
    else:
        sids.discard(sid)


def _number(value: Value | None) -> float | None:
    return value if isinstance(value, float) else None


def _time(value: Value | None) -> int | None:
    return int(value) if isinstance(value, Instant) else None


class Flips:
    """All leaves of all segments, by property."""

    def __init__(self) -> None:
        self._properties: dict[Subject, PropertyFlips] = {}

    def file(self, leaves: Iterable[Leaf], sid: int) -> None:
        for leaf in leaves:
            if not isinstance(leaf, MemberOf | Sampled):
                self._properties.setdefault(leaf.property, PropertyFlips()).file(leaf, sid)

    def unfile(self, leaves: Iterable[Leaf], sid: int) -> None:
        for leaf in leaves:
            if not isinstance(leaf, MemberOf | Sampled):
                self._properties[leaf.property].unfile(leaf, sid)

    def candidates(
        self, subject: Subject, old: Value | None, new: Value | None, now: Instant, into: set[int],
        before: Instant | None = None,
    ) -> None:  # fmt: skip
        """Add to `into` the sids of every segment that a change of the subject from `old` (at `before`) to `new` (at `now`) can flip."""
        flips = self._properties.get(subject)
        if flips is not None:
            flips.candidates(old, new, now, into, before)
