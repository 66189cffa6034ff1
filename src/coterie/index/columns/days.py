"""The local month and day of many instants at once: `rules.calendar.month_and_day` for arrays.

A zone's offset is looked up once per UTC day that occurs, not once per instant. On the one or two
days a year on which clocks change, bisection finds the instant at which they do.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from coterie.rules.values import DAY, offset_at

Integers = npt.NDArray[Any]


def month_days(instants: Integers, zone: ZoneInfo) -> Integers:
    """Return `month * 32 + day` of each instant, in the zone's time."""
    if not len(instants):
        return np.zeros(0, dtype=np.int64)
    days = instants // DAY
    first = int(days.min())
    occurs = np.zeros(int(days.max()) - first + 1, dtype=np.bool_)
    occurs[days - first] = True
    before, changes, after = (np.zeros(len(occurs), dtype=np.int64) for _ in range(3))
    for place in np.flatnonzero(occurs).tolist():
        before[place], changes[place], after[place] = _offsets(first + place, zone)
    places = days - first
    offsets = np.where(instants < changes[places], before[places], after[places])
    local = (instants + offsets) // DAY
    start = int(local.min())
    dates: Integers = _calendar(start, int(local.max()) + 1)[local - start]
    return dates


@lru_cache(maxsize=65_536)
def _offsets(day: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """Return a UTC day's first offset, the instant at which it changes, and the offset after that.

    If it does not change, the instant is the day's end.
    """
    start, end = day * DAY, (day + 1) * DAY
    before, after = offset_at(start, zone), offset_at(end - 1, zone)
    if before == after:
        return before, end, after
    instants = range(start, end)
    change = instants[bisect_left(instants, True, key=lambda instant: offset_at(instant, zone) != before)]
    return before, change, after


def _calendar(start: int, stop: int) -> Integers:
    """Return `month * 32 + day` of each day from `start` to before `stop`.

    Days are counted from 1970-01-01.
    """
    days = np.arange(start, stop).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    dates: Integers = month * 32 + day
    return dates
