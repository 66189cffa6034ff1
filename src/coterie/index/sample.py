"""Samples of profiles: `rules.sampling`, for many numbers at once.

The verdict for a profile never changes, so answers are cached as they are.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from coterie.index import bits
from coterie.index.bits import Bools, Pids, Words
from coterie.rules.kernel import Sampled
from coterie.rules.sampling import SPACE

SAMPLES_MAX: Final = 64
STEP: Final = 2**18


def in_sample(leaf: Sampled, pids: Pids) -> Bools:
    """Which profiles with these numbers are in."""
    if leaf.below >= SPACE:
        return np.ones(len(pids), dtype=np.bool_)
    mixed = pids.astype(np.uint64) + np.uint64(leaf.seed)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    verdicts: Bools = (mixed ^ (mixed >> np.uint64(31))) < np.uint64(leaf.below)
    return verdicts


class Samples:
    """Used by many threads at once."""

    def __init__(self) -> None:
        self._words: dict[Sampled, Words] = {}
        self._mutex = threading.Lock()

    def rows(self, leaf: Sampled, rows: int) -> Words:
        """Those in the sample of so many rows."""
        with self._mutex:
            words = self._words.get(leaf)
            if words is None and len(self._words) >= SAMPLES_MAX:
                del self._words[next(iter(self._words))]
            first = 0 if words is None else 64 * len(words)
            if words is None or first < rows:
                added = [
                    bits.pack(in_sample(leaf, np.arange(start, min(start + STEP, bits.words_for(rows) * 64))))
                    for start in range(first, rows, STEP)
                ]
                words = np.concatenate([words if words is not None else bits.empty(0), *added])
                self._words[leaf] = words
            return words[: bits.words_for(rows)]

    def bytes(self) -> int:
        return sum(words.nbytes for words in list(self._words.values()))
