"""Time is a change like any other: the profiles that crossed a window's edge since the last look, each judged at its own instant.

What is crossed is a leaf on a property ("trial ends in 7 days") or an edge of a window over events ("3 orders in 30 days"), and of the latter only those
segments are judged between whose ends the measure moved.

Only leaves that are due are looked at, and of those only the profiles that crossed. The transitions carry the instants at which they fell due, also when
the process was down meanwhile.

A profile that crossed at one instant only is, from that instant on, what it is at the end; so all such profiles are judged together, at the end, by the
index's columns. Those that crossed more than once are few when the span is short: a span with many of them is cut in two. What is left over is judged by
the law, one by one.

It is long because the two ways of judging are to be read side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from coterie.index import Index
from coterie.live.lanes import Lanes
from coterie.live.profile_view import indexed_profile
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch, rows_in
from coterie.live.transitions.by_facts import FEW
from coterie.live.transitions.propagation import Propagation
from coterie.model import Action, Cause
from coterie.rules.edges import Edge, edges
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, Followed, MeasureSubject, MovingLeaf, Source
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

WindowEdge = MovingLeaf | Edge
"""What is crossed: a leaf on a property, or the edge of a window over events or conversations."""


@dataclass(frozen=True, slots=True)
class Crossings:
    """Who crossed what when, in the order of the instants: four columns."""

    at: np.ndarray
    pid: np.ndarray
    edge: np.ndarray  # the place of what was crossed among the edges
    place: np.ndarray  # of an edge: which happening it was, for the index to tell its values

    def __len__(self) -> int:
        return len(self.at)

    def only(self, chosen: np.ndarray | slice) -> Crossings:
        return Crossings(self.at[chosen], self.pid[chosen], self.edge[chosen], self.place[chosen])

    def without_places(self) -> Crossings:
        """The same after a commit, when the places of happenings are others."""
        return Crossings(self.at, self.pid, self.edge, np.full(len(self.at), -1, dtype=np.int64))

    def pids_of_several(self) -> np.ndarray:
        """The pids that cross at more than one instant."""
        both = np.unique(np.stack((self.pid, self.at)), axis=1)
        pids, counts = np.unique(both[0], return_counts=True)
        return pids[counts > 1]


@dataclass(slots=True)
class TimePass:
    """A tick under way: the memberships as decided so far, and who moved."""

    segments: SegmentRegistry
    index: Index
    zone: ZoneInfo
    edges: list[WindowEdge]
    decided: dict[str, BitMap] = field(default_factory=dict)
    _moved: dict[tuple[int, int, int, Action], list[int]] = field(default_factory=lambda: defaultdict(list))

    def crossings(self, since: Instant, now: Instant) -> Crossings:
        columns: list[tuple[np.ndarray, ...]] = []
        for number, edge in enumerate(self.edges):
            for crossed in (edge,) if isinstance(edge, Edge) else edges(edge):
                at, pid, place = self.index.crossings(crossed, since, now)
                columns.append((at, pid, np.full(len(at), number, dtype=np.int64), place))
        if not columns:
            return Crossings(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
        whole = Crossings(*(np.concatenate(column).astype(np.int64) for column in zip(*columns, strict=True)))
        return whole.only(np.argsort(whole.at, kind="stable"))

    def judge(self, crossed: Crossings, since: Instant) -> None:
        """`since` is an instant up to which everything has been judged."""
        if not len(crossed):
            return
        several = crossed.pids_of_several()
        if len(several) > FEW:
            cut = _middle(crossed.at, crossed.at[np.isin(crossed.pid, several)])
            self.judge(crossed.only(slice(None, cut)), since)
            self.judge(crossed.only(slice(cut, None)), Instant(int(crossed.at[cut - 1])))
            return
        once = ~np.isin(crossed.pid, several)
        if np.count_nonzero(once) > FEW:
            self._together(crossed.only(once), since, Moment(Instant(int(crossed.at[-1])), self.zone))
            crossed = crossed.only(~once)
        self._one_by_one(crossed)

    def transitions(self) -> list[TransitionBatch]:
        return [
            TransitionBatch(self.segments.by_sid[sid], action, Cause.TIME, at, sorted(pids))
            for (at, _, sid, action), pids in sorted(self._moved.items())
        ]

    # --- by the columns

    def _together(self, crossed: Crossings, since: Instant, moment: Moment) -> None:
        """Profiles that cross once, judged at `moment`, when all of them have."""
        pids, first = np.unique(crossed.pid, return_index=True)
        instants = crossed.at[first]
        waiting: dict[int, list[np.ndarray]] = defaultdict(list)  # sid -> pids to judge
        for number in np.unique(crossed.edge).tolist():
            edge = self.edges[number]
            its = crossed.only(crossed.edge == number)
            if isinstance(edge, Edge):
                self._over_an_edge(edge, its, Moment(since, self.zone), moment, waiting)
            else:
                of_leaf = np.unique(its.pid)
                for sid in self.segments.due.sids[edge]:
                    waiting[sid].append(of_leaf)
        propagation = Propagation(self.segments, waiting)
        for segment in propagation:
            asked = waiting.pop(segment.sid)
            rows = asked[0] if len(asked) == 1 else np.unique(np.concatenate(asked))
            holds = self._holds(segment, rows, moment)
            flipped = rows[holds != rows_in(self._members(segment.id), rows)]
            if not len(flipped):
                continue
            entered = holds[np.searchsorted(rows, flipped)]
            self._decide(segment.id, flipped)
            for pid, at, enters in zip(
                flipped.tolist(), instants[np.searchsorted(pids, flipped)].tolist(), entered.tolist(), strict=True
            ):
                self._moved[at, segment.depth, segment.sid, Action.ENTER if enters else Action.EXIT].append(pid)
            for user in propagation.changed(segment):
                waiting[user].append(flipped)

    def _over_an_edge(
        self, edge: Edge, crossed: Crossings, before: Moment, after: Moment, waiting: dict[int, list[np.ndarray]]
    ) -> None:
        """Who has to be judged for which segment, because a measure of his is another now than it was."""
        measures, predicates = self.segments.measures, self.segments.predicates
        for subject, rows in self._subjects_over(edge, crossed, after).items():
            for sid in measures.moving.get(subject, ()):
                waiting[sid].append(rows)
            old, had = self.index.subject_values(subject, rows, before)
            new, has = self.index.subject_values(subject, rows, after)
            moved = np.flatnonzero((had != has) | (had & has & (old != new)))
            if not len(moved):
                continue
            sids = measures.sids[subject]
            if len(sids) * 8 <= len(moved):
                for sid in sids:
                    waiting[sid].append(rows[moved])
                continue
            flipped: dict[int, list[int]] = defaultdict(list)
            for place in moved.tolist():
                found: set[int] = set()
                was, will = _value(subject, old, had, place), _value(subject, new, has, place)
                predicates.affected(subject, was, will, after.now, found, before.now)
                for sid in found:
                    flipped[sid].append(int(rows[place]))
            for sid, some in flipped.items():
                waiting[sid].append(np.array(some, dtype=np.int64))

    def _subjects_over(self, edge: Edge, crossed: Crossings, moment: Moment) -> dict[MeasureSubject, np.ndarray]:
        """The subjects that move along the edge, each with the pids whose happening it may count."""
        measures, source = self.segments.measures, edge.source
        assert source is not None
        every = np.unique(crossed.pid)
        found: dict[MeasureSubject, np.ndarray] = {}
        narrow = set()
        for subject in measures.edges.subjects.get(edge, ()):
            if measures.looks_at_all(source, subject) or edge.column != AT:
                found[subject] = every
            else:
                narrow.add(subject)
        if narrow:
            pids: dict[MeasureSubject, set[int]] = defaultdict(set)
            for pid, one in self._values_over(source, crossed):
                for subject in measures.of_source(source, one, moment) & narrow:
                    pids[subject].add(pid)
            found.update((subject, np.array(sorted(some), dtype=np.int64)) for subject, some in pids.items())
        return found

    def _values_over(self, source: Source, crossed: Crossings) -> Iterator[tuple[int, Mapping[str, Value]]]:
        """The values of what crossed, with its pid; of everything of the pid's where it is not known any more which it was."""
        pids = crossed.pid.tolist()
        if len(pids) and crossed.place[0] >= 0:
            yield from zip(pids, self.index.activity_values(source, crossed.place), strict=True)
        else:
            for pid in dict.fromkeys(pids):
                for one in self.index.activity(source, pid):
                    yield pid, one.values

    def _holds(self, segment: LiveSegment, rows: np.ndarray, moment: Moment) -> np.ndarray:
        assert segment.lowered is not None
        return self.index.evaluate(segment.lowered, rows, moment, lambda one: rows_in(self._members(one), rows))

    def _members(self, segment_id: str) -> BitMap:
        decided = self.decided.get(segment_id)
        return self.segments.members_of(segment_id) if decided is None else decided

    def _decide(self, segment_id: str, flipped: Iterable[int]) -> None:
        decided = self.decided.get(segment_id)
        if decided is None:
            decided = self.decided[segment_id] = BitMap(self.segments.members_of(segment_id))
        decided ^= BitMap(flipped)

    # --- by the law

    def _one_by_one(self, crossed: Crossings) -> None:
        waiting: dict[tuple[int, int], set[int]] = defaultdict(
            set
        )  # (instant, pid) -> sids to judge, in order of instants
        for row in range(len(crossed)):
            at, pid = int(crossed.at[row]), int(crossed.pid[row])
            edge = self.edges[int(crossed.edge[row])]
            if isinstance(edge, Edge):
                waiting[at, pid] |= self._flipped_at(edge, crossed.only(slice(row, row + 1)), pid, Instant(at))
            else:
                waiting[at, pid] |= self.segments.due.sids[edge]
        for (at, pid), sids in waiting.items():
            self._judge(pid, sids, Moment(Instant(at), self.zone))

    def _flipped_at(self, edge: Edge, crossed: Crossings, pid: int, at: Instant) -> set[int]:
        """The segments whose leaves lie between what the measures were just before an instant and what they are at it."""
        before, after = Moment(Instant(at - 1), self.zone), Moment(at, self.zone)
        lanes = Lanes(lambda source: self.index.activity(source, pid))
        found: set[int] = set()
        for subject in self._subjects_over(edge, crossed, after):
            found |= self.segments.measures.moving.get(subject, set())
            old, new = lanes.value(subject, before), lanes.value(subject, after)
            if old != new or type(old) is not type(new):
                self.segments.predicates.affected(subject, old, new, at, found, before.now)
        return found

    def _judge(self, pid: int, waiting: set[int], moment: Moment) -> None:
        def is_member(segment_id: str) -> bool:
            return pid in self._members(segment_id)

        lanes = Lanes(lambda source: self.index.activity(source, pid))
        profile = indexed_profile(pid, self.index, lanes.happenings, is_member)
        propagation = Propagation(self.segments, waiting)
        for segment in propagation:
            assert segment.rule is not None
            holds = evaluate(segment.rule, profile, moment)
            if holds == is_member(segment.id):
                continue
            self._decide(segment.id, (pid,))
            self._moved[moment.now, segment.depth, segment.sid, Action.ENTER if holds else Action.EXIT].append(pid)
            propagation.changed(segment)


def _value(subject: MeasureSubject, values: np.ndarray, present: np.ndarray, place: int) -> Value | None:
    """One of the subject's values, as the index gives them, as a value."""
    if not present[place]:
        return None
    value = values[place]
    if isinstance(subject, Followed) or subject.measure in ("any", "none"):
        return bool(value)
    if subject.measure in ("first_at", "last_at"):
        return Instant(int(value))
    return value if subject.measure in ("first", "last") else float(value)


def _middle(every: np.ndarray, several: np.ndarray) -> int:
    """Where to cut `every` (ascending) so that about half of `several` is on either side, and something on both."""
    middle = several[(len(several) - 1) // 2]
    cut = int(np.searchsorted(every, middle, "right"))
    return cut if cut < len(every) else int(np.searchsorted(every, middle, "left"))
