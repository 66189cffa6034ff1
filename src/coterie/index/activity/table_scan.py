"""The rows of a table that match `where` in a window: a slice of the base, and some of the tail.

The cost follows the slice. A leaf of `where` that is asked about most of the table is answered for
all of it and cached, packed, until the table changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from coterie.index import bits
from coterie.index.activity.selection import Block, TableRows, instants_judged, judged
from coterie.index.activity.table import Table
from coterie.index.bits import Bools
from coterie.index.columns.column import Column
from coterie.index.columns.part import BLOCK
from coterie.index.combine import combined
from coterie.index.resolve import ResolvedLeaf, resolve
from coterie.rules.kernel import AT, Leaf, Lowered, MemberOf, Sampled
from coterie.rules.moment import Moment

CACHE_SHARE_MIN: Final = 1 / 4
"""The share of a table in a window from which a leaf of `where` is answered for all of it."""


class TableScan:
    """The places of a table with an instant from `low` to `high`."""

    def __init__(self, table: Table, low: int, high: int) -> None:
        self._table = table
        self._first, self._last = table.slice_between(low, high)
        self._tail = table.tail_between(low, high)

    def blocks(self, where: Lowered | None, moment: Moment) -> list[Block]:
        table = self._table
        rows = slice(self._first, self._last)
        matches: Bools | None = None if where is None else self._meet(where, moment)
        if table.dead_count:
            alive = ~table.dead[rows]
            matches = alive if matches is None else matches & alive
        if matches is None and not len(self._tail):
            return [TableRows(table, rows)]
        base = np.arange(self._first, self._last) if matches is None else self._first + np.flatnonzero(matches)
        if not len(self._tail):
            return [TableRows(table, base)]
        tail = TableRows(table, self._tail)
        if where is not None:
            tail = tail.only(judged(where, tail, moment))
        return [TableRows(table, np.concatenate((base, tail.listed())))]

    def _meet(self, where: Lowered, moment: Moment) -> Bools:
        """Which places of the slice meet `where`."""

        def leaf_rows(leaf: Leaf) -> Bools:
            assert not isinstance(leaf, MemberOf | Sampled)  # a row of activity is not a profile
            resolved = resolve(leaf, moment)
            if resolved.property == AT:
                return instants_judged(resolved, self._table.ats[self._first : self._last], moment)
            assert isinstance(resolved.property, str)
            return self._leaf(resolved, self._table.column(resolved.property))

        return combined(where, leaf_rows, np.ones(self._last - self._first, dtype=np.bool_))

    def _leaf(self, resolved: ResolvedLeaf, column: Column) -> Bools:
        table = self._table
        words = table.where.find(resolved, column, table.count)
        if words is None and self._last - self._first >= CACHE_SHARE_MIN * table.count:
            words = bits.pack(scanned(column, resolved, 0, table.count))
            table.where.add(resolved, words, column.version)
        if words is None:
            return scanned(column, resolved, self._first, self._last)
        start = self._first >> 6
        return bits.unpack(words[start:], self._last - (start << 6))[self._first - (start << 6) :]


def scanned(column: Column, resolved: ResolvedLeaf, first: int, last: int) -> Bools:
    """For the rows from `first` to before `last`, whether a leaf matches."""
    start = first & ~63  # scans begin at whole words
    verdicts = np.zeros(last - start, dtype=np.bool_)
    for part in column.parts_for(resolved):
        scan = part.scan(resolved)
        stop = min(last, part.length)
        if scan is not None:
            for low in range(start, stop, BLOCK):
                high = min(low + BLOCK, stop)
                verdicts[low - start : high - start] |= scan(low, high)
    return verdicts[first - start :]
