"""Values as SendKit writes them: of a contact's property, and of a condition.

Dates carry no zone in this dialect. A date with a time of day is UTC. A bare date is a day of the
workspace's calendar, so that a date property reads back as it was written, and `equals` matches it,
in every zone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar, cast
from zoneinfo import ZoneInfo

from coterie.http.sendkit.grammar import DAYS_MAX, Context
from coterie.http.sendkit.wording import wrong
from coterie.rules.coerce import convert, read_value
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.names import canonical_uuid
from coterie.rules.nodes import Duration
from coterie.rules.values import DAY, Instant, Kind, start_of_day

T = TypeVar("T")

VALUES_MAX: Final = 1_000
"""Values in the array of an `in` or `not_in`."""

_UTC: Final = ZoneInfo("UTC")
_DATE_HINT: Final = "Write 2026-03-01, or 2026-03-01 09:30:00, which is UTC."


def read_scalar(raw: object, zone: ZoneInfo) -> str | float | bool:
    """A string, number or boolean that can be stored.

    Raises PydanticCustomError, InvalidValue.
    """
    if not isinstance(raw, str | int | float):
        raise wrong("must be a string, a number or a boolean")
    return cast(str | float | bool, read_value(raw, (), zone))


def read_text(raw: object, zone: ZoneInfo) -> str:
    return cast(str, convert(read_scalar(raw, zone), Kind.TEXT, zone, ()))


def read_number(raw: object, zone: ZoneInfo) -> float:
    """A number, or a string that is a plain decimal."""
    return cast(float, convert(read_scalar(raw, zone), Kind.NUMBER, zone, ()))


def read_boolean(raw: object, zone: ZoneInfo) -> bool:
    """true or false, or either as a string."""
    return cast(bool, convert(read_scalar(raw, zone), Kind.BOOLEAN, zone, ()))


def read_date(raw: object) -> date | Instant:
    """A bare date, or an instant."""
    if not isinstance(raw, str):
        raise wrong("must be a date in a string", _DATE_HINT)
    text = raw.strip()
    day = parse_date(text)
    if day is not None:
        return day
    clock = parse_clock(text)
    at = to_instant(clock, _UTC) if clock is not None else None
    if at is not None:
        return at
    raise wrong("must be a date", _DATE_HINT)


def read_property(raw: object, kind: Kind | None, zone: ZoneInfo) -> object:
    """The value for a property of this kind, in a form the workspace takes. None removes it."""
    if raw is None:
        return None
    match kind:
        case Kind.NUMBER:
            return read_number(raw, zone)
        case Kind.TIME:
            when = read_date(raw)
            return (when if isinstance(when, Instant) else start_of_day(when, zone)).moment()
        case _:
            return read_text(raw, zone)


@dataclass(frozen=True, slots=True)
class SentValue:
    """The value of a condition.

    Every method raises PydanticCustomError or InvalidValue when the value does not have its form.
    """

    raw: object
    context: Context

    def require_none(self) -> None:
        if self.raw is not None:
            raise wrong("must be null or absent for this operator")

    def require(self) -> None:
        if self.raw is None:
            raise wrong("is required for this operator")

    def each(self, read: Callable[[object], T]) -> tuple[T, ...]:
        """The array that `in` and `not_in` take."""
        if not isinstance(self.raw, list) or not self.raw:
            raise wrong("must be an array with at least 1 item for this operator")
        if len(self.raw) > VALUES_MAX:
            raise wrong(f"must not have more than {VALUES_MAX} items")
        return tuple(read(item) for item in self.raw)

    def text(self, raw: object) -> str:
        return read_text(raw, self.context.zone)

    def number(self, raw: object) -> float:
        return read_number(raw, self.context.zone)

    def boolean(self) -> bool:
        return read_boolean(self.raw, self.context.zone)

    def date_or_instant(self) -> date | Instant:
        return read_date(self.raw)

    def day(self) -> date:
        when = self.date_or_instant()
        if isinstance(when, Instant):
            raise wrong(
                "must be a bare date for this operator", "Write 2026-03-01; before and after take a time of day."
            )
        return when

    def days(self) -> Duration:
        count = self.number(self.raw)
        if not count.is_integer() or not 1 <= count <= DAYS_MAX:
            raise wrong(f"must be a whole number of days from 1 to {DAYS_MAX}")
        return Duration(int(count) * DAY, f"{int(count)}d")

    def list_id(self, raw: object) -> str:
        uuid = canonical_uuid(raw)
        if uuid is None or not self.context.is_list(uuid):
            raise wrong("must be the id of a list")
        return uuid

    def segment_id(self, raw: object) -> str:
        uuid = canonical_uuid(raw)
        if uuid is None or not self.context.is_segment(uuid):
            raise wrong("must be the id of a segment")
        return uuid
