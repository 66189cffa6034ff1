"""The profiles' own values: a column for each property, over pids.

Rows are pids: dense, never used again. A leaf over all rows is answered from the cache or by a scan
of the parts of its column; a leaf over a few rows by gathering their values. Whoever calls holds
the index's lock, or is the thread that publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index import bits
from coterie.index.bits import Bools, Pids, Words
from coterie.index.columns.cache import LeafCache
from coterie.index.columns.column import WRITE_SINGLY_MAX, Column
from coterie.index.columns.part import Part
from coterie.index.columns.scanning import Job, Scanner
from coterie.index.columns.views import Views
from coterie.index.crossings import NO_CROSSINGS, Crossings, crossings, next_crossing, timeline
from coterie.index.resolve import ResolvedLeaf
from coterie.rules.edges import Edge
from coterie.rules.kernel import ChangedAt
from coterie.rules.values import Instant, Kind, Value

Name = str | ChangedAt
Document = Mapping[Any, Value]  # by Name; a mapping by str is not one by Name to a type checker
NewValues = Mapping[Name, tuple[Column, list[Value | None]]]
NO_DOCUMENT: Document = {}


class ProfileColumns:
    """Read by many threads at once or written by one."""

    def __init__(self, zone: ZoneInfo, threads: int, cache_bytes_max: int) -> None:
        self.zone = zone
        self.rows = 0
        self.alive = 0
        self._columns: dict[Name, Column] = {}
        self._alive = bits.empty(0)
        self._cache = LeafCache(cache_bytes_max)
        self._scanner = Scanner(threads)
        self._loading = False

    # --- writing

    def begin_load(self) -> None:
        """A bulk load begins; nobody asks before `settle`."""
        self._loading = True
        for column in self._columns.values():
            column.begin_load()

    def settle(self) -> None:
        """The end of a bulk load."""
        self._loading = False
        for column in self._columns.values():
            column.settle()
        self._cache.clear()

    def new_values(self, names: Iterable[Name], documents: Sequence[Document | None]) -> NewValues:
        """The values of `names` in the documents, each with the column that will hold them."""
        there = [NO_DOCUMENT if document is None else document for document in documents]
        values: dict[Name, tuple[Column, list[Value | None]]] = {}
        for name in names:
            column = self._columns.get(name)
            if column is None:
                column = Column(name, self.zone)
                if self._loading:
                    column.begin_load()
            values[name] = (column, [document.get(name) for document in there])
        return values

    def present_names(self, pids: Pids, apart_from: set[Name]) -> set[Name]:
        """The properties, `apart_from` some, of which one of `pids` has a value."""
        others = [(name, column) for name, column in self._columns.items() if name not in apart_from]
        return {name for name, column in others if column.any_present(pids)} if len(pids) else set()

    def write(self, pids: Pids, lives: Bools, values: NewValues, views: Callable[[Name], Views]) -> None:
        """Write the rows. `views` gives a property's values by kind, where there are many rows."""
        self.rows = max(self.rows, int(pids.max()) + 1)
        if bits.words_for(self.rows) > len(self._alive):
            self._alive = bits.fit(self._alive, max(self.rows, 128 * len(self._alive)))
        self.alive += int(np.count_nonzero(lives)) - int(np.count_nonzero(bits.test(self._alive, pids)))
        bits.put(self._alive, pids, lives)
        for name, (column, listed) in values.items():
            column = self._columns.setdefault(name, column)
            if len(pids) > WRITE_SINGLY_MAX:
                column.write(pids, views(name))
            else:
                column.write_few(pids, listed)

    # --- all rows

    def everyone(self) -> Words:
        """The rows that are profiles, and not deleted."""
        return self._alive[: bits.words_for(self.rows)]

    def answers(self, leaves: Sequence[ResolvedLeaf]) -> dict[ResolvedLeaf, Words]:
        """The rows that meet each leaf, from the cache or by a scan."""
        answers: dict[ResolvedLeaf, Words] = {}
        jobs: list[Job] = []
        partial: list[tuple[ResolvedLeaf, Words]] = []
        new: list[tuple[ResolvedLeaf, Column]] = []
        for leaf in leaves:
            column = self._column(leaf)
            cached = None if column is None else self._cache.find(leaf, column, self.rows)
            answers[leaf] = bits.empty(self.rows) if cached is None else cached
            if column is None or cached is not None:
                continue
            new.append((leaf, column))
            for number, part in enumerate(column.parts_for(leaf)):
                scan = part.scan(leaf)
                if scan is not None:
                    words = bits.empty(self.rows) if number else answers[leaf]
                    jobs.append(Job(scan, part.length, words, part.block))
                    if number:
                        partial.append((leaf, words))
        self._scanner.run(jobs)
        for leaf, words in partial:
            np.bitwise_or(answers[leaf], words, out=answers[leaf])
        for leaf, column in new:
            self._cache.add(leaf, answers[leaf], column.version)
        return answers

    # --- a few rows

    def judge(self, resolved: ResolvedLeaf, pids: Pids) -> Bools:
        """Which of `pids` meet the leaf."""
        column = self._column(resolved)
        return np.zeros(len(pids), dtype=np.bool_) if column is None else column.judge(resolved, pids)

    def _column(self, resolved: ResolvedLeaf) -> Column | None:
        assert isinstance(resolved.property, str | ChangedAt)
        return self._columns.get(resolved.property)

    def value(self, name: Name, pid: int) -> Value | None:
        column = self._columns.get(name)
        return None if column is None else column.value(pid)

    # --- the clock

    def crossings(self, edge: Edge, since: Instant, until: Instant) -> Crossings:
        """Who crosses the edge when, `since` < instant <= `until`."""
        times = timeline(self._columns.get(edge.column))
        if times is None:
            return NO_CROSSINGS
        instants, pids = crossings(edge, times, since, until, self.zone)
        return Crossings(instants, pids, pids)

    def next_crossing(self, edge: Edge, after: Instant) -> Instant | None:
        """The first instant after `after` at which somebody may cross the edge."""
        times = timeline(self._columns.get(edge.column))
        return None if times is None else next_crossing(edge, times, after, self.zone)

    # --- the columns themselves

    def names(self) -> list[str]:
        """The properties of which some profile has a value."""
        return [name for name in self._columns if isinstance(name, str) and self.kinds(name)]

    def kinds(self, name: Name) -> Mapping[Kind, int]:
        """How many profiles have a value of each kind."""
        return {part.kind: part.count for part in self.parts(name)}

    def parts(self, name: Name) -> list[Part]:
        """The parts of a column that hold values."""
        column = self._columns.get(name)
        return [] if column is None else [part for part in column.parts.values() if part.count]

    def forget(self) -> None:
        """Drop every cached answer."""
        self._cache.clear()
        for column in self._columns.values():
            column.forget()

    def bytes(self) -> int:
        """An estimate of the memory held."""
        return self._alive.nbytes + self._cache.bytes() + sum(column.bytes() for column in self._columns.values())


def names_in(documents: Iterable[Document | None]) -> set[Name]:
    """The properties of which some document has a value."""
    return set[Name]().union(*(document for document in documents if document is not None))
