"""The window of a measure at a moment, as one range of instants; and the two halves of `change`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from coterie.rules.calendar import calendar_range
from coterie.rules.kernel import Measured, TimeAround, TimeInCalendar, TimeRange
from coterie.rules.moment import Moment
from coterie.rules.subjects import halves

WindowLeaf: TypeAlias = TimeRange | TimeAround | TimeInCalendar
Window: TypeAlias = tuple[WindowLeaf, ...]

EARLIEST: Final = -(2**62)
LATEST: Final = 2**62


def bounds(window: Window, moment: Moment) -> tuple[int, int]:
    """The first and the last instant in it; the first is later where there is none."""
    leaf = window[0]
    if isinstance(leaf, TimeAround) and len(window) == 1:  # the usual one, without a detour
        now = moment.now
        return EARLIEST if leaf.low is None else now + leaf.low, LATEST if leaf.high is None else now + leaf.high
    low, high = EARLIEST, LATEST
    for leaf in window:
        first, last = _range(leaf, moment)
        low = low if first is None else max(low, first)
        high = high if last is None else min(high, last)
    return low, high


def windows(subject: Measured) -> tuple[Window, ...]:
    """The windows over which the subject is measured: one, but for `change` the later and the earlier."""
    return tuple((leaf,) for leaf in halves(subject.window)) if subject.measure == "change" else (subject.window,)


def _range(leaf: WindowLeaf, moment: Moment) -> tuple[int | None, int | None]:
    match leaf:
        case TimeAround(_, low, high):
            now = int(moment.now)
            return None if low is None else now + low, None if high is None else now + high
        case TimeRange(_, low, high):
            return low, high
        case TimeInCalendar(_, word):
            return _calendar_range(word, moment)


_calendar_range = lru_cache(maxsize=256)(calendar_range)
