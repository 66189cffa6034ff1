"""The one step that keeps every segment true: some rows were touched; judge them before and after; the difference is the transitions.

Before is what is recorded. After is judged in one of two ways that give the same answer: a few rows by the law itself, for the segments that their
changes can flip (`flips.py`); many rows by the index's columns, for every segment that looks at what changed. Segments that use other segments come
after those they use, and see them as they will be.

It is long because both ways are to be read side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from coterie.index import Index, Staged
from coterie.index.activity import Changes, Row
from coterie.live.lanes import Lanes
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.registry.timetable import sources_of
from coterie.live.transitions.batch import TransitionBatch, rows_in
from coterie.live.transitions.profile_view import DraftView
from coterie.live.transitions.propagation import Propagation
from coterie.live.writes.draft import Draft
from coterie.model import Action, Cause
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import ChangedAt, Source
from coterie.rules.moment import Moment

FEW = 24
"""Up to so many rows are judged one by one: below it the law is quicker than setting up columns."""

SEGMENTS_PER_ROW = 4
ROWS_PER_SEGMENT = 10
"""By the columns every segment that looks at what changed is asked about all rows; by the law a row asks only the segments that it can flip. So with so
many segments to a row rows are judged one by one too; and as long as there are no more than so many rows to a segment, where events are
looked at, for a measure over all rows takes a few milliseconds and one over a single profile some microseconds."""


class FactTransitions:
    """Finds the moves that a commit's drafts make."""

    def __init__(self, segments: SegmentRegistry, index: Index, changes_of: set[str]) -> None:
        """`changes_of` are the properties of which the index knows when they changed."""
        self._segments = segments
        self._index = index
        self._changes_of = changes_of

    def stage(self, drafts: Sequence[Draft]) -> Staged:
        """The drafts as rows of the index, which nobody sees before the commit is on disk."""
        whole = any(draft.is_new or draft.deleted for draft in drafts)
        changed: set[str | ChangedAt] | None = None
        if not whole:
            names = {name for draft in drafts for name in draft.changed}
            changed = {*names, *(ChangedAt(name) for name in self._changes_of & names)}
        return self._index.stage(
            [draft.pid for draft in drafts],
            [None if draft.deleted else draft.document(self._changes_of) for draft in drafts],
            changed,
            _happened(drafts),
        )

    def transitions(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        """The transitions that these drafts make, in the order in which they are numbered."""
        gone = [draft for draft in drafts if draft.deleted]
        living = [draft for draft in drafts if not draft.deleted]
        transitions = self._deletions(gone, moment)
        if len(living) <= max(FEW, self._worth_asking(living)):
            return transitions + self._few(living, staged, moment)
        return transitions + self._many(drafts, staged, moment)

    def _worth_asking(self, living: Sequence[Draft]) -> int:
        """Up to how many rows are better judged one by one."""
        happened = {one for draft in living for source in draft.activity for one in sources_of(source)}
        looking = sum(self._segments.measures.looking_at(source) for source in happened)
        return max(len(self._segments.by_sid) // SEGMENTS_PER_ROW, looking * ROWS_PER_SEGMENT)

    def _deletions(self, gone: Sequence[Draft], moment: Moment) -> list[TransitionBatch]:
        return [
            TransitionBatch(segment, Action.EXIT, cause, moment.now, pids)
            for segment in (self._segments.in_order() if gone else ())
            for cause in (Cause.PROFILE_DELETED, Cause.MERGE)
            if (pids := [one.pid for one in gone if _leaving(one) is cause and one.pid in segment.members])
        ]

    # --- a few rows, by the law

    def _few(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        decided: dict[tuple[int, int], bool] = {}
        moved: dict[tuple[int, Action, Cause], list[int]] = {}
        for draft in drafts:
            self._judge(draft, staged, moment, decided, moved)
        ordered = sorted(moved.items(), key=lambda one: (self._segments.by_sid[one[0][0]].depth, *one[0]))
        return [
            TransitionBatch(self._segments.by_sid[sid], action, cause, moment.now, pids)
            for (sid, action, cause), pids in ordered
        ]

    def _judge(
        self, draft: Draft, staged: Staged, moment: Moment, decided: dict[tuple[int, int], bool],
        moved: dict[tuple[int, Action, Cause], list[int]],
    ) -> None:  # fmt: skip
        segments = self._segments
        lanes = Lanes(lambda source: self._index.activity(source, draft.pid, staged))
        profile = DraftView(draft, segments, decided, lanes)
        propagation = Propagation(segments, self._affected(draft, lanes, moment))
        for segment in propagation:
            sid, was = segment.sid, draft.pid in segment.members
            if segment.rule is None:
                inside = (was or sid in draft.lists_added) and sid not in draft.lists_removed
            else:
                inside = evaluate(segment.rule, profile, moment)
            if inside != was:
                decided[sid, draft.pid] = inside
                action = Action.ENTER if inside else Action.EXIT
                moved.setdefault((sid, action, draft.cause), []).append(draft.pid)
                propagation.changed(segment)

    def _affected(self, draft: Draft, lanes: Lanes, moment: Moment) -> set[int]:
        found: set[int] = set(draft.lists_added | draft.lists_removed)
        names: Iterable[str] = draft.changed
        if draft.is_new:
            found |= self._segments.holds_for_nobody
            names = {*draft.values, "external_id", "email", "created_at", "updated_at"}
        predicates = self._segments.predicates
        for name in names:
            predicates.affected(name, draft.old(name), draft.new(name), moment.now, found)
            if name in self._changes_of:
                subject = ChangedAt(name)
                predicates.affected(subject, draft.old(subject), draft.new(subject), moment.now, found)
        if draft.activity:
            self._by_happenings(draft, lanes, moment, found)
        return found

    def _by_happenings(self, draft: Draft, lanes: Lanes, moment: Moment, found: set[int]) -> None:
        """The segments that what happened can flip: those with a leaf between what a measure was and what it will be."""
        measures = self._segments.measures
        touched = set()
        for source, happened in draft.activity.items():
            for row in (*happened.added, *happened.removed):
                touched |= measures.touched(source, row.values, moment)
        if touched:
            before = Lanes(lambda source: self._index.activity(source, draft.pid))
            for subject in touched:
                old, new = before.value(subject, moment), lanes.value(subject, moment)
                if old != new or type(old) is not type(new):
                    self._segments.predicates.affected(subject, old, new, moment.now, found)

    # --- many rows, by the index

    def _many(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        pids = np.array([draft.pid for draft in drafts], dtype=np.int64)
        deleted = np.array([draft.deleted for draft in drafts])
        new = any(draft.is_new for draft in drafts)
        merged = any(draft.cause is Cause.MERGE for draft in drafts)
        changed = set().union(*(draft.changed for draft in drafts))
        happened = {one for draft in drafts for source in draft.activity for one in sources_of(source)}
        after: dict[str, np.ndarray] = {}
        before = _membership(pids)

        def members(segment_id: str) -> np.ndarray:
            known = after.get(segment_id)
            return before(self._segments.by_id[segment_id]) if known is None else known

        transitions: list[TransitionBatch] = []
        for segment in self._segments.in_order():
            if segment.is_static:
                now_in = self._listed(segment, drafts, before)
            elif (
                new
                or segment.properties & changed
                or segment.sources & happened
                or any(one in after for one in segment.uses)
            ):
                assert segment.lowered is not None
                now_in = staged.evaluate(segment.lowered, moment, members)
            else:
                continue
            if now_in is None:
                continue
            was_in = before(segment)
            differs = (now_in != was_in) & ~deleted
            if differs.any():
                after[segment.id] = now_in
                transitions.extend(_both_ways(segment, pids, differs, now_in, moment))
        return _by_cause(transitions, drafts) if merged else transitions

    @staticmethod
    def _listed(
        segment: LiveSegment, drafts: Sequence[Draft], before: Callable[[LiveSegment], np.ndarray]
    ) -> np.ndarray | None:
        sid = segment.sid
        added = [place for place, draft in enumerate(drafts) if sid in draft.lists_added]
        removed = [place for place, draft in enumerate(drafts) if sid in draft.lists_removed]
        if not added and not removed:
            return None
        now_in = before(segment).copy()
        now_in[added] = True
        now_in[removed] = False
        return now_in


def _happened(drafts: Sequence[Draft]) -> Changes | None:
    """What is added and taken away, by source, for the index."""
    added: dict[Source, list[Row]] = {}
    removed: dict[Source, list[tuple[int, int]]] = {}
    for draft in drafts:
        for source, happened in draft.activity.items():
            if happened.added:
                added.setdefault(source, []).extend(happened.added)
            if happened.removed:
                removed.setdefault(source, []).extend((row.number, draft.pid) for row in happened.removed)
    return Changes(added, removed) if added or removed else None


def _leaving(draft: Draft) -> Cause:
    """Why a profile that is no more leaves its segments."""
    return Cause.MERGE if draft.cause is Cause.MERGE else Cause.PROFILE_DELETED


def _by_cause(transitions: Iterable[TransitionBatch], drafts: Sequence[Draft]) -> list[TransitionBatch]:
    """Each move with the cause of its profile, where a merge shares a commit with others."""
    merged = {draft.pid for draft in drafts if draft.cause is Cause.MERGE}
    apart = []
    for batch in transitions:
        for cause, pids in (
            (batch.cause, [pid for pid in batch.pids if pid not in merged]),
            (Cause.MERGE, [pid for pid in batch.pids if pid in merged]),
        ):
            if pids:
                apart.append(replace(batch, cause=cause, pids=pids))
    return apart


def _membership(pids: np.ndarray) -> Callable[[LiveSegment], np.ndarray]:
    """Who of `pids` (ascending) is recorded as a member; looked up once per segment."""
    known: dict[int, np.ndarray] = {}
    touched = BitMap(pids)

    def before(segment: LiveSegment) -> np.ndarray:
        found = known.get(segment.sid)
        if found is None:
            found = known[segment.sid] = rows_in(segment.members, pids, touched)
        return found

    return before


def _both_ways(
    segment: LiveSegment, pids: np.ndarray, differs: np.ndarray, now_in: np.ndarray, moment: Moment
) -> list[TransitionBatch]:
    sides = ((Action.ENTER, pids[differs & now_in]), (Action.EXIT, pids[differs & ~now_in]))
    return [
        TransitionBatch(segment, action, Cause.FACTS, moment.now, moved.tolist())
        for action, moved in sides
        if len(moved)
    ]
