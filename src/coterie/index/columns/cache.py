"""A cache of the rows that match each leaf, as packed sets up to a number of bytes.

The least recently used go first. A write does not throw a set away: the next look-up judges only
the rows touched since then again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from coterie.index import bits
from coterie.index.bits import Words
from coterie.index.columns.column import Column
from coterie.index.resolve import ResolvedLeaf


@dataclass(slots=True)
class CachedRows:
    """The rows that match a leaf, as of one version of the column."""

    words: Words
    version: int


class LeafCache:
    """Several readers of the index use it at once."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._cached: OrderedDict[ResolvedLeaf, CachedRows] = OrderedDict()
        self._mutex = threading.Lock()

    def find(self, leaf: ResolvedLeaf, column: Column, rows: int) -> Words | None:
        """Return the matching rows as of the column's version, or None to compute them."""
        with self._mutex:
            cached = self._cached.get(leaf)
            if cached is None:
                return None
            self._cached.move_to_end(leaf)
            if cached.version != column.version and not self._renew(leaf, cached, column, rows):
                self._drop(leaf)
                return None
            return bits.fit(cached.words, rows)

    def _renew(self, leaf: ResolvedLeaf, cached: CachedRows, column: Column, rows: int) -> bool:
        touched = column.touched_since(cached.version)
        if touched is None:
            return False
        longer = bits.fit(cached.words, rows)
        self._bytes += longer.nbytes - cached.words.nbytes
        bits.put(longer, touched, column.judge(leaf, touched))
        cached.words, cached.version = longer, column.version
        return True

    def add(self, leaf: ResolvedLeaf, words: Words, version: int) -> None:
        """Cache the rows that match `leaf`. The caller must not change `words` afterwards."""
        with self._mutex:
            self._drop(leaf)
            self._cached[leaf] = CachedRows(words, version)
            self._bytes += words.nbytes
            while self._bytes > self._bytes_max and self._cached:
                self._drop(next(iter(self._cached)))

    def _drop(self, leaf: ResolvedLeaf) -> None:
        cached = self._cached.pop(leaf, None)
        if cached is not None:
            self._bytes -= cached.words.nbytes

    def clear(self) -> None:
        with self._mutex:
            self._cached.clear()
            self._bytes = 0

    def bytes(self) -> int:
        return self._bytes
