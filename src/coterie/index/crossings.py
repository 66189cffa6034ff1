"""When may the verdict of a moving leaf change, and for whom?

A rolling window (`TimeAround`) is entered and left at instants that follow from the value. Calendar words and anniversaries change at local
midnights only, and only for the values that one side of the midnight includes and the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Pids
from coterie.index.days import month_days
from coterie.index.order import TimeOrder
from coterie.index.ordered import Ordered, OrderedView
from coterie.rules.calendar import anniversary_days, calendar_range, next_midnight
from coterie.rules.kernel import Anniversary, MovingLeaf, TimeAround, TimeInCalendar
from coterie.rules.moment import Moment
from coterie.rules.values import Instant

Crossed = list[tuple[Pids, Pids]]  # instants and pids


def crossings(
    leaf: MovingLeaf, times: Ordered, order: TimeOrder, since: Instant, until: Instant, zone: ZoneInfo
) -> tuple[Pids, Pids]:
    """The (instants, pids), `since` < instant <= `until`, at which the verdict may change. None is left out."""
    found: Crossed
    match leaf:
        case TimeAround():
            found = [
                (instants - offset, pids)
                for offset in offsets(leaf)
                for pids, instants in [order.between(times, since + offset + 1, until + offset)]
            ]
        case TimeInCalendar(word=word):
            found = _at_midnights(word, times, order, since, until, zone)
        case Anniversary(days=days):
            found = _anniversaries(days, times, since, until, zone)
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([at for at, _ in found]), np.concatenate([pids for _, pids in found])


def offsets(leaf: TimeAround) -> list[int]:
    """The distances `value - now` at which the leaf flips: it holds while low <= value - now <= high."""
    return [at for at in (leaf.high, None if leaf.low is None else leaf.low - 1) if at is not None]


def next_crossing(leaf: MovingLeaf, times: Ordered, order: TimeOrder, after: Instant, zone: ZoneInfo) -> Instant | None:
    """The first instant after `after` at which the verdict may change for somebody."""
    if not isinstance(leaf, TimeAround):
        return next_midnight(Moment(after, zone)) if times.count else None
    firsts = ((order.first_from(times, after + offset + 1), offset) for offset in offsets(leaf))
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


def _at_midnights(
    word: str, times: Ordered, order: TimeOrder, since: Instant, until: Instant, zone: ZoneInfo
) -> Crossed:
    found: Crossed = []
    for before, after in _midnights(since, until, zone):
        old, new = calendar_range(word, before), calendar_range(word, after)
        if old == new:
            continue
        for low, high in (old, new):
            pids, instants = order.between(times, low, high)
            other = new if (low, high) == old else old
            moved = pids[(instants < other[0]) | (instants > other[1])]
            found.append((np.full(len(moved), int(after.now), dtype=np.int64), moved))
    return found


def _anniversaries(days: int, times: Ordered, since: Instant, until: Instant, zone: ZoneInfo) -> Crossed:
    found: Crossed = []
    pids = np.flatnonzero(times.codes[: times.length])
    on: Pids | None = None
    for before, after in _midnights(since, until, zone):
        if on is None:
            on = month_days(times.values[pids], zone)
        flipped = anniversary_days(days, before) ^ anniversary_days(days, after)
        moved = pids[np.isin(on, [month * 32 + day for month, day in flipped])]
        found.append((np.full(len(moved), int(after.now), dtype=np.int64), moved))
    return found
