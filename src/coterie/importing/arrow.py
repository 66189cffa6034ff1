"""Arrow columns as values that a workspace accepts, for Parquet, Arrow tables and data frames.

    integers, floats, decimals -> number (NaN is missing)
    string -> text · bool -> boolean · list of string -> list
    timestamp with a zone -> that instant
    timestamp without a zone, date -> local to the workspace's zone
    dictionary -> the kind of its values

Values are flat. A struct, a map, a list of anything but text, bytes, a time of day and a length of
time are refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pyarrow as pa
from pyarrow import types

from coterie.errors import InvalidInput
from coterie.exporting.as_parquet import MIXED
from coterie.rules.values import Kind

Values: TypeAlias = list[object]
Converter: TypeAlias = Callable[[Any], Values]

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's, on purpose


def converter(field: Any) -> tuple[Kind | None, Converter]:
    """The kind of a field's values, and a function from an array to Python values.

    The kind is None where each value has its own; a missing value is None. Raises InvalidInput for
    a type without a kind.
    """
    if field.metadata and MIXED.items() <= field.metadata.items():
        return None, _json
    kind, convert = _of_type(field.name, field.type)
    return kind, convert


def _of_type(name: str, type_: Any) -> tuple[Kind | None, Converter]:
    if types.is_dictionary(type_):
        kind, inner = _of_type(name, type_.value_type)
        return kind, lambda array: inner(array.cast(type_.value_type))
    for fits, kind, convert in _TYPES:
        if fits(type_):
            return kind, convert
    if _is_text_list(type_):
        return Kind.LIST, _plain
    raise InvalidInput(
        f"Column {name!r} is {type_}, which no kind of property can hold.",
        path=(name,),
        hint="Properties are text, number, boolean, time or list of text. Flatten the column, or leave it out.",
    )


def _is_text_list(type_: Any) -> bool:
    if not (
        types.is_list(type_)
        or types.is_large_list(type_)
        or types.is_fixed_size_list(type_)
        or types.is_list_view(type_)
    ):
        return False
    item = type_.value_type
    item = item.value_type if types.is_dictionary(item) else item
    return _is_text(item) or types.is_null(item)


def _is_text(type_: Any) -> bool:
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def _is_uuid(type_: Any) -> bool:
    return isinstance(type_, pa.UuidType)


def _plain(array: Any) -> Values:
    return list(array.to_pylist())


def _floats(array: Any) -> Values:
    return [None if value is None or value != value else value for value in array.to_pylist()]


def _decimals(array: Any) -> Values:
    """A decimal as an int where it is whole, so that one too long for a double is refused."""
    return [
        None if value is None else int(value) if value == value.to_integral_value() else float(value)
        for value in array.to_pylist()
    ]


def _texts(array: Any) -> Values:
    return [None if value is None else str(value) for value in array.to_pylist()]


def _json(array: Any) -> Values:
    return [None if value is None else json.loads(value) for value in array.to_pylist()]


def _timestamps(array: Any) -> Values:
    """To the millisecond, rounding down."""
    unit, zoned = _PER_SECOND[array.type.unit], array.type.tz is not None
    milliseconds = [None if ticks is None else ticks * 1_000 // unit for ticks in array.cast(pa.int64()).to_pylist()]
    return [None if at is None else {"time": at if zoned else _wall_clock(at)} for at in milliseconds]


def _wall_clock(milliseconds: int) -> str | int:
    try:
        return (_NAIVE_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    except OverflowError:
        return milliseconds  # before year 1 or after 9999, which the workspace refuses in its own words


def _dates(array: Any) -> Values:
    return [None if value is None else {"time": value.isoformat()} for value in array.to_pylist()]


_TYPES: tuple[tuple[Callable[[Any], bool], Kind | None, Converter], ...] = (
    (types.is_null, Kind.TEXT, _plain),
    (types.is_boolean, Kind.BOOLEAN, _plain),
    (types.is_integer, Kind.NUMBER, _plain),
    (types.is_floating, Kind.NUMBER, _floats),
    (types.is_decimal, Kind.NUMBER, _decimals),
    (types.is_timestamp, Kind.TIME, _timestamps),
    (types.is_date, Kind.TIME, _dates),
    (_is_text, Kind.TEXT, _plain),
    (_is_uuid, Kind.TEXT, _texts),
)
