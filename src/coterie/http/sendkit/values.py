"""Single values as SendKit writes them, to ours and back.

Dates carry no zone in this dialect. A date with a time of day is UTC; a bare date is a day of the workspace's calendar, so that a date
property reads back as the date that was written, and `equals` finds it, whatever the zone.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, cast
from zoneinfo import ZoneInfo

from coterie.errors import CoterieError, InvalidValue, Path
from coterie.http.problem_paths import dotted
from coterie.rules.door import convert, read_value
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.values import EXACT_INTEGER_MAX, Instant, Kind, Value, local_date, start_of_day

_UTC: Final = ZoneInfo("UTC")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE_HINT: Final = "Write 2026-03-01, or 2026-03-01 09:30:00, which is UTC."


def as_uuid(value: object) -> str | None:
    """A UUID in lower case; None when `value` is not one."""
    return value.lower() if isinstance(value, str) and _UUID.fullmatch(value) else None


def _wrong(what: str, path: Path, hint: str | None = None) -> InvalidValue:
    return InvalidValue(f"The {dotted(path)} field {what}.", path=path, hint=hint)


def read_scalar(raw: object, path: Path, zone: ZoneInfo) -> str | float | bool:
    """A string, number or boolean, checked at the door. Anything else is refused."""
    if not isinstance(raw, str | int | float):
        raise _wrong("must be a string, a number or a boolean", path)
    return cast(str | float | bool, read_value(raw, path, zone))


def read_text(raw: object, path: Path, zone: ZoneInfo) -> str:
    return cast(str, convert(read_scalar(raw, path, zone), Kind.TEXT, zone, path))


def read_number(raw: object, path: Path, zone: ZoneInfo) -> float:
    """A number, or a string that is a plain decimal."""
    return cast(float, convert(read_scalar(raw, path, zone), Kind.NUMBER, zone, path))


def read_boolean(raw: object, path: Path, zone: ZoneInfo) -> bool:
    """true or false, or either as a string."""
    return cast(bool, convert(read_scalar(raw, path, zone), Kind.BOOLEAN, zone, path))


def read_date(raw: object, path: Path) -> date | Instant:
    """A bare date, or an instant."""
    if not isinstance(raw, str):
        raise _wrong("must be a date in a string", path, _DATE_HINT)
    text = raw.strip()
    day = parse_date(text)
    if day is not None:
        return day
    clock = parse_clock(text)
    at = to_instant(clock, _UTC) if clock is not None else None
    if at is not None:
        return at
    raise _wrong("must be a date", path, _DATE_HINT)


def read_property(raw: object, kind: Kind, path: Path, zone: ZoneInfo) -> object:
    """The value of a declared property, in a form the workspace takes; None removes it."""
    if raw is None:
        return None
    match kind:
        case Kind.NUMBER:
            return read_number(raw, path, zone)
        case Kind.TIME:
            when = read_date(raw, path)
            return (when if isinstance(when, Instant) else start_of_day(when, zone)).moment()
        case _:
            return read_text(raw, path, zone)


def show_value(value: Value, zone: ZoneInfo) -> str:
    """A property's value, which this dialect shows as a string whatever its type: `42`, `2026-03-01`."""
    if isinstance(value, Instant):
        return local_date(value, zone).isoformat()
    if isinstance(value, tuple):
        return ", ".join(value)
    try:
        return cast(str, convert(value, Kind.TEXT, zone, ()))
    except CoterieError:  # nothing that was stored fails to be written; kept so that a reading never does
        return str(value)


def show_number(number: float) -> int | float:
    """A number as JSON writes it shortest: 42 rather than 42.0."""
    return int(number) if number.is_integer() and abs(number) <= EXACT_INTEGER_MAX else number


def show_instant(at: Instant) -> str:
    """`2026-03-03 10:00:00`, UTC; whole seconds, as SendKit shows them."""
    return at.moment().replace(tzinfo=None, microsecond=0).isoformat(sep=" ")


def show_operand(when: date | Instant) -> str:
    """A date of a condition, exactly: with its milliseconds where it has any."""
    if not isinstance(when, Instant):
        return when.isoformat()
    precision = "milliseconds" if int(when) % 1000 else "seconds"
    return when.moment().replace(tzinfo=None).isoformat(sep=" ", timespec=precision)
