"""The index: every profile's values in memory, as columns, so that a rule is counted over all of them in milliseconds.

How it is built, from the bottom: `bits` (packed sets of rows), `codes` and `sketch` (small numbers that stand for values), `dictionary`
(distinct values), the parts of a column by kind (`coded`, `ordered`, `texts`), `column`, `scanning` (threads), `cache` (answers kept), and this
facade. `staged` holds rows about to be written, `order` and `crossings` say who moves when. What profiles did is in `activity/`, `sample` draws some.

It is long because it is the door, and most of it is one line each. Rows are pids: dense, never used again. Everything here can be rebuilt from the store. A new kernel leaf is taught to `resolve.kind_asked` and to
the part and view of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from coterie.index import bits
from coterie.index.activity.edges import next_table_crossing, table_crossings
from coterie.index.activity.measure_cache import MeasureCache
from coterie.index.activity.one_profile import OneProfile
from coterie.index.activity.rows import Changes, Integers, Loaded, ProfileActivity
from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.tables import ActivityTables
from coterie.index.bits import Bools, Pids, Words
from coterie.index.columns import summaries
from coterie.index.columns.cache import LeafCache
from coterie.index.columns.column import Column
from coterie.index.columns.scanning import Job, Scanner
from coterie.index.combine import combined, leaves_of
from coterie.index.crossings import NO_CROSSINGS, Crossings, crossings, next_crossing, timeline
from coterie.index.lock import ReadersWriterLock
from coterie.index.membership import Members, as_bitmaps, member_rows
from coterie.index.resolve import Asked, resolve
from coterie.index.sample import Samples, in_sample
from coterie.index.staged import Staged
from coterie.model import KindSummary
from coterie.rules.activity import ActivityRow
from coterie.rules.edges import Edge
from coterie.rules.kernel import (
    ChangedAt,
    Leaf,
    Lowered,
    MeasureSubject,
    MemberOf,
    PropertyLeaf,
    Sampled,
    Source,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value

Name = str | ChangedAt
Document = Mapping[Any, Value]  # by Name; a mapping by str is not one by Name to a type checker
NO_DOCUMENT: Document = {}
FEW: Final = 3
"""Rows up to which writing value by value is quicker than setting up columns."""


class Index:
    """Any thread may ask; one thread at a time may stage and publish. Nothing staged is seen before it is published, then all of it at once."""

    def __init__(self, *, zone: ZoneInfo, threads: int = 2, cache_bytes_max: int = 256 * 2**20) -> None:
        self.zone = zone
        self.rows = 0
        self.alive = 0
        self._columns: dict[Name, Column] = {}
        self._alive = bits.empty(0)
        self._lock = ReadersWriterLock()
        self._cache = LeafCache(cache_bytes_max // 2)
        self._scanner = Scanner(threads)
        self._samples = Samples()
        self._activity = ActivityTables(zone)
        self._kept = MeasureCache(self._activity, cache_bytes_max // 2)

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

    def load_activity(self, source: Source, batches: Iterable[Loaded]) -> None:
        """Take in all happenings of one source, as at start."""
        with self._lock.writing():
            self._activity.load(source, batches)
            self._kept.clear()

    def load_columns(
        self, source: Source, names: Iterable[str], batches: Iterable[tuple[Integers, Mapping[str, list[Value | None]]]]
    ) -> None:
        """Take in columns that are not kept yet, of all happenings of one source, by their numbers, in any order. For events of any name,
        gathers these first."""
        with self._lock.writing():
            self._activity.load_columns(source, names, batches)

    def stage(
        self,
        pids: Sequence[int],
        documents: Sequence[Document | None],
        changed: Collection[Name] | None = None,
        happenings: Changes | None = None,
    ) -> Staged:
        """Prepare rows to be written. `documents` are the full new values of each profile; None deletes it. Pids are distinct.

        Only the properties in `changed` may differ from what is indexed (None: any may). `happenings` come in and are taken out with them.
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
            staged = self._build(rows, documents, names)
            staged.happenings = None if happenings is None else StagedActivity(happenings)
            return staged

    def _build(
        self, pids: Pids, documents: Sequence[Document | None], names: Iterable[Name], *, loading: bool = False
    ) -> Staged:
        lives = np.array([document is not None for document in documents], dtype=np.bool_)
        known = [NO_DOCUMENT if document is None else document for document in documents]
        columns: dict[Name, tuple[Column, list[Value | None]]] = {}
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
        if len(staged.pids) or staged.happenings is not None:
            with self._lock.writing():
                if len(staged.pids):
                    self._show(staged)
                if staged.happenings is not None:
                    self._activity.publish(staged.happenings)

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
        of_leaf: dict[Leaf, Words] = {}
        asked: dict[Leaf, Asked] = {}
        for leaf in dict.fromkeys(leaf for rule in rules for leaf in leaves_of(rule)):
            match leaf:
                case MemberOf(segment):
                    of_leaf[leaf] = bits.from_bitmap(members(segment), self.rows) & everyone
                case Sampled():
                    of_leaf[leaf] = self._samples.rows(leaf, self.rows) & everyone
                case _ if isinstance(leaf.property, MeasureSubject):
                    idle, others = self._kept.everyone(leaf, moment, self.rows)
                    of_leaf[leaf] = everyone & ~others if idle else everyone & others
                case _:
                    asked[leaf] = resolve(leaf, moment)
        answers = self._answers(list(dict.fromkeys(asked.values())))
        of_leaf.update((leaf, answers[one]) for leaf, one in asked.items())
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
            column = self._column(leaf)
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
            self._kept.clear()
            self._activity.forget()
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
                    judged[leaf] = self._judge(leaf, some, moment, None) & lives
            return combined(rule, judged.__getitem__, lives)

    def judge(
        self, leaf: PropertyLeaf | Sampled, pids: Pids, moment: Moment, staged: StagedActivity | None = None
    ) -> Bools:
        """One leaf, for a few rows, with the happenings that are `staged`."""
        with self._lock.reading():
            return self._judge(leaf, pids, moment, staged)

    def _judge(self, leaf: PropertyLeaf | Sampled, pids: Pids, moment: Moment, staged: StagedActivity | None) -> Bools:
        if isinstance(leaf, Sampled):
            return in_sample(leaf, pids)
        if isinstance(leaf.property, MeasureSubject):
            return self._activity.judge(leaf, pids, moment, staged)
        return self._judge_asked(resolve(leaf, moment), pids)

    def judge_asked(self, asked: Asked, pids: Pids) -> Bools:
        """The same for a leaf on a property that has been resolved."""
        with self._lock.reading():
            return self._judge_asked(asked, pids)

    def _judge_asked(self, asked: Asked, pids: Pids) -> Bools:
        column = self._column(asked)
        return np.zeros(len(pids), dtype=np.bool_) if column is None else column.judge(asked, pids)

    def _column(self, asked: Asked) -> Column | None:
        assert isinstance(asked.property, str | ChangedAt)
        return self._columns.get(asked.property)

    def value(self, name: Name, pid: int) -> Value | None:
        """The value of one profile's property; None when it is missing."""
        with self._lock.reading():
            column = self._columns.get(name)
            return None if column is None else column.value(pid)

    def alive_pids(self) -> BitMap:
        """The pids of every profile."""
        with self._lock.reading():
            return bits.to_bitmap(self._everyone())

    # --- what moves with the clock

    def crossings(self, edge: Edge, since: Instant, until: Instant) -> Crossings:
        """Who crosses the edge when, `since` < instant <= `until`. May name more than change a verdict, never fewer."""
        with self._lock.reading():
            if edge.source is not None:
                table = self._activity.tables.get(edge.source)
                return NO_CROSSINGS if table is None else table_crossings(table, edge, since, until)
            times = timeline(self._columns.get(edge.column))
            if times is None:
                return NO_CROSSINGS
            instants, pids = crossings(edge, times, since, until, self.zone)
            return Crossings(instants, pids, pids)

    def next_crossing(self, edge: Edge, after: Instant) -> Instant | None:
        """The first instant after `after` at which somebody may cross the edge."""
        with self._lock.reading():
            if edge.source is not None:
                table = self._activity.tables.get(edge.source)
                return None if table is None else next_table_crossing(table, edge, after)
            times = timeline(self._columns.get(edge.column))
            return None if times is None else next_crossing(edge, times, after, self.zone)

    # --- what profiles did

    def one_profile(self, pid: int, staged: Staged | None = None) -> OneProfile:
        """What one profile did and its measures: as published, or as `staged` would leave it."""
        changes = None if staged is None else staged.happenings

        def fetch(source: Source) -> ProfileActivity:
            with self._lock.reading():
                activity = self._activity.lookup.activity(source, pid, changes)
                activity.rows()  # now, while the table stays as it is
                return activity

        return OneProfile(fetch)

    def activity(self, source: Source, pid: int, staged: Staged | None = None) -> list[ActivityRow]:
        """One profile's happenings by their instants, with the values of the columns that are kept; as `staged` would leave them."""
        with self._lock.reading():
            changes = None if staged is None else staged.happenings
            return list(self._activity.lookup.activity(source, pid, changes).rows())

    def activity_values(self, source: Source, places: Iterable[int]) -> list[Mapping[str, Value]]:
        """The values kept of the happenings at `places`."""
        with self._lock.reading():
            table = self._activity.tables[source]
            return list(table.values_at([int(place) for place in places]))

    def subject_values(
        self, subject: MeasureSubject, pids: Sequence[int] | Pids, moment: Moment, staged: Staged | None = None
    ) -> tuple[npt.NDArray[Any], Bools]:
        """The subject's value for each of `pids`, and which of them have one. Numbers as float64, instants as int64, booleans; `first` and
        `last` as objects. Exactly the law's."""
        with self._lock.reading():
            some = np.asarray(pids, dtype=np.int64)
            return self._activity.values(subject, some, moment, None if staged is None else staged.happenings)

    def columns_of(self, source: Source) -> frozenset[str]:
        """The columns kept of a source."""
        with self._lock.reading():
            return self._activity.columns_of(source)

    def missing(self, rule: Lowered) -> frozenset[tuple[Source, str]]:
        """The columns that `rule` looks at and that are still to be loaded. With AT for a column: events of any name have to be gathered."""
        with self._lock.reading():
            return self._activity.missing(rule)

    def event_summary(self, source: Source) -> tuple[int, Instant | None, Instant | None]:
        """How many happenings there are, and the first and last instant."""
        with self._lock.reading():
            count, first, last = self._activity.summary(source)
            return count, None if first is None else Instant(first), None if last is None else Instant(last)

    # --- what there is

    def names(self) -> list[str]:
        """The properties of which some profile has a value."""
        with self._lock.reading():
            return [
                name
                for name, column in self._columns.items()
                if isinstance(name, str) and any(part.count for part in column.parts.values())
            ]

    def kinds(self, name: Name) -> Mapping[Kind, int]:
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
            columns = sum(one.bytes() for one in self._columns.values())
            kept = self._cache.bytes() + self._kept.bytes() + self._samples.bytes()
            return self._alive.nbytes + kept + columns + self._activity.bytes()


def _names(documents: Iterable[Document | None]) -> set[Name]:
    return set[Name]().union(*(document for document in documents if document is not None))
