"""The properties of a profile or event as bytes: compact JSON, the one form of values on disk.

A time is `{"time": milliseconds}`; a number always has a fraction or an exponent (`42.0`), so that
it is read as a float; a list is an array. After the JSON is parsed only times and lists need
converting. Most documents have neither, which the bytes show without looking at the values. A new
kind of value needs a shape that no other kind can take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from coterie.rules.values import Instant, Value


def encode(values: Mapping[str, Value]) -> bytes:
    """The document of coerced values: numbers are finite floats, texts are valid Unicode."""
    return orjson.dumps(values, default=_tag, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def decode(data: bytes) -> dict[str, Value]:
    """The values of a document, in the order in which they were encoded."""
    values: dict[str, Any] = orjson.loads(data)
    if b"[" in data or data.find(b"{", 1) > 0:  # true of texts with a bracket as well, which does no harm
        for name, value in values.items():
            if type(value) is dict:
                values[name] = Instant(value["time"])
            elif type(value) is list:
                values[name] = tuple(value)
    return values


def decode_columns(array: str, names: Sequence[str]) -> dict[str, list[Value | None]]:
    """The values of many documents by name, None where one has none.

    The documents come as one JSON array, because parsing it at once is faster.
    """
    documents: list[dict[str, Any]] = orjson.loads(array)
    columns = {name: [document.get(name) for document in documents] for name in names}
    if array.find("[", 1) > 0 or ":{" in array:
        return {name: [_converted(value) for value in column] for name, column in columns.items()}
    return columns


def _converted(value: Any) -> Value | None:
    if type(value) is dict:
        return Instant(value["time"])
    return tuple(value) if type(value) is list else value


def _tag(value: object) -> object:
    """What to write for a subclass of a plain type, such as a time. orjson calls this for them."""
    if isinstance(value, Instant):
        return {"time": int(value)}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is not a property value")
