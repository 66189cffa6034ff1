"""Values as text and as JSON, the same in every format."""

from __future__ import annotations

from typing import assert_never

import orjson

from coterie.rules.values import Instant, Value, json_number


def number_text(number: float) -> str:
    """The shortest decimal that reads back as the same number: `42`, `0.5`."""
    return repr(json_number(number))


def cell(value: Value | None) -> str:
    """A value as a cell of text.

    A list is a JSON array; a missing value and the empty text are both an empty cell.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Instant():
            return value.iso()
        case float() | int():
            return number_text(float(value))
        case tuple():
            return orjson.dumps(value).decode()
        case _:
            assert_never(value)


def json_value(value: Value) -> object:
    """A value as JSON without loss: a time, which JSON lacks, is tagged `{"time": ...}`."""
    match value:
        case bool() | str():
            return value
        case Instant():
            return {"time": value.iso()}
        case float() | int():
            return json_number(float(value))
        case tuple():
            return list(value)
        case _:
            assert_never(value)
