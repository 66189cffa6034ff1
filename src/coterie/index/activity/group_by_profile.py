"""Rows brought together by profile.

Either most of a table is wanted, which has that order already (its keys): then the other rows are
left out of it. Or one 64-bit key is sorted for each row, the pid in its upper half and the row's
place in its lower. Where only the number of rows matters, the pids alone are sorted.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coterie.index.activity.selection import Selected, TableRows
from coterie.index.bits import Bools, Pids

Integers = npt.NDArray[Any]

IN_ORDER_FROM: Final = 1 / 4
"""The share of a table's rows from which it is faster to leave the others out of its order than to
sort these."""

_HALF = np.uint64(32)
_LOW_HALF = np.uint64(2**32 - 1)


class ByProfile:
    """Rows with each profile's together.

    `order` brings `rows`, which are as they were given, into that order; None where they are so.

    `by_instant` is whether each profile's rows are in the order of their instants.
    """

    def __init__(self, rows: Selected, order: Pids | None, pids: Integers, by_instant: bool) -> None:
        self.rows = rows
        self.order = order
        self.pids = pids  # in order
        self.by_instant = by_instant

    @classmethod
    def of(cls, rows: Selected) -> ByProfile:
        block = rows.blocks[0] if len(rows.blocks) == 1 else None
        if not isinstance(block, TableRows):
            order, pids = sorted_by(rows.pids)
            return cls(rows, order, pids, by_instant=False)
        there = in_order(block)
        if there is None:
            order, pids = sorted_by(rows.pids)
            there = TableRows(
                block.table,
                order + block.places.start if isinstance(block.places, slice) else block.places[order],
                pids,
            )
        return cls(Selected([there]), None, there.pids, block.in_base)

    def sorted(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """One value for each of `rows`, in the order."""
        return values if self.order is None else values[self.order]


def in_order(block: TableRows) -> TableRows | None:
    """The same rows by profile, None where they have to be sorted.

    They need no sorting where they are most of their table, which has that order.
    """
    table = block.table
    if not table.sorted or len(block) < IN_ORDER_FROM * table.count:
        return None
    keys = table.keys_of(block.places)
    return TableRows(table, (keys & _LOW_HALF).astype(np.int64), _uppers(keys))


class Groups:
    """`pids` are distinct and ascending; the rows of the one at place n begin at `starts[n]`."""

    def __init__(self, pids: Integers) -> None:
        """Of rows in order, which have these pids."""
        self.starts, self.pids = runs(pids)
        self.count = len(pids)

    def lengths(self) -> Pids:
        return np.diff(self.starts, append=self.count)

    def reduced(self, operation: np.ufunc, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The values of each profile made one."""
        reduced: npt.NDArray[Any] = operation.reduceat(values, self.starts) if self.count else values[:0]
        return reduced


def sorted_by(pids: Integers) -> tuple[Pids, Integers]:
    """The order that puts the rows by profile, otherwise as they were; and the pids in it."""
    keys = pids.astype(np.uint64) << _HALF
    keys |= np.arange(len(pids), dtype=np.uint64)
    keys.sort()
    return (keys & _LOW_HALF).astype(np.int64), _uppers(keys)


def _uppers(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    return (keys >> _HALF).astype(np.uint32)


def runs(ascending: Integers) -> tuple[Pids, Pids]:
    """Where each run of equal pids begins, and the pids."""
    if not len(ascending):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], np.flatnonzero(ascending[1:] != ascending[:-1]) + 1))
    return starts, ascending[starts].astype(np.int64)


def counted(rows: Selected) -> tuple[Pids, Pids]:
    """The distinct pids, and how often each occurs."""
    block = rows.blocks[0]
    if len(rows.blocks) == 1 and isinstance(block, TableRows):
        table = block.table
        if isinstance(block.places, slice) and len(rows) == table.count:
            return table.counts()
        there = in_order(block)
        if there is not None:
            groups = Groups(there.pids)
            return groups.pids, groups.lengths()
    groups = Groups(np.sort(rows.pids))
    return groups.pids, groups.lengths()


def only(mask: Bools, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Those that the mask lets through; the same array where it lets all."""
    return values if mask.all() else values[mask]
