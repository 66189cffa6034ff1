"""A profile's properties as bytes: compact JSON, the one form in which values rest on disk.

A time is `{"time": milliseconds}`; a number always has a fraction or an exponent (`42.0`), so that it comes back a float; a list
is an array. Only times and lists need mending after JSON has been read, and most documents have neither, which is seen without looking at
the values. A new kind of value needs a shape here that no other kind can take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from coterie.rules.values import Instant, Value


def encode(values: Mapping[str, Value]) -> bytes:
    """The document of `values`, which have come in through the door: numbers are finite floats, texts are valid Unicode."""
    return orjson.dumps(values, default=_tag, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def decode(data: bytes) -> dict[str, Value]:
    """The values of a document, in the order in which they were encoded."""
    values: dict[str, Any] = orjson.loads(data)
    if b"[" in data or data.find(b"{", 1) > 0:  # also true of texts with a bracket in them, which does no harm
        for name, value in values.items():
            if type(value) is dict:
                values[name] = Instant(value["time"])
            elif type(value) is list:
                values[name] = tuple(value)
    return values


def decode_columns(array: str, names: Sequence[str]) -> dict[str, list[Value | None]]:
    """What many documents have under each of `names`, None where nothing; they come as one JSON array, which is read at once."""
    documents: list[dict[str, Any]] = orjson.loads(array)
    columns = {name: [one.get(name) for one in documents] for name in names}
    if array.find("[", 1) > 0 or ":{" in array:
        return {name: [_mended(value) for value in column] for name, column in columns.items()}
    return columns


def _mended(value: Any) -> Value | None:
    if type(value) is dict:
        return Instant(value["time"])
    return tuple(value) if type(value) is list else value


def _tag(value: object) -> object:
    """Called for what JSON has no word for: subclasses of the plain types, of which a time is one."""
    if isinstance(value, Instant):
        return {"time": int(value)}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is not a property value")
