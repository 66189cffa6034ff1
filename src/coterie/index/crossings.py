"""When may the verdict of a moving leaf change, and for whom?

A rolling window (`TimeAround`) is entered and left at instants that follow from the value. Calendar words and anniversaries change at local
midnights only, and only for the values that one side of the midnight includes and the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Pids
from coterie.index.columns.column import Column
from coterie.index.columns.days import month_days
from coterie.index.columns.order import TimeOrder
from coterie.index.columns.ordered import Ordered, OrderedView
from coterie.rules.calendar import anniversary_days, calendar_range, next_midnight
from coterie.rules.kernel import Anniversary, MovingLeaf, TimeAround, TimeInCalendar
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind

Crossed = list[tuple[Pids, Pids]]  # instants and rows


class Timeline(Protocol):
    """Rows with an instant each, in the order of these."""

    def between(self, low: int, high: int) -> tuple[Pids, Pids]:
        """The rows with an instant from `low` to `high`, and these instants."""
        ...

    def first_from(self, low: int) -> int | None:
        """The earliest instant that is not before `low`."""
        ...

    def every(self) -> tuple[Pids, Pids]:
        """All rows and their instants."""
        ...

    def is_empty(self) -> bool: ...


class ColumnTimeline:
    """The rows of a column of times."""

    def __init__(self, times: Ordered, order: TimeOrder) -> None:
        self._times = times
        self._order = order

    def between(self, low: int, high: int) -> tuple[Pids, Pids]:
        return self._order.between(self._times, low, high)

    def first_from(self, low: int) -> int | None:
        return self._order.first_from(self._times, low)

    def every(self) -> tuple[Pids, Pids]:
        rows = np.flatnonzero(self._times.codes[: self._times.length])
        return rows, self._times.values[rows]

    def is_empty(self) -> bool:
        return not self._times.count


def timeline(column: Column | None) -> ColumnTimeline | None:
    """That of a column of which some values are times."""
    times = None if column is None else column.parts.get(Kind.TIME)
    if column is None or not isinstance(times, Ordered):
        return None
    order = column.order
    if order is None:
        order = column.order = TimeOrder(times)
    return ColumnTimeline(times, order)


def crossings(leaf: MovingLeaf, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo) -> tuple[Pids, Pids]:
    """The (instants, rows), `since` < instant <= `until`, at which the verdict may change. None is left out."""
    found: Crossed
    match leaf:
        case TimeAround():
            found = [
                (instants - offset, rows)
                for offset in offsets(leaf)
                for rows, instants in [times.between(since + offset + 1, until + offset)]
            ]
        case TimeInCalendar(word=word):
            found = _at_midnights(word, times, since, until, zone)
        case Anniversary(days=days):
            found = _anniversaries(days, times, since, until, zone)
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([at for at, _ in found]), np.concatenate([rows for _, rows in found])


def offsets(leaf: TimeAround) -> list[int]:
    """The distances `value - now` at which the leaf flips: it holds while low <= value - now <= high."""
    return [at for at in (leaf.high, None if leaf.low is None else leaf.low - 1) if at is not None]


def next_crossing(leaf: MovingLeaf, times: Timeline, after: Instant, zone: ZoneInfo) -> Instant | None:
    """The first instant after `after` at which the verdict may change for somebody."""
    if not isinstance(leaf, TimeAround):
        return None if times.is_empty() else next_midnight(Moment(after, zone))
    firsts = ((times.first_from(after + offset + 1), offset) for offset in offsets(leaf))
    return min((Instant(first - offset) for first, offset in firsts if first is not None), default=None)


def next_crossing_of(leaf: MovingLeaf, view: OrderedView, after: Instant, zone: ZoneInfo) -> Instant | None:
    """The same, for a few rows."""
    values = view.values[view.present()]
    if not len(values):
        return None
    if not isinstance(leaf, TimeAround):
        return next_midnight(Moment(after, zone))
    instants = [values - offset for offset in offsets(leaf)]
    later = [int(at[at > after].min()) for at in instants if (at > after).any()]
    return Instant(min(later)) if later else None


def _midnights(since: Instant, until: Instant, zone: ZoneInfo) -> Iterator[tuple[Moment, Moment]]:
    """The moments just before and at each local midnight."""
    at = next_midnight(Moment(since, zone))
    while at <= until:
        yield Moment(Instant(at - 1), zone), Moment(at, zone)
        at = next_midnight(Moment(at, zone))


def _at_midnights(word: str, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo) -> Crossed:
    found: Crossed = []
    for before, after in _midnights(since, until, zone):
        old, new = calendar_range(word, before), calendar_range(word, after)
        if old == new:
            continue
        for low, high in (old, new):
            rows, instants = times.between(low, high)
            other = new if (low, high) == old else old
            moved = rows[(instants < other[0]) | (instants > other[1])]
            found.append((np.full(len(moved), int(after.now), dtype=np.int64), moved))
    return found


def _anniversaries(days: int, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo) -> Crossed:
    found: Crossed = []
    rows, instants = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    on: Pids | None = None
    for before, after in _midnights(since, until, zone):
        if on is None:
            rows, instants = times.every()
            on = month_days(instants, zone)
        flipped = anniversary_days(days, before) ^ anniversary_days(days, after)
        moved = rows[np.isin(on, [month * 32 + day for month, day in flipped])]
        found.append((np.full(len(moved), int(after.now), dtype=np.int64), moved))
    return found
