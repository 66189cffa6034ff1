"""The index: every profile's values in memory, as columns, so that a rule is counted over all of them in milliseconds.

How it is built, from the bottom: `bits` (packed sets of rows), `codes` and `sketch` (small numbers that stand for values), `dictionary`
(distinct values), the parts of a column by kind (`coded`, `ordered`, `texts`), `column`, `scanning` (threads), `cache` (answers kept), and this
facade. `staged` holds rows about to be written, `order` and `crossings` say who moves when.

Rows are pids: dense, never used again. Everything here can be rebuilt from the store. A new kernel leaf is taught to `resolve.kind_asked` and to
the part and view of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from coterie.index import bits, summaries
from coterie.index.bits import Bools, Pids, Words
from coterie.index.cache import LeafCache
from coterie.index.column import Column
from coterie.index.combine import combined, leaves_of
from coterie.index.crossings import crossings, next_crossing
from coterie.index.lock import ReadersWriterLock
from coterie.index.membership import Members, as_bitmaps, member_rows
from coterie.index.order import TimeOrder
from coterie.index.ordered import Ordered, OrderedView
from coterie.index.resolve import Asked, resolve
from coterie.index.scanning import Job, Scanner
from coterie.index.staged import Staged
from coterie.model import KindSummary
from coterie.rules.kernel import Leaf, Lowered, MemberOf, MovingLeaf
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value

Document = Mapping[str, Value]
NO_DOCUMENT: Document = {}
FEW: Final = 3
"""Rows up to which writing value by value is quicker than setting up columns."""


class Index:
    """Any thread may ask; one thread at a time may stage and publish. Nothing staged is seen before it is published, then all of it at once."""

    def __init__(self, *, zone: ZoneInfo, threads: int = 2, cache_bytes_max: int = 256 * 2**20) -> None:
        self.zone = zone
        self.rows = 0
        self.alive = 0
        self._columns: dict[str, Column] = {}
        self._alive = bits.empty(0)
        self._lock = ReadersWriterLock()
        self._cache = LeafCache(cache_bytes_max)
        self._scanner = Scanner(threads)

    # --- writing

    def load(self, batches: Iterable[tuple[Sequence[int], Sequence[Document]]]) -> None:
        """Take in many profiles at once, as at start. Pids are distinct over all batches and not yet known."""
        with self._lock.writing():
            for column in self._columns.values():
                column.begin_load()
            for pids, documents in batches:
                if len(pids):
                    rows = np.array(pids, dtype=np.int64)
                    self._show(self._build(rows, documents, _names(documents), loading=True))
            for column in self._columns.values():
                column.settle()
            self._cache.clear()

    def stage(
        self, pids: Sequence[int], documents: Sequence[Document | None], changed: Collection[str] | None = None
    ) -> Staged:
        """Prepare rows to be written. `documents` are the full new values of each profile; None deletes it. Pids are distinct.

        Only the properties in `changed` may differ from what is indexed (None: any may).
        """
        rows = np.array(pids, dtype=np.int64)
        with self._lock.reading():
            names = set(_names(documents) if changed is None else changed)
            leaving = rows
            if changed is not None:
                gone = [place for place, document in enumerate(documents) if document is None]
                leaving = rows[gone]
            if len(leaving):
                others = [(name, column) for name, column in self._columns.items() if name not in names]
                names.update(name for name, column in others if column.any_present(leaving))
            return self._build(rows, documents, names)

    def _build(
        self, pids: Pids, documents: Sequence[Document | None], names: Iterable[str], *, loading: bool = False
    ) -> Staged:
        lives = np.array([document is not None for document in documents], dtype=np.bool_)
        known = [NO_DOCUMENT if document is None else document for document in documents]
        columns: dict[str, tuple[Column, list[Value | None]]] = {}
        for name in names:
            column = self._columns.get(name)
            if column is None:
                column = Column(name, self.zone)
                if loading:
                    column.begin_load()
            columns[name] = (column, [document.get(name) for document in known])
        return Staged(self, pids, lives, columns)

    def publish(self, staged: Staged) -> None:
        """Make the staged rows visible."""
        if len(staged.pids) > FEW:
            for name in staged.columns:
                staged.views(name)  # while others may still ask
        if len(staged.pids):
            with self._lock.writing():
                self._show(staged)

    def _show(self, staged: Staged) -> None:
        pids = staged.pids
        self.rows = max(self.rows, int(pids.max()) + 1)
        if bits.words_for(self.rows) > len(self._alive):
            self._alive = bits.fit(self._alive, max(self.rows, 128 * len(self._alive)))
        self.alive += int(np.count_nonzero(staged.lives)) - int(np.count_nonzero(bits.test(self._alive, pids)))
        bits.put(self._alive, pids, staged.lives)
        for name, (column, values) in staged.columns.items():
            column = self._columns.setdefault(name, column)
            if len(pids) > FEW:
                column.write(pids, staged.views(name))
            else:
                column.write_few(pids, values)

    # --- asking about all rows

    def counts(self, rules: Sequence[Lowered], moment: Moment, members: Members) -> list[int]:
        """For how many profiles each of `rules` holds. `members` gives the members of a segment that a rule uses."""
        with self._lock.reading():
            return [bits.count(found) for found in self._find(rules, moment, members)]

    def select(self, rule: Lowered, moment: Moment, members: Members) -> BitMap:
        """The pids for which `rule` holds."""
        with self._lock.reading():
            return bits.to_bitmap(self._find([rule], moment, members)[0])

    def _find(self, rules: Sequence[Lowered], moment: Moment, members: Members) -> list[Words]:
        everyone = self._everyone()
        leaves = dict.fromkeys(leaf for rule in rules for leaf in leaves_of(rule))
        asked = {leaf: resolve(leaf, moment) for leaf in leaves if not isinstance(leaf, MemberOf)}
        answers = self._answers(list(dict.fromkeys(asked.values())))
        of_leaf: dict[Leaf, Words] = {leaf: answers[one] for leaf, one in asked.items()}
        for leaf in leaves:
            if isinstance(leaf, MemberOf):
                of_leaf[leaf] = bits.from_bitmap(members(leaf.segment), self.rows) & everyone
        return [combined(rule, of_leaf.__getitem__, everyone) for rule in rules]

    def _everyone(self) -> Words:
        return self._alive[: bits.words_for(self.rows)]

    def _answers(self, leaves: Sequence[Asked]) -> dict[Asked, Words]:
        """The rows for which each leaf holds, from the cache or by a scan."""
        answers: dict[Asked, Words] = {}
        jobs: list[Job] = []
        partial: list[tuple[Asked, Words]] = []
        new: list[tuple[Asked, Column]] = []
        for leaf in leaves:
            column = self._columns.get(leaf.property)
            found = None if column is None else self._cache.find(leaf, column, self.rows)
            answers[leaf] = bits.empty(self.rows) if found is None else found
            if column is None or found is not None:
                continue
            new.append((leaf, column))
            for number, part in enumerate(column.asked(leaf)):
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
            self._cache.keep(leaf, answers[leaf], column.version)
        return answers

    def forget(self) -> None:
        """Drop every answer that is kept. The next questions take as long as the first did."""
        with self._lock.writing():
            self._cache.clear()
            for column in self._columns.values():
                column.forget()

    # --- asking about some rows

    def evaluate(
        self, rule: Lowered, rows: Pids | None, moment: Moment, members: Callable[[str], BitMap | Bools]
    ) -> Bools:
        """For each of `rows` (None: every pid there is), whether `rule` holds of it. Deleted rows: false.

        `members` may give a bitmap of pids or, for `rows`, a verdict for each.
        """
        with self._lock.reading():
            if rows is None:
                return bits.unpack(self._find([rule], moment, as_bitmaps(members))[0], self.rows)
            some = np.asarray(rows, dtype=np.int64)
            lives = bits.test(self._everyone(), some)
            judged: dict[Leaf, Bools] = {}
            for leaf in dict.fromkeys(leaves_of(rule)):
                if isinstance(leaf, MemberOf):
                    judged[leaf] = member_rows(members(leaf.segment), some) & lives
                else:
                    judged[leaf] = self._judge(resolve(leaf, moment), some)
            return combined(rule, judged.__getitem__, lives)

    def judge(self, leaf: Asked, pids: Pids) -> Bools:
        """One leaf, for a few rows."""
        with self._lock.reading():
            return self._judge(leaf, pids)

    def _judge(self, leaf: Asked, pids: Pids) -> Bools:
        column = self._columns.get(leaf.property)
        return np.zeros(len(pids), dtype=np.bool_) if column is None else column.judge(leaf, pids)

    def value(self, name: str, pid: int) -> Value | None:
        """The value of one profile's property; None when it is missing."""
        with self._lock.reading():
            column = self._columns.get(name)
            return None if column is None else column.value(pid)

    def alive_pids(self) -> BitMap:
        """The pids of every profile."""
        with self._lock.reading():
            return bits.to_bitmap(self._everyone())

    # --- what moves with the clock

    def crossings(self, leaf: MovingLeaf, since: Instant, until: Instant) -> tuple[Pids, Pids]:
        """The (instants, pids), `since` < instant <= `until`, at which the leaf's verdict may change. May name more, never fewer."""
        with self._lock.reading():
            found = self._ordered(leaf.property)
            if found is None:
                return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
            return crossings(leaf, *found, since, until, self.zone)

    def next_crossing(self, leaf: MovingLeaf, after: Instant) -> Instant | None:
        """The first instant after `after` at which the leaf's verdict may change for somebody."""
        with self._lock.reading():
            found = self._ordered(leaf.property)
            return None if found is None else next_crossing(leaf, *found, after, self.zone)

    def _ordered(self, name: str) -> tuple[Ordered, TimeOrder] | None:
        column = self._columns.get(name)
        times = None if column is None else column.parts.get(Kind.TIME)
        if column is None or not isinstance(times, Ordered):
            return None
        order = column.order
        if order is None:
            order = column.order = TimeOrder(times)
        return times, order

    def times(self, name: str, pids: Pids) -> OrderedView | None:
        """A few rows' times; None when nobody has one."""
        with self._lock.reading():
            column = self._columns.get(name)
            times = None if column is None else column.parts.get(Kind.TIME)
            return times.gather(pids) if isinstance(times, Ordered) else None

    # --- what there is

    def names(self) -> list[str]:
        """The properties of which some profile has a value."""
        with self._lock.reading():
            return [name for name, column in self._columns.items() if any(part.count for part in column.parts.values())]

    def kinds(self, name: str) -> Mapping[Kind, int]:
        """How many profiles have a value of each kind."""
        with self._lock.reading():
            column = self._columns.get(name)
            return {} if column is None else {kind: part.count for kind, part in column.parts.items() if part.count}

    def summary(self, name: str, top: int = 10) -> tuple[KindSummary, ...]:
        """What is known of a property's values, by kind."""
        with self._lock.reading():
            column = self._columns.get(name)
            parts = [] if column is None else [part for part in column.parts.values() if part.count]
            return tuple(summaries.summary(part, top) for part in parts)

    def bytes(self) -> int:
        """An estimate of the memory held."""
        with self._lock.reading():
            return self._alive.nbytes + self._cache.bytes() + sum(one.bytes() for one in self._columns.values())


def _names(documents: Iterable[Document | None]) -> set[str]:
    return set().union(*(document for document in documents if document is not None))
