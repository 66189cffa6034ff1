"""Documents of any depth, as trackers send them, to the flat properties of ours. Pure.

    {"address": {"city": "Bonn"}}                          address.city = "Bonn"
    {"tags": ["a", 7]}                                     tags = ["a", "7"]
    {"products": [{"sku": "A1"}, {"sku": "B2"}]}           products.sku = ["A1", "B2"]
    {"account": 9007199254740993}                          account = "9007199254740993"

Lists of ours hold texts, so what stands in a list becomes text; a list of objects becomes one list for each of their keys. A whole number
beyond 2^53 becomes text, for a double may not hold it exactly. An object with a single key `time` is an object like any other here: a tracker
has no times but texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from coterie.errors import InvalidValue, LimitExceeded, Path
from coterie.rules.coerce import shortest_decimal
from coterie.rules.values import EXACT_INTEGER_MAX

DEPTH_MAX = 64
"""Objects and lists inside one another. A property's name would be far too long before that."""

Flat = dict[str, object]


def flatten(document: Mapping[str, object], path: Path, *, prefix: str = "") -> Flat:
    """Values by dotted name. Null stays null. Where two paths meet in one name, the later one counts."""
    flat: Flat = {}
    _object(document, prefix, path, flat, DEPTH_MAX)
    return flat


def _object(document: Mapping[str, object], prefix: str, path: Path, flat: Flat, room: int) -> None:
    for key, value in document.items():
        match value:
            case dict():
                _object(value, f"{prefix}{key}.", (*path, key), flat, _deeper(room, (*path, key)))
            case list():
                _list(value, f"{prefix}{key}", (*path, key), flat, _deeper(room, (*path, key)))
            case _:
                flat[f"{prefix}{key}"] = _plain(value)


def _list(items: list[object], name: str, path: Path, flat: Flat, room: int) -> None:
    columns: dict[str, list[str]] = {}
    _gather(items, "", path, columns, room)
    if not columns:
        flat[name] = []
    for below, texts in columns.items():
        flat[f"{name}{below}"] = texts


def _gather(items: list[object], below: str, path: Path, columns: dict[str, list[str]], room: int) -> None:
    """Every text of the list, under "" those that stand in it and under ".key" those of its objects."""
    for place, item in enumerate(items):
        here = (*path, place)
        match item:
            case None:
                continue
            case list():
                _gather(item, below, here, columns, _deeper(room, here))
            case dict():
                for key, value in item.items():
                    _gather([value], f"{below}.{key}", here, columns, _deeper(room, here))
            case _:
                columns.setdefault(below, []).append(_text(item, here))


def _deeper(room: int, path: Path) -> int:
    if room == 0:
        raise LimitExceeded(f"This is nested more than {DEPTH_MAX} levels deep.", path=path[:1])
    return room - 1


def _plain(value: object) -> object:
    if type(value) is int and not -EXACT_INTEGER_MAX <= value <= EXACT_INTEGER_MAX:
        return str(value)
    return value


def _text(value: object, path: Path) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if isfinite(value):
            return shortest_decimal(value)
        case _:
            raise InvalidValue("NaN and infinities are not values.", path=path)
