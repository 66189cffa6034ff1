"""Dictionaries: every distinct value of a column once, with a small number, its code.

A leaf is judged once per distinct value (`truth`: a table of booleans by code), and each row looks
its verdict up. Code 0 is the missing value and never matches. Codes are only ever added, so a table
made earlier stays right and is extended.

There is one class per kind of value that is coded: texts, lists of text, booleans. A new leaf shape
is a new `case` in the `_judge` of its kind, for the codes from `start` on.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, assert_never

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Bools
from coterie.index.columns.matching import Matchable
from coterie.index.resolve import BooleanLeaf, ListLeaf, ResolvedLeaf, TextLeaf, wrong_kind
from coterie.rules.kernel import BooleanIs, IsSet, ListIncludes, TextIn, TextMatch
from coterie.rules.values import Kind, Value, fold

TABLES_MAX: Final = 4 * 2**20
"""The entries that all cached tables of one dictionary may have together."""
RUNS_MAX: Final = 16
SIGNED_FROM: Final = 1_024
"""From this many texts on, signatures of a run pay off."""


class Dictionary:
    """The distinct values of one column: `values[code]`, and `codes[value]`, 0 for None."""

    kind: Kind

    def __init__(self) -> None:
        self.values: list[Value | None] = [None]
        self.codes: dict[Value | None, int] = {None: 0}
        self._tables: dict[ResolvedLeaf, Bools] = {}

    def __len__(self) -> int:
        return len(self.values)

    def encode(self, values: Sequence[Value | None]) -> list[int]:
        """Return the codes of `values`, adding the new ones."""
        codes = self.codes
        try:
            return [codes[value] for value in values]
        except KeyError:
            return [codes[value] if value in codes else self._add(value) for value in values]

    def code(self, value: Value | None) -> int:
        code = self.codes.get(value)
        return self._add(value) if code is None else code

    def _add(self, value: Value | None) -> int:
        assert value is not None
        code = len(self.values)
        self._learn(value, code)
        self.values.append(value)
        self.codes[value] = code
        return code

    def truth(self, leaf: ResolvedLeaf) -> Bools:
        """Return for every code whether its value matches `leaf`."""
        size = len(self.values)
        table = self._tables.get(leaf)
        if table is not None and len(table) == size:
            return table
        start = 0 if table is None else len(table)
        rest = self._judge(leaf, start, size)
        if start == 0:
            rest[0] = False
        table = rest if table is None else np.concatenate((table, rest))
        if (len(self._tables) + 1) * size > TABLES_MAX:
            self._tables = {}
        self._tables[leaf] = table
        return table

    def _learn(self, value: Value, code: int) -> None:
        """Store whatever `_judge` needs to judge `value`."""

    def _judge(self, leaf: ResolvedLeaf, start: int, stop: int) -> Bools:
        """Judge the codes from `start` to before `stop`. TypeError for a leaf of another kind."""
        raise NotImplementedError

    def forget(self) -> None:
        self._tables = {}

    def bytes(self) -> int:
        """A rough estimate: about 100 bytes of Python objects per value, besides its text."""
        return 100 * len(self.values) + sum(len(table) for table in list(self._tables.values()))


def _marked(codes: Sequence[int] | array[int], start: int, stop: int) -> Bools:
    table = np.zeros(stop - start, dtype=np.bool_)
    marked = np.array(codes, dtype=np.int64)
    table[marked[(marked >= start) & (marked < stop)] - start] = True
    return table


class TextDictionary(Dictionary):
    """Distinct texts.

    Texts that fold to the same have codes of their own, for case-sensitive leaves. Other leaves
    find them together by their folded form.
    """

    kind = Kind.TEXT

    def __init__(self) -> None:
        super().__init__()
        self._folded: dict[str, list[int]] = {}
        self._runs: list[tuple[int, Matchable]] = []  # each with its first code

    def _learn(self, value: Value, code: int) -> None:
        assert isinstance(value, str)
        self._folded.setdefault(fold(value), []).append(code)

    def _judge(self, leaf: ResolvedLeaf, start: int, stop: int) -> Bools:
        if not isinstance(leaf, TextLeaf):
            raise wrong_kind(leaf, self.kind)
        match leaf:
            case IsSet():
                return np.ones(stop - start, dtype=np.bool_)
            case TextIn(values=values, cased=True):
                return _marked([self.codes[value] for value in values if value in self.codes], start, stop)
            case TextIn(values=values):
                return _marked([code for value in values for code in self._folded.get(value, ())], start, stop)
            case TextMatch():
                return self._matched(leaf, start, stop)
            case _:
                assert_never(leaf)

    def _matched(self, leaf: TextMatch, start: int, stop: int) -> Bools:
        """Match the values as Arrow texts, in runs.

        New values make a run of their own; too many runs are merged into one.
        """
        if len(self._runs) > RUNS_MAX:
            self._runs = []
        runs = self._runs
        covered = runs[-1][0] + len(runs[-1][1]) if runs else 0
        if covered < stop:
            run = Matchable.of(self.values[covered:stop])
            run.worth_signing = len(run) >= SIGNED_FROM
            runs = self._runs = [*runs, (covered, run)]
        verdicts = [
            run.judge(leaf, max(start - first, 0), min(stop - first, len(run)))
            for first, run in runs
            if first < stop and first + len(run) > start
        ]
        return np.concatenate(verdicts)


class Lists(Dictionary):
    """Distinct lists, indexed by their items."""

    kind = Kind.LIST

    def __init__(self) -> None:
        super().__init__()
        self._cased: dict[str, array[int]] = {}
        self._folded: dict[str, array[int]] = {}

    def _learn(self, value: Value, code: int) -> None:
        assert isinstance(value, tuple)
        for item in set(value):
            self._cased.setdefault(item, array("I")).append(code)
        for item in {fold(item) for item in value}:
            self._folded.setdefault(item, array("I")).append(code)

    def holders(self, item: str) -> npt.NDArray[np.uint32]:
        return np.array(self._cased.get(item, ()), dtype=np.uint32)

    def items(self) -> Iterable[str]:
        return self._cased.keys()

    def _judge(self, leaf: ResolvedLeaf, start: int, stop: int) -> Bools:
        if not isinstance(leaf, ListLeaf):
            raise wrong_kind(leaf, self.kind)
        match leaf:
            case IsSet():
                return np.ones(stop - start, dtype=np.bool_)
            case ListIncludes():
                return self._including(leaf, start, stop)
            case _:
                assert_never(leaf)

    def _including(self, leaf: ListIncludes, start: int, stop: int) -> Bools:
        codes = self._cased if leaf.cased else self._folded
        tables = (_marked(codes.get(item, ()), start, stop) for item in leaf.items)
        table = next(tables, np.full(stop - start, leaf.every))
        for other in tables:
            table = table & other if leaf.every else table | other
        return table


class Booleans(Dictionary):
    """False and true, always with the codes 1 and 2."""

    kind = Kind.BOOLEAN

    def __init__(self) -> None:
        super().__init__()
        self.encode((False, True))

    def _judge(self, leaf: ResolvedLeaf, start: int, stop: int) -> Bools:
        if not isinstance(leaf, BooleanLeaf):
            raise wrong_kind(leaf, self.kind)
        match leaf:
            case IsSet():
                return np.ones(stop - start, dtype=np.bool_)
            case BooleanIs(value=wanted):
                return np.array([value is wanted for value in self.values[start:stop]])
            case _:
                assert_never(leaf)
