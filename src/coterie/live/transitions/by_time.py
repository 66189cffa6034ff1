"""The transitions that time causes: profiles that crossed a window edge are judged at that instant.

What is crossed is an edge of a property ("trial ends in 7 days") or of a window over activity ("3
orders in 30 days"). Only edges that are due are looked at, and of those only the profiles that
crossed; for a window over activity, only the segments with an end between the old and the new value
of the measure. Each transition has the instant at which it fell due, even when the process was down
then.

A profile that crosses at one instant only is, from then on, what it is at the end of the pass. So
all such profiles are judged together, as of the end, by the index's columns. Profiles that cross
more than once are few when the pass is short: a pass with many of them is cut in two. The rest are
judged by the law, one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from coterie.index import Index
from coterie.live.profile_view import indexed_profile
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch, rows_in
from coterie.live.transitions.by_facts import ROWS_BY_LAW_MAX
from coterie.live.transitions.crossings import OrderedCrossings
from coterie.live.transitions.propagation import Propagation
from coterie.model import Action, Cause
from coterie.rules.edges import Edge
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, Followed, MeasureSubject, Source, Subject
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value


@dataclass(slots=True)
class TimePass:
    """A pass over crossings: the memberships as decided so far, and who entered or left when."""

    segments: SegmentRegistry
    index: Index
    zone: ZoneInfo
    edges: list[Edge]
    decided: dict[str, BitMap] = field(default_factory=dict)
    _moved: dict[tuple[int, int, int, Action], list[int]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, crossed: OrderedCrossings, since: Instant) -> None:
        """Judge the profiles that crossed. Everything up to `since` has been judged."""
        if not len(crossed):
            return
        several = crossed.pids_of_several()
        if len(several) > ROWS_BY_LAW_MAX:
            cut = _middle(crossed.at, crossed.at[np.isin(crossed.pid, several)])
            self.judge(crossed.only(slice(None, cut)), since)
            self.judge(crossed.only(slice(cut, None)), Instant(int(crossed.at[cut - 1])))
            return
        once = ~np.isin(crossed.pid, several)
        if np.count_nonzero(once) > ROWS_BY_LAW_MAX:
            self._together(crossed.only(once), since, Moment(Instant(int(crossed.at[-1])), self.zone))
            crossed = crossed.only(~once)
        self._one_by_one(crossed)

    def transitions(self) -> list[TransitionBatch]:
        """The transitions of everything judged, in the order in which they are numbered."""
        return [
            TransitionBatch(self.segments.by_sid[sid], action, Cause.TIME, at, sorted(pids))
            for (at, _, sid, action), pids in sorted(self._moved.items())
        ]

    # --- by the columns

    def _together(self, crossed: OrderedCrossings, since: Instant, moment: Moment) -> None:
        """Judge profiles that cross at one instant each, at `moment`, when all of them have."""
        pids, first = np.unique(crossed.pid, return_index=True)
        instants = crossed.at[first]
        before = Moment(since, self.zone)
        waiting: dict[int, list[np.ndarray]] = defaultdict(list)  # sid -> the pids to judge
        for number in np.unique(crossed.edge).tolist():
            self._affected_rows(self.edges[number], crossed.only(crossed.edge == number), before, moment, waiting)
        propagation = Propagation(self.segments, waiting)
        for segment in propagation:
            parts = waiting.pop(segment.sid)
            rows = parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))
            inside = self._evaluate(segment, rows, moment)
            moved = rows[inside != rows_in(self._members(segment.id), rows)]
            if not len(moved):
                continue
            entered = inside[np.searchsorted(rows, moved)]
            self._decide(segment.id, moved)
            for pid, at, enters in zip(
                moved.tolist(), instants[np.searchsorted(pids, moved)].tolist(), entered.tolist(), strict=True
            ):
                self._moved[at, segment.depth, segment.sid, Action.ENTER if enters else Action.EXIT].append(pid)
            for user in propagation.changed(segment):
                waiting[user].append(moved)

    def _affected_rows(
        self, edge: Edge, crossed: OrderedCrossings, before: Moment, after: Moment, into: dict[int, list[np.ndarray]]
    ) -> None:
        """Add, for each segment that the edge can affect, the pids to judge."""
        for subject, rows in self._subjects(edge, crossed, after).items():
            for sid in self.segments.timetable.moving(edge, subject):
                into[sid].append(rows)
            if isinstance(subject, MeasureSubject):
                self._affected_by_measure(subject, rows, before, after, into)

    def _affected_by_measure(
        self, subject: MeasureSubject, rows: np.ndarray, before: Moment, after: Moment,
        into: dict[int, list[np.ndarray]],
    ) -> None:  # fmt: skip
        """The same for a measure: pids whose value changes, for segments with an end between."""
        old, had = self.index.subject_values(subject, rows, before)
        new, has = self.index.subject_values(subject, rows, after)
        changed = np.flatnonzero((had != has) | (had & has & (old != new)))
        sids = self.segments.measures.sids[subject]
        if len(sids) * 8 <= len(changed):
            for sid in sids:
                into[sid].append(rows[changed])
            return
        pids: dict[int, list[int]] = defaultdict(list)
        for place in changed.tolist():
            affected: set[int] = set()
            was, will_be = _value(subject, old, had, place), _value(subject, new, has, place)
            self.segments.predicates.affected(subject, was, will_be, after.now, affected, before.now)
            for sid in affected:
                pids[sid].append(int(rows[place]))
        for sid, affected_pids in pids.items():
            into[sid].append(np.array(affected_pids, dtype=np.int64))

    def _subjects(self, edge: Edge, crossed: OrderedCrossings, moment: Moment) -> dict[Subject, np.ndarray]:
        """The subjects that the edge concerns, each with the pids for which it does.

        A measure with a `where` concerns only profiles with a row that it may count.
        """
        measures, source = self.segments.measures, edge.source
        every_pid = np.unique(crossed.pid)
        subjects: dict[Subject, np.ndarray] = {}
        selective: set[MeasureSubject] = set()
        for subject in self.segments.timetable.subjects(edge):
            if (
                source is not None
                and isinstance(subject, MeasureSubject)
                and edge.column == AT
                and not measures.counts_any_row(source, subject)
            ):
                selective.add(subject)
            else:
                subjects[subject] = every_pid
        if selective:
            assert source is not None
            pids: dict[Subject, set[int]] = defaultdict(set)
            for pid, values in self._row_values(source, crossed):
                for subject in measures.of_source(source, values, moment) & selective:
                    pids[subject].add(pid)
            subjects.update((subject, np.array(sorted(some), dtype=np.int64)) for subject, some in pids.items())
        return subjects

    def _row_values(self, source: Source, crossed: OrderedCrossings) -> Iterator[tuple[int, Mapping[str, Value]]]:
        """The values of the rows that crossed, with their pids.

        Where a commit has moved the rows meanwhile, those of all rows of these pids.
        """
        pids = crossed.pid.tolist()
        if len(pids) and crossed.place[0] >= 0:
            yield from zip(pids, self.index.activity_values(source, crossed.place), strict=True)
        else:
            for pid in dict.fromkeys(pids):
                for row in self.index.activity(source, pid):
                    yield pid, row.values

    def _evaluate(self, segment: LiveSegment, rows: np.ndarray, moment: Moment) -> np.ndarray:
        assert segment.lowered is not None
        return self.index.evaluate(segment.lowered, rows, moment, lambda used: rows_in(self._members(used), rows))

    def _members(self, segment_id: str) -> BitMap:
        decided = self.decided.get(segment_id)
        return self.segments.members_of(segment_id) if decided is None else decided

    def _decide(self, segment_id: str, moved: Iterable[int]) -> None:
        decided = self.decided.get(segment_id)
        if decided is None:
            decided = self.decided[segment_id] = BitMap(self.segments.members_of(segment_id))
        decided ^= BitMap(moved)

    # --- by the law

    def _one_by_one(self, crossed: OrderedCrossings) -> None:
        waiting: dict[tuple[int, int], set[int]] = defaultdict(set)  # (instant, pid), in order -> the sids to judge
        for row in range(len(crossed)):
            at, pid = int(crossed.at[row]), int(crossed.pid[row])
            edge = self.edges[int(crossed.edge[row])]
            waiting[at, pid] |= self._affected(edge, crossed.only(slice(row, row + 1)), pid, Instant(at))
        for (at, pid), sids in waiting.items():
            self._judge(pid, sids, Moment(Instant(at), self.zone))

    def _affected(self, edge: Edge, crossed: OrderedCrossings, pid: int, at: Instant) -> set[int]:
        """The segments that the edge can affect for one profile, which crosses it at an instant."""
        before, after = Moment(Instant(at - 1), self.zone), Moment(at, self.zone)
        profile = self.index.one_profile(pid)
        sids: set[int] = set()
        for subject in self._subjects(edge, crossed, after):
            sids |= self.segments.timetable.moving(edge, subject)
            if isinstance(subject, MeasureSubject):
                old, new = profile.value(subject, before), profile.value(subject, after)
                if old != new or type(old) is not type(new):
                    self.segments.predicates.affected(subject, old, new, at, sids, before.now)
        return sids

    def _judge(self, pid: int, sids: set[int], moment: Moment) -> None:
        def is_member(segment_id: str) -> bool:
            return pid in self._members(segment_id)

        profile = indexed_profile(pid, self.index, self.index.one_profile(pid).activity, is_member)
        propagation = Propagation(self.segments, sids)
        for segment in propagation:
            assert segment.rule is not None
            inside = evaluate(segment.rule, profile, moment)
            if inside == is_member(segment.id):
                continue
            self._decide(segment.id, (pid,))
            self._moved[moment.now, segment.depth, segment.sid, Action.ENTER if inside else Action.EXIT].append(pid)
            propagation.changed(segment)


def _value(subject: MeasureSubject, values: np.ndarray, present: np.ndarray, place: int) -> Value | None:
    """One of the values in the index's arrays, as a value of the subject's kind."""
    if not present[place]:
        return None
    value = values[place]
    if isinstance(subject, Followed) or subject.measure in ("any", "none"):
        return bool(value)
    if subject.measure in ("first_at", "last_at"):
        return Instant(int(value))
    return value if subject.measure in ("first", "last") else float(value)


def _middle(instants: np.ndarray, several: np.ndarray) -> int:
    """Where to cut ascending `instants`, with about half of `several` on either side.

    Neither side is empty.
    """
    middle = several[(len(several) - 1) // 2]
    cut = int(np.searchsorted(instants, middle, "right"))
    return cut if cut < len(instants) else int(np.searchsorted(instants, middle, "left"))
