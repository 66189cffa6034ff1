"""Coercion of values on input: one of the five kinds, exact, finite and storable, or refused.

`read_value` takes a value and keeps its kind. `convert` changes the kind, for a property that is
declared with another one. `read_declared` does both. Each raises InvalidValue or LimitExceeded with
the path that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import inf, isfinite
from numbers import Integral, Real
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.errors import InvalidValue, Path, over_limit
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.limits import ValueLimits
from coterie.rules.names import check_length, unfit_text
from coterie.rules.values import (
    INSTANT_MAX,
    INSTANT_MIN,
    OUTSIDE_YEARS,
    TOO_LARGE,
    Instant,
    Kind,
    Value,
    inexact,
    kind_of,
    no_time_zone,
    not_exact,
    refuse,
    start_of_day,
)

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_SPACES = " \t\r\n"
_TIME_HINT = "ISO 8601: 2026-03-01T09:30:00Z, or 2026-03-01."
_DEFAULTS = ValueLimits()


def read_value(raw: object, path: Path, zone: ZoneInfo, limits: ValueLimits = _DEFAULTS) -> Value:
    """The value of an undeclared property: it keeps the kind it has in `raw`.

    `raw` is a JSON value, {"time": ...} with ISO 8601 text or milliseconds, or a Python datetime or
    date. A clock time without an offset is local to `zone`; a date is its first instant there. Null
    is not a value: the caller removes the property.
    """
    match raw:
        case bool():
            return raw
        case str():
            return _text(raw, path, limits)
        case Instant():
            return _within(int(raw), path)
        case int() | float():
            return _number(raw, path)
        case Integral():  # NumPy's
            return _number(int(raw), path)
        case Real():
            return _number(float(raw), path)
        case datetime():
            return _of_datetime(raw, path)
        case date():
            return start_of_day(raw, zone)
        case list() | tuple():
            return _list(raw, path, limits)
        case Mapping() if raw.keys() == {"time"}:
            return _tagged(raw["time"], (*path, "time"), zone)
        case None:
            raise refuse("Null is not a value; it removes the property.", path)
        case Mapping():
            raise refuse(
                "A value cannot be an object.", path, 'Only a time is written as one: {"time": "2026-03-01T09:30:00Z"}.'
            )
        case _:
            raise refuse(
                f"A value cannot be a {type(raw).__name__}.", path, "Text, number, true or false, time, list of texts."
            )


def read_declared(raw: object, kind: Kind, zone: ZoneInfo, path: Path, limits: ValueLimits = _DEFAULTS) -> Value:
    """The value of a property that is declared as `kind`."""
    if kind is Kind.TIME and isinstance(raw, str):
        return _time(raw, path, zone)
    return convert(read_value(raw, path, zone, limits), kind, zone, path)


def convert(value: Value, kind: Kind, zone: ZoneInfo, path: Path) -> Value:
    """`value` as `kind`. Raises InvalidValue where that is not plain."""
    if kind_of(value) is kind:
        return value
    match kind:
        case Kind.TEXT:
            return _to_text(value, path)
        case Kind.NUMBER if isinstance(value, str):
            return _to_number(value, path)
        case Kind.BOOLEAN if isinstance(value, str):
            return _to_boolean(value, path)
        case Kind.TIME if isinstance(value, str):
            return _time(value, path, zone)
        case Kind.LIST if isinstance(value, str):
            return (value,)
        case Kind.NUMBER | Kind.BOOLEAN | Kind.TIME | Kind.LIST:
            raise _mismatch(value, kind, path)
        case _:
            assert_never(kind)


# --- as sent --------------------------------------------------------------------------------------


def _text(raw: str, path: Path, limits: ValueLimits) -> str:
    check_length(raw, limits.text_length_max, "The text", path, "text_length_max")
    why = unfit_text(raw)
    if why is not None:
        raise refuse(f"The text {why}, which cannot be stored.", path, "Remove it.")
    return raw


def _number(raw: int | float, path: Path) -> float:
    try:
        number = float(raw)
    except OverflowError:
        number = inf
    if number != raw or not isfinite(number):
        nothing = isinstance(raw, float)  # NaN, or an infinity
        hint = "Leave the property out, or send null to remove it." if nothing else "Send it as text."
        raise refuse(inexact(raw), path, hint)
    return number + 0.0  # -0.0 becomes 0.0


def _of_datetime(raw: datetime, path: Path) -> Instant:
    if raw.tzinfo is None:
        raise no_time_zone(raw, path)
    at = to_instant(raw, None)
    if at is None:
        raise refuse(f"The time {OUTSIDE_YEARS}.", path)
    return at


def _list(raw: list[object] | tuple[object, ...], path: Path, limits: ValueLimits) -> tuple[str, ...]:
    if len(raw) > limits.list_length_max:
        raise over_limit("The list", len(raw), "items", limits.list_length_max, "list_length_max", path=path)
    items: list[str] = []
    for place, item in enumerate(raw):
        if not isinstance(item, str):
            raise refuse("A list holds texts only.", (*path, place), "Write every item as text.")
        items.append(_text(item, (*path, place), limits))
    return tuple(items)


def _tagged(raw: object, path: Path, zone: ZoneInfo) -> Instant:
    if isinstance(raw, str):
        return _time(raw, path, zone)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return _within(raw, path)
    raise refuse("A time is ISO 8601 text, or whole milliseconds since 1970.", path, _TIME_HINT)


def _time(raw: str, path: Path, zone: ZoneInfo) -> Instant:
    day = parse_date(raw)
    if day is not None:
        return start_of_day(day, zone)
    clock = parse_clock(raw)
    at = to_instant(clock, zone) if clock is not None else None
    if at is None:
        raise refuse(f"{raw[:60]!r} is not a time.", path, _TIME_HINT)
    return at


def _within(at: int, path: Path) -> Instant:
    if not INSTANT_MIN <= at <= INSTANT_MAX:
        raise refuse(f"The time {OUTSIDE_YEARS}.", path, "Milliseconds since 1970-01-01T00:00:00Z.")
    return Instant(at)


# --- as declared ----------------------------------------------------------------------------------


def _to_text(value: Value, path: Path) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Instant():
            return value.iso()
        case float():
            return shortest_decimal(value)
        case _:
            raise _mismatch(value, Kind.TEXT, path)


def shortest_decimal(number: float) -> str:
    """The fewest digits that read back as the same number, without an exponent: 42, 0.5."""
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")


def _to_number(text: str, path: Path) -> float:
    plain = text.strip(_SPACES)
    if not _DECIMAL.fullmatch(plain):
        raise refuse(
            f"{text[:60]!r} is not a number.", path, "This property is declared as a number, such as 42 or 0.5."
        )
    number = float(plain)
    if not isfinite(number):
        raise refuse(TOO_LARGE, path)
    if _INTEGER.fullmatch(plain) and Decimal(plain) not in (Decimal(number), Decimal(repr(number))):
        raise refuse(not_exact(plain[:60]), path, "Declare the property as text.")
    return number + 0.0


def _to_boolean(text: str, path: Path) -> bool:
    match text.strip(_SPACES).lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise refuse(f"{text[:60]!r} is neither true nor false.", path, "This property is declared as boolean.")


def _mismatch(value: Value, kind: Kind, path: Path) -> InvalidValue:
    hint = "Send it as declared, or change the declaration."
    if kind is Kind.TIME:
        hint = f'{_TIME_HINT} Milliseconds since 1970 say so: {{"time": 1772357400000}}.'
    return refuse(f"This property is declared as {kind.value}; a {kind_of(value).value} was sent.", path, hint)
