r"""Parses bodies that are not quite JSON: `NaN`, `Infinity`, half a surrogate pair, `1e400`.

Some trackers write them all the same, and the strict parser refuses the whole body: a batch of two
thousand events would be lost for one price that is not a number. Such a body is parsed again by
Python's own parser, which takes these values. Each message that holds one is marked `Unreadable`
and dropped like any other bad message. A body that this parser refuses too gets the strict
parser's error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from coterie.errors import InvalidInput, InvalidValue, Path
from coterie.http.bodies import parse_json
from coterie.http.errors import MalformedJson
from coterie.http.tracking.flatten import DEPTH_MAX, too_deep
from coterie.rules.names import is_encodable

DIGITS_MAX: Final = 4_300
"""Of a whole number that Python reads. A longer one stays text, as `flatten` would make it."""

_PARSED_BY_PYTHON_ALONE = re.compile(rb"NaN|Infinity|\\u[dD][89a-fA-F]|\d{19}|[eE]\+?\d{3}")
"""What a body may hold that Python's parser takes and the strict one refuses."""

_LEVELS = DEPTH_MAX + 3
"""Of a message; `flatten` counts from its properties."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that holds a value that cannot be read, and the error for it."""

    message: object
    error: InvalidInput


def parse(text: bytes) -> tuple[object, MalformedJson | None]:
    """The values, and the strict parser's error where only the lenient parser took the text.

    With such an error, the values may hold anything that `mark_unreadable` looks for. Raises
    MalformedJson.
    """
    try:
        return parse_json(text), None
    except MalformedJson as error:
        if not _PARSED_BY_PYTHON_ALONE.search(text):
            raise
        try:
            return json.loads(text.decode(), parse_int=_whole), error
        except (ValueError, RecursionError):
            raise error from None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS_MAX else digits


def mark_unreadable(messages: Sequence[object]) -> list[object]:
    """The messages, with `Unreadable` in the place of each that cannot be read."""
    return [
        message if (error := unreadable_value(message)) is None else Unreadable(message, error) for message in messages
    ]


def unreadable_value(value: object, path: Path = ()) -> InvalidInput | None:
    """The error for the first value inside `value` that cannot be read."""
    match value:
        case float() if not isfinite(value):
            return InvalidValue("NaN, infinities and numbers past every double are not values.", path=path)
        case str() if not is_encodable(value):
            return InvalidValue("The text holds half a surrogate pair, which is not Unicode.", path=path)
        case dict() | list() if len(path) > _LEVELS:
            return too_deep(path)
        case dict():
            if not all(map(is_encodable, value)):
                return InvalidValue("A key in it holds half a surrogate pair, which is not Unicode.", path=path)
            return _first(value.items(), path)
        case list():
            return _first(enumerate(value), path)
    return None


def _first(items: Iterable[tuple[str | int, object]], path: Path) -> InvalidInput | None:
    errors = (unreadable_value(item, (*path, key)) for key, item in items)
    return next((error for error in errors if error is not None), None)
