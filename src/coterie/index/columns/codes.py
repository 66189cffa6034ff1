"""Sets of codes, tested for many rows at once: the inner loop of nearly every scan.

The codes that match a leaf are either a few runs of neighbours, which are compared, or anything
else, which is looked up. Comparing takes a twentieth to a tenth of a nanosecond per row and run, a
look-up four tenths.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.index.bits import Bools

Codes = npt.NDArray[Any]  # uint8, uint16 or uint32: the smallest that holds the largest code

COMPARISONS_MAX: Final = 7
"""Up to this many comparisons are faster than a look-up."""


def code_type(largest: int) -> np.dtype[Any]:
    """Return the smallest type that holds codes up to `largest`."""
    return np.dtype(np.uint8 if largest < 2**8 else np.uint16 if largest < 2**16 else np.uint32)


class CodeSet:
    """The codes for which `table` is true. Code 0, the missing value, must not be among them.

    Codes that no row has (`unused`) may be included where that joins two runs.
    """

    __slots__ = ("_lookup", "_runs", "_size")

    def __init__(self, table: Bools, unused: Bools | None = None) -> None:
        if unused is not None:
            table = _joined(table, unused)
        edges = np.flatnonzero(table[1:] != table[:-1]) + 1
        if len(edges) % 2:
            edges = np.append(edges, len(table))
        self._runs = list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))
        self._size = len(table)
        comparisons = sum(1 if first == last else 2 for first, last in self._runs)
        self._lookup = pa.array(table.view(np.uint8)) if comparisons > COMPARISONS_MAX else None

    @property
    def is_empty(self) -> bool:
        return not self._runs

    def contains(self, codes: Codes) -> Bools:
        """Return for each row whether its code is in the set."""
        if self._lookup is not None:
            # No bounds check: a code was in the dictionary, or the sketch, before a row had it.
            flags = pc.take(self._lookup, pa.array(codes), boundscheck=False).to_numpy()
            looked_up: Bools = flags.view(np.bool_)
            return looked_up
        verdicts: Bools | None = None
        for first, last in self._runs:
            in_run = self._in_run(codes, first, last)
            verdicts = in_run if verdicts is None else np.bitwise_or(verdicts, in_run, out=verdicts)
        return np.zeros(len(codes), dtype=np.bool_) if verdicts is None else verdicts

    def _in_run(self, codes: Codes, first: int, last: int) -> Bools:
        in_run: Bools
        largest = np.iinfo(codes.dtype).max
        if first > largest:
            return np.zeros(len(codes), dtype=np.bool_)
        low = codes.dtype.type(first)
        if first == last:
            in_run = codes == low
        elif last >= self._size - 1:
            in_run = codes >= low
        else:
            in_run = (codes - low) <= codes.dtype.type(min(last, largest) - first)
        return in_run


def _joined(table: Bools, unused: Bools) -> Bools:
    """Return the table with each unused code set like the used code before it."""
    latest = np.maximum.accumulate(np.where(unused, 0, np.arange(len(table))))
    joined: Bools = table[latest]
    return joined
