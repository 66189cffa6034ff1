"""The predicate index: which segments can a change of one value affect?

The cost of a write follows what changed, not how many segments exist. A number that goes from 10 to
20 can only change the verdict of range leaves with an end between 10 and 20, and of equality leaves
on 10 or 20. For each subject, every leaf of every segment is filed under what changes its verdict,
and `affected` looks it up. The result may name a segment whose verdict stays (the law judges it
afterwards) but never misses one.

To teach the index a new kernel shape, file it in `SubjectPredicates._file`.
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


class RangePredicates:
    """Ranges [low, high] by their ends.

    Ends count as included: the law discards a segment too many.
    """

    def __init__(self) -> None:
        self._ends: list[tuple[float, int]] = []
        self._from: list[tuple[float, int]] = []  # no high end
        self._to: list[tuple[float, int]] = []  # no low end
        self._both: list[tuple[float, float, int]] = []

    def add(self, low: float | None, high: float | None, sid: int) -> None:
        for end in (low, high):
            if end is not None:
                bisect.insort(self._ends, (end, sid))
        if low is not None and high is not None:
            bisect.insort(self._both, (low, high, sid))
        elif low is not None:
            bisect.insort(self._from, (low, sid))
        elif high is not None:
            bisect.insort(self._to, (high, sid))

    def remove(self, low: float | None, high: float | None, sid: int) -> None:
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
        """The ranges with an end between two values: those that such a change can affect."""
        low, high = (old, new) if old <= new else (new, old)
        first = bisect.bisect_left(self._ends, (low, -1))
        last = bisect.bisect_right(self._ends, (high, INFINITY))
        return (sid for _, sid in self._ends[first:last])

    def containing(self, value: float) -> Iterable[int]:
        """The ranges that contain the value: those affected when it appears or disappears."""
        for _, sid in self._from[: bisect.bisect_right(self._from, (value, INFINITY))]:
            yield sid
        for _, sid in self._to[bisect.bisect_left(self._to, (value, -1)) :]:
            yield sid
        for _, high, sid in self._both[: bisect.bisect_right(self._both, (value, INFINITY, INFINITY))]:
            if high >= value:
                yield sid


class SubjectPredicates:
    """The leaves on one subject."""

    def __init__(self) -> None:
        # by ("text", cased, value), ("number", value), ("boolean", value), ("item", cased, value)
        self._equal: defaultdict[object, set[int]] = defaultdict(set)
        self._patterns: dict[TextMatch, set[int]] = defaultdict(set)
        self._present: set[int] = set()
        self._dated: set[int] = set()  # calendar words and anniversaries: any change of the time affects them
        self._numbers = RangePredicates()
        self._times = RangePredicates()
        self._around = RangePredicates()  # by distance from now

    def add(self, leaf: PropertyLeaf, sid: int) -> None:
        self._file(leaf, sid, adding=True)

    def remove(self, leaf: PropertyLeaf, sid: int) -> None:
        self._file(leaf, sid, adding=False)

    def _file(self, leaf: PropertyLeaf, sid: int, *, adding: bool) -> None:
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
                _mark(self._patterns[leaf], sid, adding)
            case NumberRange(low=low, high=high):
                (self._numbers.add if adding else self._numbers.remove)(low, high, sid)
            case TimeRange(low=low, high=high):
                (self._times.add if adding else self._times.remove)(low, high, sid)
            case TimeAround(low=low, high=high):
                (self._around.add if adding else self._around.remove)(low, high, sid)
            case TimeInCalendar() | Anniversary():
                _mark(self._dated, sid, adding)
            case _:
                assert_never(leaf)

    def affected(
        self, old: Value | None, new: Value | None, now: Instant, into: set[int], before: Instant | None = None
    ) -> None:
        """Add to `into` the sids that a change from `old` to `new` can affect.

        `before` is the instant at which the value was `old`; `now` by default.
        """
        if type(old) is float and type(new) is float:  # a count or a sum: most of what an event changes
            into.update(self._numbers.crossed(old, new))
            if self._equal:
                for number in (old, new):
                    into.update(self._equal.get(("number", number), ()))
            return
        if (old is None) != (new is None):
            into |= self._present
        for value in (old, new):
            self._equal_to(value, into)
        self._in_ranges(self._numbers, _number(old), _number(new), into)
        earlier, later = _time(old), _time(new)
        self._in_ranges(self._times, earlier, later, into)
        was = now if before is None else before
        distances = (None if earlier is None else earlier - was, None if later is None else later - now)
        self._in_ranges(self._around, *distances, into)
        if earlier is not None or later is not None:
            into |= self._dated

    def _equal_to(self, value: Value | None, into: set[int]) -> None:
        """Add the leaves filed under the value itself.

        Both the old and the new value are looked up: losing a value changes a verdict as gaining
        one does.
        """
        equal = self._equal
        keys: list[object] = []
        match value:
            case None | Instant():
                return
            case bool():
                keys.append(("boolean", value))
            case str():
                keys += (("text", True, value), ("text", False, fold(value)))
                for sids in self._patterns.values():
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
    def _in_ranges(ranges: RangePredicates, old: float | None, new: float | None, into: set[int]) -> None:
        if old is not None and new is not None:
            into.update(ranges.crossed(old, new))
        elif old is not None:
            into.update(ranges.containing(old))
        elif new is not None:
            into.update(ranges.containing(new))


def _mark(sids: set[int], sid: int, adding: bool) -> None:
    if adding:
        sids.add(sid)
    else:
        sids.discard(sid)


def _number(value: Value | None) -> float | None:
    return value if isinstance(value, float) else None


def _time(value: Value | None) -> int | None:
    return int(value) if isinstance(value, Instant) else None


class PredicateIndex:
    """All leaves of all segments, by subject."""

    def __init__(self) -> None:
        self._subjects: dict[Subject, SubjectPredicates] = {}

    def add(self, leaves: Iterable[Leaf], sid: int) -> None:
        """File the leaves of a segment."""
        for leaf in leaves:
            if not isinstance(leaf, MemberOf | Sampled):
                self._subjects.setdefault(leaf.property, SubjectPredicates()).add(leaf, sid)

    def remove(self, leaves: Iterable[Leaf], sid: int) -> None:
        """Remove the leaves of a segment."""
        for leaf in leaves:
            if not isinstance(leaf, MemberOf | Sampled):
                self._subjects[leaf.property].remove(leaf, sid)

    def affected(
        self, subject: Subject, old: Value | None, new: Value | None, now: Instant, into: set[int],
        before: Instant | None = None,
    ) -> None:  # fmt: skip
        """Add to `into` the sids that a change of the subject can affect.

        It goes from `old`, at `before`, to `new`, at `now`.
        """
        predicates = self._subjects.get(subject)
        if predicates is not None:
            predicates.affected(old, new, now, into, before)
