"""The kind of a column of text, and each cell as a value of that kind.

A column is a number, a boolean or a time only when every cell in the sample is. A leading zero or
a plus sign makes it text, because codes and telephone numbers are written that way, and so does a
whole number too long for a double. Dates such as 03/04/2026 are text, because the month is
ambiguous.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from coterie.exporting.cells import number_text
from coterie.rules.values import Kind

_SURE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_ANY_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
_CODE = re.compile(r"\+.*|-?0[0-9].*")  # of what could be a number
_DIGITS_MAX = 400  # more than any double has
_SHOWN_MAX = 60
_NEARLY = 0.9  # the share of cells from which on the others look like mistakes


class Misfit(Exception):
    """A cell that does not fit its column's kind. Its text is the reason."""


def infer(cells: Iterable[str]) -> Kind | None:
    """The kind of a column from the cells of a sample; None when all are empty."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return None
    for kind, fits in (
        (Kind.BOOLEAN, _is_boolean),
        (Kind.NUMBER, _is_number),
        (Kind.TIME, _is_time),
        (Kind.LIST, _is_list),
    ):
        if all(map(fits, filled)):
            return kind
    return Kind.TEXT


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A column that is text because of a few cells; `first` is the index of the first of them."""

    kind: Kind
    fitting: int
    filled: int
    first: int


def near_miss(cells: Sequence[str]) -> NearMiss | None:
    """The kind that nearly all filled cells of a text column have.

    None without one, and where the others are codes written like numbers, which must stay text.
    """
    filled = [place for place, cell in enumerate(cells) if cell]
    for kind, fits in ((Kind.BOOLEAN, _is_boolean), (Kind.NUMBER, _is_number), (Kind.TIME, _is_time)):
        misfits = [place for place in filled if not fits(cells[place])]
        fitting = len(filled) - len(misfits)
        if misfits and fitting >= _NEARLY * len(filled):
            if kind is Kind.NUMBER and any(_is_code(cells[place]) for place in misfits):
                return None
            return NearMiss(kind, fitting, len(filled), misfits[0])
    return None


def reads_as(cell: str, kind: Kind) -> bool:
    """Whether a filled cell can be read as the kind, even where `infer` would not guess it."""
    try:
        read_cell(cell, kind)
    except Misfit:
        return False
    return True


def read_cell(cell: str, kind: Kind, list_separator: str | None = None) -> object:
    """A filled cell as the workspace accepts values of the kind. Raises Misfit."""
    match kind:
        case Kind.TEXT:
            return cell
        case Kind.NUMBER:
            return _number(cell)
        case Kind.BOOLEAN:
            if not _is_boolean(cell):
                raise Misfit(f"{quoted(cell)} is neither true nor false")
            return cell.strip().lower() == "true"
        case Kind.TIME:
            if not _is_time(cell):
                raise Misfit(f"{quoted(cell)} is not an ISO 8601 date or time")
            return {"time": _iso(cell)}
        case Kind.LIST:
            return _list(cell, list_separator)
        case _:
            assert_never(kind)


def fitted(raw: object, kind: Kind, list_separator: str | None = None) -> object:
    """A value with a kind of its own, converted to `kind`. Raises Misfit."""
    if isinstance(raw, str):
        return read_cell(raw, kind, list_separator) if raw or kind is Kind.TEXT else None
    if kind is Kind.TEXT and isinstance(raw, bool):
        return "true" if raw else "false"
    if kind is Kind.TEXT and isinstance(raw, int):
        return str(raw)
    if kind is Kind.TEXT and isinstance(raw, float):
        return number_text(raw)
    if raw is None or _natural(raw) is kind:
        return raw
    raise Misfit(f"{quoted(str(raw))} is not a {kind.value}")


def quoted(text: str) -> str:
    """A cell for a sentence: quoted and shortened."""
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


def _natural(raw: object) -> Kind | None:
    match raw:
        case bool():
            return Kind.BOOLEAN
        case int() | float():
            return Kind.NUMBER
        case list() | tuple():
            return Kind.LIST
        case datetime() | {"time": _}:
            return Kind.TIME
        case _:
            return None


def _number(cell: str) -> int | float:
    text = cell.strip()
    if len(text) > _DIGITS_MAX or not _ANY_NUMBER.fullmatch(text):
        raise Misfit(f"{quoted(cell)} is not a number")
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def _list(cell: str, separator: str | None) -> list[object]:
    if cell.startswith("["):
        try:
            items = json.loads(cell)
        except (ValueError, RecursionError):
            raise Misfit(f"{quoted(cell)} is not a JSON array") from None
        if isinstance(items, list):
            return items
    return [item for part in cell.split(separator) if (item := part.strip())] if separator else [cell]


def _is_boolean(cell: str) -> bool:
    return cell.strip().lower() in ("true", "false")


def _is_number(cell: str) -> bool:
    text = cell.strip()
    if len(text) > _DIGITS_MAX or not _SURE_NUMBER.fullmatch(text):
        return False
    return not _WHOLE.fullmatch(text) or int(float(text)) == int(text)


def _is_code(cell: str) -> bool:
    """Whether a number is written as a code or a telephone number, or too long for a double."""
    text = cell.strip()
    if len(text) > _DIGITS_MAX or not _ANY_NUMBER.fullmatch(text):
        return False
    return _CODE.fullmatch(text) is not None or bool(_WHOLE.fullmatch(text) and not _is_number(text))


def _is_time(cell: str) -> bool:
    text = cell.strip()
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_list(cell: str) -> bool:
    if not cell.startswith("["):
        return False
    try:
        items = json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return isinstance(items, list) and all(isinstance(item, str) for item in items)


def _iso(cell: str) -> str:
    return cell.strip().replace(" ", "T")
