"""The values that rules compare.

Five kinds (`Kind`), five Python types, one to one:

    text     str
    number   float          always float, never int; finite; -0.0 becomes 0.0
    boolean  bool
    time     Instant        UTC milliseconds since the epoch
    list     tuple[str, ..] list of text

A value keeps the kind it was sent with. JSON has no time, so an undeclared time is sent as
{"time": "2026-03-01T09:30:00Z"}; a property declared as time takes the plain string. A missing
value is None and is never stored. `coerce.py` reads values on input.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from coterie.errors import InvalidValue, Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000
MILLISECOND = timedelta(milliseconds=1)
INSTANT_MIN = -62_135_596_800_000  # 0001-01-01T00:00:00Z
INSTANT_MAX = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
OUTSIDE_YEARS = "is outside the years 1 to 9999"
NOT_FINITE = "NaN and infinities are not values."
TOO_LARGE = "The number is too large."
EXACT_INTEGER_MAX = 2**53
"""Every whole number up to this one, and down to its opposite, is a double exactly."""
FOUR_CENTURIES = 146_097 * DAY


class Kind(StrEnum):
    """The kind of a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"


class Instant(int):
    """A point in time: UTC milliseconds since the epoch. Its own type tells it from a number."""

    __slots__ = ()

    @classmethod
    def of(cls, moment: datetime) -> Instant:
        """`moment`, rounded down to the millisecond. Raises InvalidValue for one without a zone."""
        if moment.tzinfo is None:
            raise no_time_zone(moment, ())
        return cls((moment - EPOCH) // MILLISECOND)

    def moment(self) -> datetime:
        return EPOCH + timedelta(milliseconds=int(self))

    def iso(self) -> str:
        """`2026-03-25T14:30:00.000Z`"""
        return self.moment().replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

    def __repr__(self) -> str:
        return f"Instant({self.iso()})"


Value: TypeAlias = str | float | bool | Instant | tuple[str, ...]


def kind_of(value: Value) -> Kind:
    """The kind of a value, which its Python type decides."""
    match value:
        case bool():
            return Kind.BOOLEAN
        case str():
            return Kind.TEXT
        case Instant():
            return Kind.TIME
        case float() | int():
            return Kind.NUMBER
        case tuple():
            return Kind.LIST
        case _:
            assert_never(value)


def fold(text: str) -> str:
    """`text` for comparison without case: Unicode simple lower-casing, one code point to one.

    Python's `lower` is the full mapping. It differs from the simple one in two places: U+0130 (İ)
    becomes two code points, and a capital sigma at the end of a word becomes a final sigma. Engines
    do neither.
    """
    if "\u0130" not in text and "\u03a3" not in text:
        return text.lower()
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def offset_at(at: int, zone: ZoneInfo) -> int:
    """What local time in `zone` is ahead of UTC at the instant `at`, in milliseconds.

    At the two ends of the calendar local time can leave the years that Python knows. The Gregorian
    calendar, and with it every rule about clocks, repeats after 400 years, so there we ask 400
    years further in.
    """
    if at < INSTANT_MIN + 2 * DAY:
        at += FOUR_CENTURIES
    elif at > INSTANT_MAX - 2 * DAY:
        at -= FOUR_CENTURIES
    ahead = (EPOCH + timedelta(milliseconds=at)).astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // MILLISECOND


def start_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The first instant of `day` in `zone`.

    Where a clock change makes midnight occur twice, it is the first of the two; where it skips
    midnight, the first instant after the gap. A day that the zone skipped starts, empty, when the
    next one does.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    wall = Instant((midnight.replace(tzinfo=UTC) - EPOCH) // MILLISECOND)
    first = Instant.of(midnight)  # fold=0: the first of two midnights, or as if the clocks had not yet changed
    before = wall - first
    if offset_at(first, zone) == before:
        return first
    earliest = Instant.of(midnight.replace(fold=1))  # as if the clocks had changed already, so before they do
    moments = range(earliest, first + 1)
    return Instant(moments[bisect_left(moments, True, key=lambda at: offset_at(at, zone) != before)])


def end_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The last millisecond of `day` in `zone`: the one before the next day starts."""
    if day == date.max:
        return Instant(start_of_day(day, zone) + DAY - 1)
    return Instant(start_of_day(day + timedelta(days=1), zone) - 1)


def local_date(at: int, zone: ZoneInfo) -> date:
    """The day of `zone` that the instant `at` is part of: `start_of_day` <= at <= `end_of_day`.

    That is the local date, except in the hour after clocks go back across midnight: the new day has
    begun by then and does not end again. Beyond the first and last date, it is that date.
    """
    wall = min(max(at + offset_at(at, zone), INSTANT_MIN), INSTANT_MAX)
    day = (EPOCH + timedelta(milliseconds=wall)).date()
    if day < date.max and at >= start_of_day(day + timedelta(days=1), zone):
        return day + timedelta(days=1)
    return day


def json_number(number: float) -> int | float:
    """The number as JSON has it: an integer where it is whole and exact, up to and with 2**53."""
    whole = number.is_integer() and abs(number) <= EXACT_INTEGER_MAX
    return int(number) if whole else float(number)


def inexact(number: int | float) -> str:
    """Why no value can be `number`, as a sentence: no double has it exactly."""
    if isinstance(number, float) and not isfinite(number):
        return NOT_FINITE
    if abs(number) > sys.float_info.max:
        return TOO_LARGE
    return not_exact(number)


def not_exact(number: object) -> str:
    """The sentence for a number that no double has exactly."""
    return f"{number} cannot be held exactly as a number."


def no_time_zone(moment: datetime, path: Path) -> InvalidValue:
    """The error for a datetime without a zone."""
    return refuse(f"{moment.isoformat()} has no time zone.", path, "Give it one, such as tzinfo=datetime.UTC.")


def refuse(message: str, path: Path, hint: str | None = None) -> InvalidValue:
    return InvalidValue(message, path=path, hint=hint)
