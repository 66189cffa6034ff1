"""Instants, dates and durations as text: ISO 8601 as people write it, and `30d`.

Not `fromisoformat`: what that reads differs between versions of Python.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from coterie.rules.nodes import Duration
from coterie.rules.values import DAY, EPOCH, INSTANT_MAX, INSTANT_MIN, MILLISECOND, Instant

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_CLOCK = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?", re.ASCII
)
_DURATION = re.compile(r"([1-9]\d{0,12})([smhdw])", re.ASCII)
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": DAY, "w": 7 * DAY}

DURATION_MAX = 36_525 * DAY
"""One hundred years."""


def parse_date(text: str) -> date | None:
    """`2026-03-01`; None for anything else."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def parse_clock(text: str) -> datetime | None:
    """A date with a time of day, `2026-03-01T09:30:00.250+01:00`; None for anything else.

    Seconds and offset may be left out; digits beyond the microsecond are dropped.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, zulu, sign, ahead_hours, ahead_minutes = match.groups()
    on = parse_date(day)
    if on is None:
        return None
    microsecond = int((fraction or "").ljust(6, "0")[:6])
    try:
        clock = datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0), microsecond)  # noqa: DTZ001 - the zone comes next
        if zulu:
            return clock.replace(tzinfo=UTC)
        if sign:
            ahead = timedelta(hours=int(ahead_hours), minutes=int(ahead_minutes or 0))
            if int(ahead_minutes or 0) > 59:
                return None
            return clock.replace(tzinfo=timezone(ahead if sign == "+" else -ahead))
    except ValueError:
        return None
    return clock


def to_instant(clock: datetime, zone: ZoneInfo | None) -> Instant | None:
    """The instant, rounded down to the millisecond; None outside the years 1 to 9999.

    A clock without an offset is local to `zone`. A local time that occurs twice is the first of the
    two; one that the clocks skip is read as if they had not changed yet.
    """
    if clock.tzinfo is None:
        clock = clock.replace(tzinfo=zone)
    at = (clock - EPOCH) // MILLISECOND
    return Instant(at) if INSTANT_MIN <= at <= INSTANT_MAX else None


def parse_duration(text: str) -> Duration | None:
    """`30m`, `24h`, `7d`, `4w`, up to a hundred years; None for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    length = int(match[1]) * _UNITS[match[2]]
    return Duration(length, text) if length <= DURATION_MAX else None
