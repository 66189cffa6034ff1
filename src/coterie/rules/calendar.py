"""Calendar words, anniversaries and midnights, cut in the workspace's zone.

Days start at their first instant that exists (`values.start_of_day`), weeks on Monday, quarters in
January, April, July and October. All ranges are instants in milliseconds, inclusive at both ends.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from coterie.rules.moment import Moment
from coterie.rules.values import (
    FOUR_CENTURIES,
    INSTANT_MAX,
    INSTANT_MIN,
    Instant,
    end_of_day,
    local_date,
    offset_at,
    start_of_day,
)

CALENDAR_WORDS = (
    "yesterday", "today", "tomorrow",
    "last_week", "this_week", "next_week",
    "last_month", "this_month", "next_month",
    "last_quarter", "this_quarter", "next_quarter",
    "last_year", "this_year", "next_year",
)  # fmt: skip

_DAY_WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_STEPS = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def calendar_range(word: str, moment: Moment) -> tuple[int, int]:
    """The first and last millisecond of the period that `word` names at `moment`."""
    first, last = _dates(word, local_date(moment.now, moment.zone))
    return start_of_day(first, moment.zone), end_of_day(last, moment.zone)


def next_midnight(moment: Moment) -> Instant:
    """The start of the next local day, when calendar words and anniversaries move."""
    today = local_date(moment.now, moment.zone)
    for ahead in range(4):  # more than one only where the zone skipped a day
        start = start_of_day(today + timedelta(days=ahead), moment.zone)
        if start > moment.now:
            return start
    raise AssertionError("no zone skips three days")


def anniversary_days(days: int, moment: Moment) -> frozenset[tuple[int, int]]:
    """The (month, day) of each of the `days` local dates that start with today.

    In common years 29 February counts as 28 February, so it is among the days where that one is.
    """
    return _anniversary_days(days, local_date(moment.now, moment.zone))


def month_and_day(at: Instant, zone: ZoneInfo) -> tuple[int, int]:
    """The month and day on the wall in `zone` at the instant `at`."""
    local = at + offset_at(at, zone)
    if local < INSTANT_MIN:
        local += FOUR_CENTURIES
    elif local > INSTANT_MAX:
        local -= FOUR_CENTURIES
    day = Instant(local).moment()
    return day.month, day.day


@lru_cache(maxsize=64)
def _anniversary_days(days: int, today: date) -> frozenset[tuple[int, int]]:
    dates = [today + timedelta(days=ahead) for ahead in range(days)]
    plain = {(day.month, day.day) for day in dates}
    kept = {(2, 29) for day in dates if (day.month, day.day) == (2, 28) and not isleap(day.year)}
    return frozenset(plain | kept)


def _dates(word: str, today: date) -> tuple[date, date]:
    """The first and last date of the period."""
    if word in _DAY_WORDS:
        day = today + timedelta(days=_DAY_WORDS[word])
        return day, day
    which, _, unit = word.partition("_")
    step = _STEPS[which]
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    length = _MONTHS[unit]
    month = (today.month - 1) // length * length + step * length
    return _first_of_month(today.year, month), _first_of_month(today.year, month + length) - timedelta(days=1)


def _first_of_month(year: int, month: int) -> date:
    """`month` counts from 0 and may leave the year at either end."""
    return date(year + month // 12, month % 12 + 1, 1)
