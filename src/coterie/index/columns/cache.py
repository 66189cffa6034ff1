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
from coterie.index.resolve import Asked


@dataclass(slots=True)
class Answer:
    """The rows that match a leaf, as of one version of the column."""

    words: Words
    version: int


class LeafCache:
    """Several readers of the index use it at once."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._answers: OrderedDict[Asked, Answer] = OrderedDict()
        self._mutex = threading.Lock()

    def find(self, leaf: Asked, column: Column, rows: int) -> Words | None:
        """Return the matching rows as of the column's version, or None to compute them."""
        with self._mutex:
            answer = self._answers.get(leaf)
            if answer is None:
                return None
            self._answers.move_to_end(leaf)
            if answer.version != column.version and not self._renew(leaf, answer, column, rows):
                self._drop(leaf)
                return None
            return bits.fit(answer.words, rows)

    def _renew(self, leaf: Asked, answer: Answer, column: Column, rows: int) -> bool:
        touched = column.touched_since(answer.version)
        if touched is None:
            return False
        longer = bits.fit(answer.words, rows)
        self._bytes += longer.nbytes - answer.words.nbytes
        bits.put(longer, touched, column.judge(leaf, touched))
        answer.words, answer.version = longer, column.version
        return True

    def add(self, leaf: Asked, words: Words, version: int) -> None:
        """Cache the rows that match `leaf`. The caller must not change `words` afterwards."""
        with self._mutex:
            self._drop(leaf)
            self._answers[leaf] = Answer(words, version)
            self._bytes += words.nbytes
            while self._bytes > self._bytes_max and self._answers:
                self._drop(next(iter(self._answers)))

    def _drop(self, leaf: Asked) -> None:
        answer = self._answers.pop(leaf, None)
        if answer is not None:
            self._bytes -= answer.words.nbytes

    def clear(self) -> None:
        with self._mutex:
            self._answers.clear()
            self._bytes = 0

    def bytes(self) -> int:
        return self._bytes
