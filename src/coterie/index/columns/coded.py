"""Parts and views whose values are codes of a dictionary.

They hold booleans, and texts and lists of few distinct values.
"""

from __future__ import annotations

import numpy as np

from coterie.index.bits import Bools, Pids
from coterie.index.columns.codes import Codes, CodeSet, code_type
from coterie.index.columns.dictionary import Dictionary
from coterie.index.columns.part import BLOCK, Scan, View, at, grown
from coterie.index.resolve import ResolvedLeaf
from coterie.rules.values import Kind, Value


class CodedView:
    """The codes of a few rows."""

    __slots__ = ("codes", "dictionary")

    def __init__(self, dictionary: Dictionary, codes: Codes) -> None:
        self.dictionary = dictionary
        self.codes = codes

    def judge(self, leaf: ResolvedLeaf) -> Bools:
        verdicts: Bools = self.dictionary.truth(leaf)[self.codes]
        return verdicts

    def present(self) -> Bools:
        present: Bools = self.codes != 0
        return present

    def value(self, place: int) -> Value | None:
        return self.dictionary.values[int(self.codes[place])]


def codes_of(view: View, dictionary: Dictionary, rows: int) -> Codes:
    """Return the codes of the view's values in `dictionary`."""
    if isinstance(view, CodedView) and view.dictionary is dictionary:
        return view.codes
    return np.array(dictionary.encode([view.value(place) for place in range(rows)]), dtype=np.uint32)


class Coded:
    """The codes of all rows, in the narrowest type that the dictionary allows."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.kind: Kind = dictionary.kind
        self.dictionary = dictionary
        self.block = BLOCK
        self.codes: Codes = np.zeros(0, dtype=np.uint8)
        self.count = 0
        self.length = 0
        self._codes_max = 256  # how many the type of `codes` can tell apart

    def scan(self, leaf: ResolvedLeaf) -> Scan | None:
        chosen = CodeSet(self.dictionary.truth(leaf))
        codes = self.codes
        return None if chosen.is_empty else lambda start, stop: chosen.contains(codes[start:stop])

    def gather(self, pids: Pids) -> CodedView:
        return CodedView(self.dictionary, at(self.codes, self.length, pids))

    def put(self, pids: Pids, view: View) -> None:
        codes = codes_of(view, self.dictionary, len(pids))
        self._reach(int(pids.max()) + 1)
        self.count += int(np.count_nonzero(codes)) - int(np.count_nonzero(self.codes[pids]))
        self.codes[pids] = codes

    def put_one(self, pid: int, value: Value | None) -> None:
        code = self.dictionary.code(value)
        if pid >= self.length or len(self.dictionary) > self._codes_max:
            if not code and pid >= self.length:
                return
            self._reach(pid + 1)
        self.count += (code != 0) - (self.codes[pid] != 0).item()
        self.codes[pid] = code

    def _reach(self, length: int) -> None:
        self.codes = grown(self.codes, length)
        self.length = max(self.length, length)
        needed = code_type(len(self.dictionary) - 1)
        if needed.itemsize > self.codes.dtype.itemsize:
            self.codes = self.codes.astype(needed)
        self._codes_max = 256 ** min(self.codes.dtype.itemsize, 4)

    def clear(self, pids: Pids) -> None:
        pids = pids[pids < self.length]
        self.count -= int(np.count_nonzero(self.codes[pids]))
        self.codes[pids] = 0

    def value(self, pid: int) -> Value | None:
        return self.dictionary.values[int(self.codes[pid])] if pid < self.length else None

    def present(self, pids: Pids) -> Bools:
        present: Bools = at(self.codes, self.length, pids) != 0
        return present

    def begin_load(self) -> None:
        pass

    def settle(self) -> None:
        pass

    def compact(self) -> None:
        """Drop the values that no row has any more, when they are most of the dictionary.

        The old dictionary does not change: views that still use it stay right.
        """
        used = np.flatnonzero(self.row_counts())
        if 2 * len(used) > len(self.dictionary):
            return
        old = self.dictionary
        self.dictionary = type(old)()
        new_codes = np.zeros(len(old), dtype=np.uint32)
        new_codes[used] = self.dictionary.encode([old.values[code] for code in used.tolist()])
        self.codes = new_codes[self.codes].astype(code_type(len(self.dictionary) - 1))

    def row_counts(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Count the rows that have each code."""
        counts = np.zeros(len(self.dictionary), dtype=np.int64)
        step = 2**20
        for start in range(0, self.length, step):
            counts += np.bincount(self.codes[start : min(start + step, self.length)], minlength=len(counts))
        counts[0] = 0
        return counts

    def bytes(self) -> int:
        return int(self.codes.nbytes) + self.dictionary.bytes()
