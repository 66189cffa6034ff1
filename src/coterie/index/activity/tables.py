"""All activity: the tables by source, what is asked of them, and what is written to them.

`table` holds the rows, `selection` picks those that count, `group_by_profile` brings them together
by profile, `measuring` and `sequence` make one value of them for each, and `measure_result` answers
leaves by these values. `one_profile` does the same for a profile or two in plain Python,
`measure_cache` remembers answers, `edges` says when time changes them. The law's arithmetic
(`rules.subjects`) is what all of it has to agree with.

Whoever calls holds the index's lock, or is the thread that publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from coterie.index import bits
from coterie.index.activity.edges import next_table_crossing, table_crossings
from coterie.index.activity.group_by_profile import in_order
from coterie.index.activity.measure_result import ExactValues, MeasureResult
from coterie.index.activity.measuring import NOTHING, changes, measured
from coterie.index.activity.one_profile import OneProfile
from coterie.index.activity.profile_lookup import ProfileLookup
from coterie.index.activity.rows import Integers, Loaded
from coterie.index.activity.selection import Block, Selected, StagedRows, TableRows, judged
from coterie.index.activity.sequence import Step, followed
from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.table import Table
from coterie.index.activity.table_scan import TableScan
from coterie.index.activity.window import Window, bounds, windows
from coterie.index.bits import Bools, Pids, Words
from coterie.index.crossings import NO_CROSSINGS, Crossings
from coterie.index.resolve import resolve
from coterie.rules.edges import Edge
from coterie.rules.kernel import (
    ANY_EVENT,
    AT,
    Conversations,
    EventsNamed,
    Followed,
    Lowered,
    Measured,
    MeasureSubject,
    PropertyLeaf,
    Source,
)
from coterie.rules.matching import leaf_matches
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value
from coterie.rules.walk import columns, sources

MEASURE_SINGLY_MAX: Final = 8
"""Profiles up to which plain Python is faster."""


class ActivityTables:
    """The tables of one index."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.tables: dict[Source, Table] = {}
        self.lookup = ProfileLookup(self.tables.get)

    # --- writing

    def load(self, source: Source, batches: Iterable[Loaded]) -> None:
        table = Table(source, self.zone)
        table.load(batches)
        self.tables[source] = table

    def load_columns(
        self, source: Source, names: Iterable[str], batches: Iterable[tuple[Integers, Mapping[str, list[Value | None]]]]
    ) -> None:
        table = self.tables.get(source)
        if table is None:
            table = Table(source, self.zone)
            if source == ANY_EVENT:
                table.load(self._every_event())
            self.tables[source] = table
        table.load_columns(names, batches)
        self.lookup.forget()

    def _every_event(self) -> Iterator[Loaded]:
        for source, table in self.tables.items():
            if isinstance(source, EventsNamed):
                living = table.living(np.arange(table.count))
                yield Loaded(table.numbers[living], table.pids[living], table.ats[living], {})

    def publish(self, staged: StagedActivity) -> None:
        for source in staged.sources():
            self._write(source, staged)
        if ANY_EVENT in self.tables and staged.touches(ANY_EVENT):
            self._write(ANY_EVENT, staged)

    def _write(self, source: Source, staged: StagedActivity) -> None:
        table = self.tables.get(source)
        if table is None:
            table = self.tables[source] = Table(source, self.zone)
        removed, rows = list(staged.removed(source)), staged.rows(source)
        if removed:
            table.remove(removed)
        if rows:
            table.append(rows)
        table.tidy()

    # --- asking about all profiles

    def measure(self, subject: MeasureSubject, moment: Moment) -> MeasureResult:
        """The subject's values, of all profiles."""
        return self._measure(subject, moment, None, None)

    def compared(self, leaf: PropertyLeaf, result: MeasureResult, moment: Moment, rows: int) -> tuple[bool, Words]:
        """The default verdict for profiles without activity, and the rows that differ from it."""
        default = self._default(leaf, moment)
        others = result.pids[result.judge(resolve(leaf, moment), moment) != default]
        return default, bits.of_pids(others, max(rows, int(others[-1]) + 1 if len(others) else 0))

    def _default(self, leaf: PropertyLeaf, moment: Moment) -> bool:
        return leaf_matches(leaf, nothing(leaf.property), moment)

    # --- asking about some profiles

    def one_profile(self, pid: int, staged: StagedActivity | None) -> OneProfile:
        """What one profile did: as published, or as `staged` would leave it."""
        return OneProfile(lambda source: self.lookup.activity(source, pid, staged))

    def judge(self, leaf: PropertyLeaf, pids: Pids, moment: Moment, staged: StagedActivity | None) -> Bools:
        """For each of `pids`, whether `leaf` matches."""
        subject = leaf.property
        assert isinstance(subject, MeasureSubject)
        if len(pids) <= MEASURE_SINGLY_MAX:
            values = (self.one_profile(pid, staged).value(subject, moment) for pid in pids.tolist())
            return np.fromiter((leaf_matches(leaf, value, moment) for value in values), dtype=np.bool_, count=len(pids))
        distinct = np.unique(pids)
        result = self._measure(subject, moment, distinct, staged)
        verdicts = np.full(len(distinct), self._default(leaf, moment))
        verdicts[distinct.searchsorted(result.pids)] = result.judge(resolve(leaf, moment), moment)
        of_pids: Bools = verdicts[distinct.searchsorted(pids)]
        return of_pids

    def values(
        self, subject: MeasureSubject, pids: Pids, moment: Moment, staged: StagedActivity | None
    ) -> tuple[npt.NDArray[Any], Bools]:
        """The subject's value for each of `pids`, and which have one."""
        if len(pids) <= MEASURE_SINGLY_MAX:
            listed = [self.one_profile(pid, staged).value(subject, moment) for pid in pids.tolist()]
            return _array(subject, listed), np.array([value is not None for value in listed], dtype=np.bool_)
        distinct = np.unique(pids)
        result = self._measure(subject, moment, distinct, staged)
        values = _array(subject, [nothing(subject)] * len(distinct))
        present = np.full(len(distinct), nothing(subject) is not None)
        places = distinct.searchsorted(result.pids)
        values[places], present[places] = result.values(), True
        of_pids = distinct.searchsorted(pids)
        return values[of_pids], present[of_pids]

    # --- the clock

    def crossings(self, edge: Edge, since: Instant, until: Instant) -> Crossings:
        """Who crosses the edge when, `since` < instant <= `until`."""
        assert edge.source is not None
        table = self.tables.get(edge.source)
        return NO_CROSSINGS if table is None else table_crossings(table, edge, since, until)

    def next_crossing(self, edge: Edge, after: Instant) -> Instant | None:
        """The first instant after `after` at which a row may cross the edge."""
        assert edge.source is not None
        table = self.tables.get(edge.source)
        return None if table is None else next_table_crossing(table, edge, after)

    # --- both

    def _measure(
        self, subject: MeasureSubject, moment: Moment, pids: Pids | None, staged: StagedActivity | None
    ) -> MeasureResult:
        """The values that differ from that of a profile without activity.

        They are those of `pids` (distinct, ascending), or of all.
        """
        if isinstance(subject, Followed):
            made = followed(self._steps(subject, moment, pids, staged), self._people(subject, staged))
            return ExactValues(made, np.ones(len(made), dtype=np.bool_))
        every = [
            measured(subject, Selected(self._blocks(subject.source, window, subject.where, moment, pids, staged)))
            for window in windows(subject)
        ]
        return every[0] if len(every) == 1 else changes(*every)

    def _steps(
        self, subject: Followed, moment: Moment, pids: Pids | None, staged: StagedActivity | None
    ) -> Iterator[Step]:
        for step in subject.steps:
            blocks = self._blocks(step.source, subject.window, step.where, moment, pids, staged)
            there = in_order(blocks[0]) if len(blocks) == 1 and isinstance(blocks[0], TableRows) else None
            yield Selected(blocks if there is None else [there]), step.within

    def _people(self, subject: Followed, staged: StagedActivity | None) -> int:
        """A number above all pids that made a step."""
        tables = [self.tables[step.source] for step in subject.steps if step.source in self.tables]
        added = [] if staged is None else [row.pid for step in subject.steps for row in staged.rows(step.source)]
        return max([table.people for table in tables] + added, default=0) + 1

    def _blocks(
        self,
        source: Source,
        window: Window,
        where: Lowered | None,
        moment: Moment,
        pids: Pids | None,
        staged: StagedActivity | None,
    ) -> list[Block]:
        """The rows that lie in the window and meet `where`."""
        table = self.tables.get(source) or Table(source, self.zone)
        low, high = bounds(window, moment)
        if pids is None:
            return TableScan(table, low, high).blocks(where, moment)
        blocks: list[Block] = []
        rows = TableRows(table, table.places_of_many(pids))
        stays = None if staged is None else staged.stays(source, table.numbers[rows.places], rows.pids)
        blocks.append(rows if stays is None else rows.only(stays))
        if staged is not None and staged.touches(source):
            added = staged.blocks.get(source)
            if added is None or added.table is not table:
                added = staged.blocks[source] = StagedRows(table, staged.rows(source))
            blocks.append(added.only(np.isin(added.pids, pids)))
        inside = [block.only((block.ats >= low) & (block.ats <= high)) for block in blocks]
        return inside if where is None else [block.only(judged(where, block, moment)) for block in inside]

    # --- what there is

    def columns_of(self, source: Source) -> frozenset[str]:
        table = self.tables.get(source)
        return frozenset() if table is None else frozenset(table.columns)

    def missing(self, rule: Lowered) -> frozenset[tuple[Source, str]]:
        """The columns that a rule uses and that are not in memory yet.

        With AT for a column: events of any name are not gathered yet.
        """
        wanted = {(source, name) for source, name in columns(rule) if name not in self.columns_of(source)}
        if ANY_EVENT in sources(rule) and ANY_EVENT not in self.tables:
            wanted.add((ANY_EVENT, AT))
        return frozenset(wanted)

    def summary(self, source: Source) -> tuple[int, Instant | None, Instant | None]:
        """How many rows a source has, and its first and last instant."""
        table = self.tables.get(source)
        if table is not None:
            return table.summary()
        tables = [
            table
            for named, table in self.tables.items()
            if source == ANY_EVENT and not isinstance(named, Conversations)
        ]
        counts = [table.summary() for table in tables]
        firsts = [first for _, first, _ in counts if first is not None]
        lasts = [last for _, _, last in counts if last is not None]
        return sum(count for count, _, _ in counts), min(firsts, default=None), max(lasts, default=None)

    def forget(self) -> None:
        self.lookup.forget()
        for table in self.tables.values():
            table.forget()

    def bytes(self) -> int:
        return sum(table.bytes() for table in self.tables.values())


def nothing(subject: object) -> Value | None:
    """The subject's value for a profile that did nothing."""
    return NOTHING.get(subject.measure) if isinstance(subject, Measured) else False


def _array(subject: MeasureSubject, values: Sequence[Value | None]) -> npt.NDArray[Any]:
    """Values of a subject, zero where there is none."""
    if isinstance(subject, Followed) or subject.measure == "any":
        return np.array(values, dtype=np.bool_)
    if subject.measure in ("first", "last"):
        result = np.empty(len(values), dtype=object)
        result[:] = values
        return result
    kind = np.int64 if subject.measure in ("first_at", "last_at") else np.float64
    return np.array([0 if value is None else value for value in values], dtype=kind)
