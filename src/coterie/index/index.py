"""The index: all that rules ask of, in memory, so that a rule over everybody takes milliseconds.

How it is built, from the bottom: `bits` (packed sets of rows), `columns/` (the values of one
property, by kind), `profiles` (a column for each property), `activity/` (events and conversations
as tables, and measures over them), and this facade, which combines the leaves of a rule and guards
everything with one lock. `staged` holds rows about to be written, `crossings` says who crosses a
window edge when, `sample` draws samples.

It is long because every read and every change goes through its one lock.

Rows are pids: dense, never used again. Everything here can be rebuilt from the store. A new kernel
leaf is taught to `resolve.kind_of_leaf` and to the part and view of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from coterie.index import bits
from coterie.index.activity.measure_cache import MeasureCache
from coterie.index.activity.one_profile import OneProfile
from coterie.index.activity.rows import Changes, Integers, Loaded, ProfileActivity
from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.tables import ActivityTables
from coterie.index.bits import Bools, Pids, Words
from coterie.index.columns.column import WRITE_SINGLY_MAX
from coterie.index.columns.summaries import summary
from coterie.index.combine import combined, leaves_of
from coterie.index.crossings import Crossings
from coterie.index.lock import ReadersWriterLock
from coterie.index.membership import Members, as_bitmaps, member_rows
from coterie.index.profiles import Document, Name, ProfileColumns, names_in
from coterie.index.resolve import ResolvedLeaf, resolve
from coterie.index.sample import Samples, in_sample
from coterie.index.staged import Staged
from coterie.model import KindSummary
from coterie.rules.activity import ActivityRow
from coterie.rules.edges import Edge
from coterie.rules.kernel import Leaf, Lowered, MeasureSubject, MemberOf, Sampled, Source
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value


class Index:
    """Any thread may ask; one thread at a time may stage and publish.

    Nothing staged is seen before it is published, then all of it at once.
    """

    def __init__(self, *, zone: ZoneInfo, threads: int = 2, cache_bytes_max: int = 256 * 2**20) -> None:
        self._lock = ReadersWriterLock()
        self._profiles = ProfileColumns(zone, threads, cache_bytes_max // 2)
        self._samples = Samples()
        self._activity = ActivityTables(zone)
        self._measures = MeasureCache(self._activity, cache_bytes_max // 2)

    @property
    def rows(self) -> int:
        """One more than the largest pid."""
        return self._profiles.rows

    @property
    def alive(self) -> int:
        """How many profiles there are."""
        return self._profiles.alive

    # --- writing

    def load(self, batches: Iterable[tuple[Sequence[int], Sequence[Document]]]) -> None:
        """Load many profiles, as at the opening. Pids are distinct over all batches and new."""
        with self._lock.writing():
            self._profiles.begin_load()
            for pids, documents in batches:
                if len(pids):
                    self._write(self._staged(np.array(pids, dtype=np.int64), documents, names_in(documents), None))
            self._profiles.settle()

    def load_activity(self, source: Source, batches: Iterable[Loaded]) -> None:
        """Load all rows of one source, as at the opening."""
        with self._lock.writing():
            self._activity.load(source, batches)
            self._measures.clear()

    def load_columns(
        self, source: Source, names: Iterable[str], batches: Iterable[tuple[Integers, Mapping[str, list[Value | None]]]]
    ) -> None:
        """Load columns that are not in memory yet, of all rows of one source, in any order.

        Where the source is events of any name, these are gathered first.
        """
        with self._lock.writing():
            self._activity.load_columns(source, names, batches)

    def stage(
        self,
        pids: Sequence[int],
        documents: Sequence[Document | None],
        changed: Collection[Name] | None = None,
        activity: Changes | None = None,
    ) -> Staged:
        """Prepare rows to be written, of distinct pids.

        `documents` are the full new values of each profile; None deletes it. Only the properties in
        `changed` may differ from what is indexed (None: any may). The `activity` is added and
        removed with them.
        """
        rows = np.array(pids, dtype=np.int64)
        with self._lock.reading():
            names = set(names_in(documents) if changed is None else changed)
            clearing = rows
            if changed is not None:
                clearing = rows[[place for place, document in enumerate(documents) if document is None]]
            names |= self._profiles.present_names(clearing, names)
            return self._staged(rows, documents, names, None if activity is None else StagedActivity(activity))

    def _staged(
        self, pids: Pids, documents: Sequence[Document | None], names: Iterable[Name], activity: StagedActivity | None
    ) -> Staged:
        lives = np.array([document is not None for document in documents], dtype=np.bool_)
        values = self._profiles.new_values(names, documents)
        return Staged(self._profiles, self._activity, pids, lives, values, activity)

    def publish(self, staged: Staged) -> None:
        """Make the staged rows visible."""
        if len(staged.pids) > WRITE_SINGLY_MAX:
            for name in staged.values:
                staged.views(name)  # while others may still ask
        if len(staged.pids) or staged.activity is not None:
            with self._lock.writing():
                self._write(staged)

    def _write(self, staged: Staged) -> None:
        if len(staged.pids):
            self._profiles.write(staged.pids, staged.lives, staged.values, staged.views)
        if staged.activity is not None:
            self._activity.publish(staged.activity)

    def forget(self) -> None:
        """Drop every cached answer. The next questions take as long as the first did."""
        with self._lock.writing():
            self._profiles.forget()
            self._measures.clear()
            self._activity.forget()

    # --- asking about all rows

    def counts(self, rules: Sequence[Lowered], moment: Moment, members: Members) -> list[int]:
        """How many profiles match each of `rules`.

        `members` gives the members of a segment that a rule uses.
        """
        with self._lock.reading():
            return [bits.count(rows) for rows in self._matching(rules, moment, members)]

    def select(self, rule: Lowered, moment: Moment, members: Members) -> BitMap:
        """The pids of the profiles that match `rule`."""
        with self._lock.reading():
            return bits.to_bitmap(self._matching([rule], moment, members)[0])

    def _matching(self, rules: Sequence[Lowered], moment: Moment, members: Members) -> list[Words]:
        everyone, rows = self._profiles.everyone(), self._profiles.rows
        of_leaf: dict[Leaf, Words] = {}
        resolved_of: dict[Leaf, ResolvedLeaf] = {}
        for leaf in dict.fromkeys(leaf for rule in rules for leaf in leaves_of(rule)):
            match leaf:
                case MemberOf(segment):
                    of_leaf[leaf] = bits.from_bitmap(members(segment), rows) & everyone
                case Sampled():
                    of_leaf[leaf] = self._samples.rows(leaf, rows) & everyone
                case _ if isinstance(leaf.property, MeasureSubject):
                    default, others = self._measures.everyone(leaf, moment, rows)
                    of_leaf[leaf] = everyone & ~others if default else everyone & others
                case _:
                    resolved_of[leaf] = resolve(leaf, moment)
        answers = self._profiles.answers(list(dict.fromkeys(resolved_of.values())))
        of_leaf.update((leaf, answers[resolved]) for leaf, resolved in resolved_of.items())
        return [combined(rule, of_leaf.__getitem__, everyone) for rule in rules]

    def alive_pids(self) -> BitMap:
        """The pids of every profile."""
        with self._lock.reading():
            return bits.to_bitmap(self._profiles.everyone())

    # --- asking about some rows

    def evaluate(
        self, rule: Lowered, rows: Pids | None, moment: Moment, members: Callable[[str], BitMap | Bools]
    ) -> Bools:
        """For each of `rows` (None: every pid up to the largest), whether it matches `rule`.

        Deleted rows do not match. `members` may give a bitmap of pids or, for `rows`, a verdict for
        each.
        """
        with self._lock.reading():
            if rows is None:
                return bits.unpack(self._matching([rule], moment, as_bitmaps(members))[0], self._profiles.rows)
            pids = np.asarray(rows, dtype=np.int64)
            lives = bits.test(self._profiles.everyone(), pids)
            judged: dict[Leaf, Bools] = {}
            for leaf in dict.fromkeys(leaves_of(rule)):
                match leaf:
                    case MemberOf(segment):
                        matching = member_rows(members(segment), pids)
                    case Sampled():
                        matching = in_sample(leaf, pids)
                    case _ if isinstance(leaf.property, MeasureSubject):
                        matching = self._activity.judge(leaf, pids, moment, None)
                    case _:
                        matching = self._profiles.judge(resolve(leaf, moment), pids)
                judged[leaf] = matching & lives
            return combined(rule, judged.__getitem__, lives)

    def value(self, name: Name, pid: int) -> Value | None:
        """The value of one profile's property; None when it is missing."""
        with self._lock.reading():
            return self._profiles.value(name, pid)

    # --- the clock

    def crossings(self, edge: Edge, since: Instant, until: Instant) -> Crossings:
        """Who crosses the edge when, `since` < instant <= `until`.

        May name more than change a verdict, never fewer.
        """
        with self._lock.reading():
            of = self._profiles if edge.source is None else self._activity
            return of.crossings(edge, since, until)

    def next_crossing(self, edge: Edge, after: Instant) -> Instant | None:
        """The first instant after `after` at which somebody may cross the edge."""
        with self._lock.reading():
            of = self._profiles if edge.source is None else self._activity
            return of.next_crossing(edge, after)

    # --- activity

    def one_profile(self, pid: int, staged: Staged | None = None) -> OneProfile:
        """What one profile did and its measures: as published, or as `staged` would leave it."""
        changes = None if staged is None else staged.activity

        def fetch(source: Source) -> ProfileActivity:
            with self._lock.reading():
                activity = self._activity.lookup.activity(source, pid, changes)
                activity.rows()  # now, while the table stays as it is
                return activity

        return OneProfile(fetch)

    def activity(self, source: Source, pid: int, staged: Staged | None = None) -> list[ActivityRow]:
        """One profile's rows by instant: as published, or as `staged` would leave them.

        They have the values of the columns in memory.
        """
        return list(self.one_profile(pid, staged).activity(source))

    def activity_values(self, source: Source, places: Iterable[int]) -> list[Mapping[str, Value]]:
        """The values of the rows at `places`, of the columns in memory."""
        with self._lock.reading():
            return list(self._activity.tables[source].values_at([int(place) for place in places]))

    def subject_values(
        self, subject: MeasureSubject, pids: Sequence[int] | Pids, moment: Moment, staged: Staged | None = None
    ) -> tuple[npt.NDArray[Any], Bools]:
        """The subject's value for each of `pids`, and which of them have one. Exactly the law's.

        Numbers are float64, instants int64, truths booleans; `first` and `last` are objects.
        """
        with self._lock.reading():
            changes = None if staged is None else staged.activity
            return self._activity.values(subject, np.asarray(pids, dtype=np.int64), moment, changes)

    def missing(self, rule: Lowered) -> frozenset[tuple[Source, str]]:
        """The columns that `rule` uses and that have to be loaded first.

        With AT for a column: events of any name have to be gathered.
        """
        with self._lock.reading():
            return self._activity.missing(rule)

    def event_summary(self, source: Source) -> tuple[int, Instant | None, Instant | None]:
        """How many rows a source has, and its first and last instant."""
        with self._lock.reading():
            return self._activity.summary(source)

    # --- properties

    def names(self) -> list[str]:
        """The properties of which some profile has a value."""
        with self._lock.reading():
            return self._profiles.names()

    def kinds(self, name: Name) -> Mapping[Kind, int]:
        """How many profiles have a value of each kind."""
        with self._lock.reading():
            return self._profiles.kinds(name)

    def summary(self, name: str, top: int = 10) -> tuple[KindSummary, ...]:
        """A property's values in numbers, by kind."""
        with self._lock.reading():
            return tuple(summary(part, top) for part in self._profiles.parts(name))

    def bytes(self) -> int:
        """An estimate of the memory held."""
        with self._lock.reading():
            cached = self._measures.bytes() + self._samples.bytes()
            return self._profiles.bytes() + self._activity.bytes() + cached
