"""Flattens the nested documents of trackers into properties. Pure.

    {"address": {"city": "Bonn"}}                          address.city = "Bonn"
    {"tags": ["a", 7]}                                     tags = ["a", "7"]
    {"products": [{"sku": "A1"}, {"sku": "B2"}]}           products.sku = ["A1", "B2"]
    {"account": 9007199254740993}                          account = "9007199254740993"

A property's list holds texts, so list items become text; a list of objects becomes one list for
each of their keys. A whole number beyond 2^53 becomes text, because a double may not hold it
exactly. An object with the single key `time` is an ordinary object here: trackers send times as
texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from coterie.errors import InvalidValue, LimitExceeded, Path
from coterie.rules.coerce import shortest_decimal
from coterie.rules.values import EXACT_INTEGER_MAX, NOT_FINITE

DEPTH_MAX = 64
"""Levels of objects and lists. The name of a property grows far too long before that."""

Flat = dict[str, object]


def flatten(document: Mapping[str, object], path: Path, *, prefix: str = "") -> Flat:
    """Values by dotted name. Null stays null. Where two paths make one name, the later one counts.

    Raises LimitExceeded past `DEPTH_MAX` levels, and InvalidValue for NaN and infinities in lists.
    """
    flat: Flat = {}
    _object(document, prefix, path, flat, DEPTH_MAX)
    return flat


def too_deep(path: Path) -> LimitExceeded:
    """The error for a message with more than `DEPTH_MAX` levels, placed at its field."""
    return LimitExceeded(f"This is nested more than {DEPTH_MAX} levels deep.", path=path[:1])


def _object(document: Mapping[str, object], prefix: str, path: Path, flat: Flat, levels: int) -> None:
    for key, value in document.items():
        match value:
            case dict():
                _object(value, f"{prefix}{key}.", (*path, key), flat, _deeper(levels, (*path, key)))
            case list():
                _list(value, f"{prefix}{key}", (*path, key), flat, _deeper(levels, (*path, key)))
            case _:
                flat[f"{prefix}{key}"] = _exact(value)


def _list(items: list[object], name: str, path: Path, flat: Flat, levels: int) -> None:
    columns: dict[str, list[str]] = {}
    _gather(items, "", path, columns, levels)
    if not columns:
        flat[name] = []
    for below, texts in columns.items():
        flat[f"{name}{below}"] = texts


def _gather(items: list[object], below: str, path: Path, columns: dict[str, list[str]], levels: int) -> None:
    """Every text of the list: its own items under "", those of its objects under ".key"."""
    for place, item in enumerate(items):
        where = (*path, place)
        match item:
            case None:
                continue
            case list():
                _gather(item, below, where, columns, _deeper(levels, where))
            case dict():
                for key, value in item.items():
                    _gather([value], f"{below}.{key}", where, columns, _deeper(levels, where))
            case _:
                columns.setdefault(below, []).append(_text(item, where))


def _deeper(levels: int, path: Path) -> int:
    if levels == 0:
        raise too_deep(path)
    return levels - 1


def _exact(value: object) -> object:
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
            raise InvalidValue(NOT_FINITE, path=path)
