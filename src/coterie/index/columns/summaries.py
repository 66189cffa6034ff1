"""One property's values of one kind summed up: their count, the most common or the range."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from coterie.index.columns.coded import Coded
from coterie.index.columns.dictionary import Lists
from coterie.index.columns.ordered import Ordered
from coterie.index.columns.part import Part
from coterie.model import KindSummary, TopValue
from coterie.rules.values import Instant, Kind

COUNTED_MAX: Final = 2**20
"""Numbers and times up to which the distinct ones are counted."""


def summary(part: Part, top: int) -> KindSummary:
    """Of the values in `part`, which has some."""
    if isinstance(part, Ordered):
        return _range(part)
    if isinstance(part, Coded):
        held = part.held()
        if isinstance(part.dictionary, Lists):
            return _items(part.count, part.dictionary, held, top)
        values = part.dictionary.values
        tops = [TopValue(_text_or_boolean(values[code]), int(held[code])) for code in _commonest(held, top)]
        return KindSummary(part.kind, part.count, int(np.count_nonzero(held)), tuple(tops))
    return KindSummary(part.kind, part.count, None)


def _text_or_boolean(value: object) -> str | bool:
    assert isinstance(value, str | bool)
    return value


def _commonest(held: npt.NDArray[np.int64], top: int) -> list[int]:
    order = np.argsort(-held, kind="stable")[:top]
    return [code for code in order.tolist() if held[code]]


def _items(count: int, lists: Lists, held: npt.NDArray[np.int64], top: int) -> KindSummary:
    """Lists are summed up by their items: how many profiles have each in their list."""
    profiles = {item: int(held[lists.holders(item)].sum()) for item in lists.items()}
    ordered = sorted(((item, of) for item, of in profiles.items() if of), key=lambda one: (-one[1], one[0]))
    return KindSummary(Kind.LIST, count, len(ordered), tuple(TopValue(item, of) for item, of in ordered[:top]))


def _range(part: Ordered) -> KindSummary:
    values = part.present_values()
    distinct = len(np.unique(values)) if len(values) <= COUNTED_MAX else None
    low, high = values.min(), values.max()
    if part.kind is Kind.NUMBER:
        return KindSummary(Kind.NUMBER, part.count, distinct, low=float(low), high=float(high))
    return KindSummary(Kind.TIME, part.count, distinct, low=Instant(low), high=Instant(high))
