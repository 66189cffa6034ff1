"""Rows by profile: an order in which each profile's rows are together, and where each begins.

The order comes of sorting one 64-bit key for each row, the pid in its upper half and the row's place in its lower; where only the number of rows matters, of
sorting the pids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Pids

Integers = npt.NDArray[Any]

_HALF = np.uint64(32)
_LOW_HALF = np.uint64(2**32 - 1)


class Groups:
    """`pids` are distinct and ascending; the rows of the one at place n are `order[starts[n] : starts[n + 1]]`."""

    def __init__(self, order: Pids, starts: Pids, pids: Pids) -> None:
        self.order = order
        self.starts = starts
        self.pids = pids

    @classmethod
    def of(cls, pids: Integers) -> Groups:
        """The rows of a profile in the order they were given."""
        keys = pids.astype(np.uint64) << _HALF
        keys |= np.arange(len(pids), dtype=np.uint64)
        keys.sort()
        starts, distinct = runs((keys >> _HALF).astype(np.uint32))
        return cls((keys & _LOW_HALF).astype(np.int64), starts, distinct)

    def lengths(self) -> Pids:
        return np.diff(self.starts, append=len(self.order))

    def rows(self, place: int) -> Pids:
        """The rows of one profile."""
        stop = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.order)
        return self.order[int(self.starts[place]) : stop]


def runs(ascending: Integers) -> tuple[Pids, Pids]:
    """Where each run of equal pids begins, and the pids."""
    if not len(ascending):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], np.flatnonzero(ascending[1:] != ascending[:-1]) + 1))
    return starts, ascending[starts].astype(np.int64)


def counted(pids: Integers) -> tuple[Pids, Pids]:
    """The distinct pids, and how often each occurs."""
    starts, distinct = runs(np.sort(pids))
    return distinct, np.diff(starts, append=len(pids))
