"""Values from documents as views, and back.

It does one look-up in Python per value, so that ten thousand rows of ten properties take a few
dozen milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Pids
from coterie.index.columns.coded import CodedView
from coterie.index.columns.codes import code_type
from coterie.index.columns.column import Column
from coterie.index.columns.ordered import OrderedView, ValueMatcher
from coterie.index.columns.part import View
from coterie.index.columns.texts import TextsView
from coterie.rules.values import Instant, Kind, Value, kind_of

Views = dict[Kind, View]
_KINDS: dict[type, Kind] = {
    str: Kind.TEXT, float: Kind.NUMBER, int: Kind.NUMBER, bool: Kind.BOOLEAN, Instant: Kind.TIME, tuple: Kind.LIST,
}  # fmt: skip


def views_of(column: Column, values: list[Value | None], zone: ZoneInfo) -> Views:
    """Return one property's values as views, by kind."""
    types = set(map(type, values))
    types.discard(type(None))
    kinds = {value_type: _KINDS.get(value_type) or _kind_of(value_type, values) for value_type in types}
    if len(set(kinds.values())) == 1:
        return {kind: _view(column, kind, values, zone) for kind in kinds.values()}
    return {
        kind: _view(column, kind, [v if v is not None and kinds[type(v)] is kind else None for v in values], zone)
        for kind in sorted(set(kinds.values()))
    }


def _kind_of(value_type: type, values: list[Value | None]) -> Kind:
    return kind_of(next(value for value in values if value is not None and type(value) is value_type))


def _view(column: Column, kind: Kind, values: list[Any], zone: ZoneInfo) -> View:
    if kind is Kind.NUMBER or kind is Kind.TIME:
        return _ordered(kind, values, zone)
    dictionary = column.dictionary(kind)
    if dictionary is None:
        return TextsView(values)
    codes = dictionary.encode(values)
    return CodedView(dictionary, np.array(codes, dtype=code_type(len(dictionary) - 1)))


def _ordered(kind: Kind, values: list[Any], zone: ZoneInfo) -> OrderedView:
    matcher = ValueMatcher(kind, zone)
    if kind is Kind.NUMBER:
        numbers = np.array(values, dtype=np.float64)  # None becomes NaN, which is never a value
        present = numbers == numbers
        numbers[~present] = 0
        return OrderedView(matcher, numbers, present)
    present = np.array([value is not None for value in values], dtype=np.bool_)
    instants = values if present.all() else [0 if value is None else value for value in values]
    return OrderedView(matcher, np.fromiter(instants, dtype=np.int64, count=len(values)), present)


def listed(view: View, rows: int) -> Sequence[Value | None]:
    """Return the values of a view."""
    match view:
        case CodedView():
            values = view.dictionary.values
            return [values[code] for code in view.codes.tolist()]
        case TextsView(texts=texts) if texts is not None:
            return texts
        case OrderedView():
            make = Instant if view.values.dtype == np.int64 else float
            values_present = zip(view.values.tolist(), view.present().tolist(), strict=True)
            return [make(value) if present else None for value, present in values_present]
    return [view.value(place) for place in range(rows)]


def taken(view: View, places: Pids, rows: int) -> View:
    """Return a view of the rows at `places`."""
    match view:
        case CodedView():
            return CodedView(view.dictionary, view.codes[places])
        case OrderedView():
            return view.taken(places)
    values = listed(view, rows)
    return TextsView(
        [text for text in (values[place] for place in places.tolist()) if text is None or isinstance(text, str)]
    )
