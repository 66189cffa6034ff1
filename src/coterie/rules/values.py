"""The values a rule can look at, and how they come in through the door.

Five kinds (`Kind`), five Python types, one to one:

    text     str
    number   float          always float, never int; finite; -0.0 becomes 0.0
    boolean  bool
    time     Instant        UTC milliseconds since the epoch
    list     tuple[str, ..] list of text

A value keeps the kind it was sent with. JSON has no time, so an undeclared time is sent as {"time": "2026-03-01T09:30:00Z"}; a
property declared as time takes the plain string. A missing value is None and is never stored.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from coterie.errors import InvalidValue, Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000
MILLISECOND = timedelta(milliseconds=1)
INSTANT_MIN = -62_135_596_800_000  # 0001-01-01T00:00:00Z
INSTANT_MAX = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
EXACT_INTEGER_MAX = 2**53


class Kind(StrEnum):
    """The kind of a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"


class Instant(int):
    """A point in time: UTC milliseconds since the epoch. A type of its own, so that a time is never taken for a number."""

    __slots__ = ()

    @classmethod
    def of(cls, moment: datetime) -> Instant:
        """`moment` to the millisecond, rounding down. A datetime without a zone is refused: it does not name an instant."""
        if moment.tzinfo is None:
            raise InvalidValue(
                f"{moment.isoformat()} has no time zone.", hint="Give it one, such as tzinfo=datetime.UTC."
            )
        return cls((moment - EPOCH) // MILLISECOND)

    def moment(self) -> datetime:
        return EPOCH + timedelta(milliseconds=int(self))

    def iso(self) -> str:
        """`2026-03-25T14:30:00.000Z`"""
        return self.moment().strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(self) % 1000:03d}Z"

    def __repr__(self) -> str:
        return f"Instant({self.iso()})"


Value: TypeAlias = str | float | bool | Instant | tuple[str, ...]


def kind_of(value: Value) -> Kind:
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
    """`text` for comparison without regard to case: Unicode simple lower-casing, one code point to one.

    Python's `lower` is the full mapping. It differs from the simple one in two places: U+0130 (İ) becomes two code
    points, and a capital sigma at the end of a word becomes a final sigma. Engines do neither.
    """
    if "\u0130" not in text and "\u03a3" not in text:
        return text.lower()
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def start_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The first instant of `day` in `zone`. Where a clock change skips midnight, the first instant that exists."""
    naive_midnight = datetime(day.year, day.month, day.day, tzinfo=zone, fold=0)
    return Instant.of(naive_midnight.astimezone(UTC))


def local_date(at: Instant, zone: ZoneInfo) -> date:
    return at.moment().astimezone(zone).date()


def refuse(message: str, path: Path, hint: str | None = None) -> InvalidValue:
    return InvalidValue(message, path=path, hint=hint)
