"""Summaries of one property's values of one kind.

They count the values and the distinct ones, and give the most common or the range.
"""

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
"""Up to this many numbers or times, the distinct ones are counted."""


def summary(part: Part, top: int) -> KindSummary:
    """Summarise the values in `part`, which has at least one."""
    if isinstance(part, Ordered):
        return _range(part)
    if isinstance(part, Coded):
        row_counts = part.row_counts()
        if isinstance(part.dictionary, Lists):
            return _items(part.count, part.dictionary, row_counts, top)
        values = part.dictionary.values
        tops = [TopValue(_text_or_boolean(values[code]), int(row_counts[code])) for code in _commonest(row_counts, top)]
        return KindSummary(part.kind, part.count, int(np.count_nonzero(row_counts)), tuple(tops))
    return KindSummary(part.kind, part.count, None)


def _text_or_boolean(value: object) -> str | bool:
    assert isinstance(value, str | bool)
    return value


def _commonest(row_counts: npt.NDArray[np.int64], top: int) -> list[int]:
    order = np.argsort(-row_counts, kind="stable")[:top]
    return [code for code in order.tolist() if row_counts[code]]


def _items(lists_count: int, lists: Lists, row_counts: npt.NDArray[np.int64], top: int) -> KindSummary:
    """Summarise lists by their items: how many profiles have each in their list."""
    profiles = {item: int(row_counts[lists.holders(item)].sum()) for item in lists.items()}
    ordered = sorted(((item, count) for item, count in profiles.items() if count), key=lambda pair: (-pair[1], pair[0]))
    return KindSummary(
        Kind.LIST, lists_count, len(ordered), tuple(TopValue(item, count) for item, count in ordered[:top])
    )


def _range(part: Ordered) -> KindSummary:
    values = part.present_values()
    distinct = len(np.unique(values)) if len(values) <= COUNTED_MAX else None
    low, high = values.min(), values.max()
    if part.kind is Kind.NUMBER:
        return KindSummary(Kind.NUMBER, part.count, distinct, low=float(low), high=float(high))
    return KindSummary(Kind.TIME, part.count, distinct, low=Instant(low), high=Instant(high))
