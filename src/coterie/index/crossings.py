"""Who crosses a window edge when?

A rolling window is entered and left at instants that follow from the value. Calendar words and
anniversaries change at local midnights only, and only for the values that one side of the midnight
includes and the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, assert_never
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Pids
from coterie.index.columns.column import Column
from coterie.index.columns.days import month_days
from coterie.index.columns.order import TimeOrder
from coterie.index.columns.ordered import Ordered
from coterie.rules.calendar import anniversary_days, calendar_range, next_midnight
from coterie.rules.edges import Edge
from coterie.rules.kernel import Anniversary, TimeAround, TimeInCalendar
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind


class Crossings(NamedTuple):
    """Who crosses an edge when: three columns, in no order.

    `place` is the row of the edge's source that crosses: of a profile its pid, of an event or a
    conversation its place in the table, for `Index.activity_values`, until the next publication.
    """

    at: Pids
    pid: Pids
    place: Pids


NO_CROSSINGS = Crossings(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


class Timeline(Protocol):
    """Rows with an instant each, in the order of the instants."""

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
    """The timeline of a column, None where no value is a time."""
    times = None if column is None else column.parts.get(Kind.TIME)
    if column is None or not isinstance(times, Ordered):
        return None
    order = column.order
    if order is None:
        order = column.order = TimeOrder(times)
    return ColumnTimeline(times, order)


def crossings(edge: Edge, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo) -> tuple[Pids, Pids]:
    """The instants, `since` < instant <= `until`, at which a row crosses the edge, and the rows."""
    if edge.shift is not None:
        rows, instants = times.between(since + 1 - edge.shift, until - edge.shift)
        return instants + edge.shift, rows
    crossed: list[tuple[Pids, Pids]]
    match edge.leaf:
        case TimeInCalendar(word=word):
            crossed = list(_at_midnights(word, times, since, until, zone))
        case Anniversary(days=days):
            crossed = list(_anniversaries(days, times, since, until, zone))
        case TimeAround() | None:  # its edges are shifted
            raise AssertionError(edge)
        case _:
            assert_never(edge.leaf)
    nobody = np.zeros(0, dtype=np.int64)
    return np.concatenate([nobody, *(at for at, _ in crossed)]), np.concatenate(
        [nobody, *(rows for _, rows in crossed)]
    )


def next_crossing(edge: Edge, times: Timeline, after: Instant, zone: ZoneInfo) -> Instant | None:
    """The first instant after `after` at which a row may cross the edge."""
    if edge.shift is None:
        return None if times.is_empty() else next_midnight(Moment(after, zone))
    first = times.first_from(after + 1 - edge.shift)
    return None if first is None else Instant(first + edge.shift)


def _midnights(since: Instant, until: Instant, zone: ZoneInfo) -> Iterator[tuple[Moment, Moment]]:
    """The moments just before and at each local midnight."""
    at = next_midnight(Moment(since, zone))
    while at <= until:
        yield Moment(Instant(at - 1), zone), Moment(at, zone)
        at = next_midnight(Moment(at, zone))


def _at_midnights(
    word: str, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo
) -> Iterator[tuple[Pids, Pids]]:
    for before, after in _midnights(since, until, zone):
        old, new = calendar_range(word, before), calendar_range(word, after)
        if old == new:
            continue
        for (low, high), other in ((old, new), (new, old)):
            rows, instants = times.between(low, high)
            moved = rows[(instants < other[0]) | (instants > other[1])]
            yield np.full(len(moved), int(after.now), dtype=np.int64), moved


def _anniversaries(
    days: int, times: Timeline, since: Instant, until: Instant, zone: ZoneInfo
) -> Iterator[tuple[Pids, Pids]]:
    rows, instants = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    on: Pids | None = None
    for before, after in _midnights(since, until, zone):
        if on is None:
            rows, instants = times.every()
            on = month_days(instants, zone)
        flipped = anniversary_days(days, before) ^ anniversary_days(days, after)
        moved = rows[np.isin(on, [month * 32 + day for month, day in flipped])]
        yield np.full(len(moved), int(after.now), dtype=np.int64), moved
