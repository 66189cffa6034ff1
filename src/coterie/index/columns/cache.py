"""Leaves that have been answered for all rows, kept as packed sets up to a number of bytes; the least recently asked go first.

A write does not throw a set away: when it is next asked for, the rows touched since are asked again and put right.
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
    """The rows for which a leaf holds, and the column's version it was true of."""

    words: Words
    version: int


class LeafCache:
    """Used by readers of the index, several at once."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._answers: OrderedDict[Asked, Answer] = OrderedDict()
        self._mutex = threading.Lock()

    def find(self, leaf: Asked, column: Column, rows: int) -> Words | None:
        """The answer as of the column's present version, or None when it has to be computed."""
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
        """Remember an answer. It must not be changed by the caller."""
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
