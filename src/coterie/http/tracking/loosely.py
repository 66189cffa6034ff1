"""Bodies with values that JSON does not have, as some trackers write them all the same: `NaN`, `Infinity`, half a surrogate pair, a number past every double.

The strict parser refuses such a body as a whole, and a batch of two thousand events would be lost for one price that is not a number. So what it
refuses is parsed again as Python's own parser does, which takes these; each message that holds one is `Unreadable`, and dropped and named like any
other bad message. What is no JSON for that parser either is refused in the words of the strict one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from coterie.errors import InvalidInput, InvalidValue, LimitExceeded, Path
from coterie.http.bodies import parse_json
from coterie.http.errors import MalformedJson
from coterie.http.tracking.flatten import DEPTH_MAX

DIGITS_MAX: Final = 4_300
"""Of a whole number that Python reads. `flatten` makes a text of a number that long; a longer one is left as it is written."""

_WORTH_IT = re.compile(rb"NaN|Infinity|\\u[dD][89a-fA-F]|\d{19}|[eE]\+?\d{3}")
"""What a body holds that Python's parser may take and the strict one does not."""

_LEVELS = DEPTH_MAX + 3
"""Of a message; `flatten` counts from its properties."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that holds what cannot be read, and what is wrong with it."""

    message: object
    error: InvalidInput


def parse(text: bytes) -> tuple[object, MalformedJson | None]:
    """The values, and the strict parser's complaint where there is one: then they may hold anything that `told_apart` looks for. Raises MalformedJson."""
    try:
        return parse_json(text), None
    except MalformedJson as error:
        if not _WORTH_IT.search(text):
            raise
        try:
            return json.loads(text.decode(), parse_int=_whole), error
        except (ValueError, RecursionError):
            raise error from None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS_MAX else digits


def told_apart(messages: Sequence[object]) -> list[object]:
    """The messages, those that cannot be read as `Unreadable`."""
    return [one if (error := fault_in(one)) is None else Unreadable(one, error) for one in messages]


def fault_in(value: object, path: Path = ()) -> InvalidInput | None:
    """The first value in it that cannot be read."""
    match value:
        case float() if not isfinite(value):
            return InvalidValue("NaN, infinities and numbers past every double are not values.", path=path)
        case str() if not _is_unicode(value):
            return InvalidValue("The text holds half a surrogate pair, which is not Unicode.", path=path)
        case dict() | list() if len(path) > _LEVELS:
            return LimitExceeded(f"This is nested more than {DEPTH_MAX} levels deep.", path=path[:1])
        case dict():
            if not all(map(_is_unicode, value)):
                return InvalidValue("A name in it holds half a surrogate pair, which is not Unicode.", path=path)
            return _first(value.items(), path)
        case list():
            return _first(enumerate(value), path)
    return None


def _first(members: Iterable[tuple[str | int, object]], path: Path) -> InvalidInput | None:
    return next((error for key, one in members if (error := fault_in(one, (*path, key))) is not None), None)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
