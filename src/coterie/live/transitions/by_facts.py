"""The transitions that writes cause: each touched profile is judged before and after the commit.

Before is the recorded membership. After is judged in one of two ways with the same result. A few
rows are judged by the law, each for the segments that its changes can affect
(`registry/predicates.py`); many rows by the index's columns, for every segment that looks at what
changed. Segments that use other segments are judged after those, and see their new members.

It is long because the two ways are meant to be read side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from coterie.index import Index, OneProfile, Staged
from coterie.index.activity import Changes, Row
from coterie.live.profile_view import LiveProfile
from coterie.live.registry.measures import sources_of
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch, rows_in
from coterie.live.transitions.propagation import Propagation
from coterie.live.writes.draft import Draft
from coterie.model import Action, Cause
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import ChangedAt, Source
from coterie.rules.moment import Moment

ROWS_BY_LAW_MAX = 24
"""Rows up to which the law is faster than setting up columns."""

SEGMENTS_PER_ROW = 4
ROWS_PER_SEGMENT = 10
"""When more rows than `ROWS_BY_LAW_MAX` are still judged by the law.

By the columns, every segment that looks at what changed is evaluated over all rows; by the law, a
row is judged only for the segments it can affect. So the law also wins where there are at least
`SEGMENTS_PER_ROW` segments for each row. And it wins up to `ROWS_PER_SEGMENT` rows for each measure
over activity: such a measure takes some milliseconds over all rows, some microseconds for one
profile.
"""


class FactTransitions:
    """Finds the transitions that a commit's drafts cause."""

    def __init__(self, segments: SegmentRegistry, index: Index, changes_of: set[str]) -> None:
        """`changes_of` are the properties whose times of change are indexed."""
        self._segments = segments
        self._index = index
        self._changes_of = changes_of

    def stage(self, drafts: Sequence[Draft]) -> Staged:
        """Stage the drafts as rows of the index, invisible until the commit is on disk."""
        whole_rows = any(draft.is_new or draft.deleted for draft in drafts)
        changed: set[str | ChangedAt] | None = None
        if not whole_rows:
            names = {name for draft in drafts for name in draft.changed}
            changed = {*names, *(ChangedAt(name) for name in self._changes_of & names)}
        return self._index.stage(
            [draft.pid for draft in drafts],
            [None if draft.deleted else draft.document(self._changes_of) for draft in drafts],
            changed,
            _activity_changes(drafts),
        )

    def transitions(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        """The transitions that these drafts cause, in the order in which they are numbered."""
        deleted = [draft for draft in drafts if draft.deleted]
        living = [draft for draft in drafts if not draft.deleted]
        transitions = self._deletions(deleted, moment)
        if len(living) <= max(ROWS_BY_LAW_MAX, self._rows_for_the_law(living)):
            return transitions + self._by_law(living, staged, moment)
        return transitions + self._by_columns(drafts, staged, moment)

    def _rows_for_the_law(self, living: Sequence[Draft]) -> int:
        """The number of rows up to which the law is faster."""
        measures = sum(self._segments.measures.count(source) for source in _sources(living))
        return max(len(self._segments.by_sid) // SEGMENTS_PER_ROW, measures * ROWS_PER_SEGMENT)

    def _deletions(self, deleted: Sequence[Draft], moment: Moment) -> list[TransitionBatch]:
        return [
            TransitionBatch(segment, Action.EXIT, cause, moment.now, pids)
            for segment in (self._segments.in_order() if deleted else ())
            for cause in (Cause.PROFILE_DELETED, Cause.MERGE)
            if (pids := [draft.pid for draft in deleted if _cause_of(draft) is cause and draft.pid in segment.members])
        ]

    # --- a few rows, by the law

    def _by_law(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        moved: dict[tuple[int, Action, Cause], list[int]] = {}
        for draft in drafts:
            for segment, action in self._judge(draft, staged, moment):
                moved.setdefault((segment.sid, action, draft.cause), []).append(draft.pid)
        by_sid = self._segments.by_sid
        return [
            TransitionBatch(by_sid[sid], action, cause, moment.now, pids)
            for (sid, action, cause), pids in sorted(
                moved.items(), key=lambda item: (by_sid[item[0][0]].depth, *item[0])
            )
        ]

    def _judge(self, draft: Draft, staged: Staged, moment: Moment) -> list[tuple[LiveSegment, Action]]:
        segments, pid = self._segments, draft.pid
        decided: dict[str, bool] = {}  # segment id -> whether the profile will be a member, where that changes

        def is_member(segment_id: str) -> bool:
            inside = decided.get(segment_id)
            return pid in segments.by_id[segment_id].members if inside is None else inside

        after = self._index.one_profile(pid, staged)
        profile = LiveProfile(pid, draft.new, after.activity, is_member)
        moved = []
        propagation = Propagation(segments, self._affected(draft, after, moment))
        for segment in propagation:
            was = pid in segment.members
            if segment.rule is None:
                inside = (was or segment.sid in draft.lists_added) and segment.sid not in draft.lists_removed
            else:
                inside = evaluate(segment.rule, profile, moment)
            if inside != was:
                decided[segment.id] = inside
                moved.append((segment, Action.ENTER if inside else Action.EXIT))
                propagation.changed(segment)
        return moved

    def _affected(self, draft: Draft, after: OneProfile, moment: Moment) -> set[int]:
        """The sids of the segments whose verdict on the draft may change."""
        sids: set[int] = set(draft.lists_added | draft.lists_removed)
        names: Iterable[str] = draft.changed
        if draft.is_new:
            sids |= self._segments.matching_nobody
            names = {*draft.values, "external_id", "email", "created_at", "updated_at"}
        predicates = self._segments.predicates
        for name in names:
            predicates.affected(name, draft.old(name), draft.new(name), moment.now, sids)
            if name in self._changes_of:
                subject = ChangedAt(name)
                predicates.affected(subject, draft.old(subject), draft.new(subject), moment.now, sids)
        if draft.activity:
            self._affected_by_activity(draft, after, moment, sids)
        return sids

    def _affected_by_activity(self, draft: Draft, after: OneProfile, moment: Moment, into: set[int]) -> None:
        """Add the segments with a leaf between the old and the new value of a measure."""
        measures = self._segments.measures
        touched = set()
        for source, changes in draft.activity.items():
            for row in (*changes.added, *changes.removed):
                touched |= measures.touched(source, row.values, moment)
        if touched:
            before = self._index.one_profile(draft.pid)
            for subject in touched:
                old, new = before.value(subject, moment), after.value(subject, moment)
                if old != new or type(old) is not type(new):
                    self._segments.predicates.affected(subject, old, new, moment.now, into)

    # --- many rows, by the index

    def _by_columns(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[TransitionBatch]:
        pids = np.array([draft.pid for draft in drafts], dtype=np.int64)
        deleted = np.array([draft.deleted for draft in drafts])
        any_new = any(draft.is_new for draft in drafts)
        any_merged = any(draft.cause is Cause.MERGE for draft in drafts)
        changed = set().union(*(draft.changed for draft in drafts))
        sources = _sources(drafts)
        after: dict[str, np.ndarray] = {}  # segment id -> its members among `pids`, where they change
        before = _recorded(pids)

        def members(segment_id: str) -> np.ndarray:
            inside = after.get(segment_id)
            return before(self._segments.by_id[segment_id]) if inside is None else inside

        transitions: list[TransitionBatch] = []
        for segment in self._segments.in_order():
            if segment.is_static:
                now_in = self._listed(segment, drafts, before)
            elif (
                any_new
                or segment.properties & changed
                or segment.sources & sources
                or any(used in after for used in segment.uses)
            ):
                assert segment.lowered is not None
                now_in = staged.evaluate(segment.lowered, moment, members)
            else:
                continue
            if now_in is None:
                continue
            differs = (now_in != before(segment)) & ~deleted
            if differs.any():
                after[segment.id] = now_in
                transitions.extend(_both_ways(segment, pids, differs, now_in, moment))
        return _split_by_cause(transitions, drafts) if any_merged else transitions

    @staticmethod
    def _listed(
        segment: LiveSegment, drafts: Sequence[Draft], before: Callable[[LiveSegment], np.ndarray]
    ) -> np.ndarray | None:
        """The members of a static segment after the commit, None where they stay the same."""
        sid = segment.sid
        added = [place for place, draft in enumerate(drafts) if sid in draft.lists_added]
        removed = [place for place, draft in enumerate(drafts) if sid in draft.lists_removed]
        if not added and not removed:
            return None
        now_in = before(segment).copy()
        now_in[added] = True
        now_in[removed] = False
        return now_in


def _sources(drafts: Iterable[Draft]) -> set[Source]:
    """The sources whose rows the drafts change."""
    return {matching for draft in drafts for source in draft.activity for matching in sources_of(source)}


def _activity_changes(drafts: Sequence[Draft]) -> Changes | None:
    """The rows added and removed, by source, for the index."""
    added: dict[Source, list[Row]] = {}
    removed: dict[Source, list[tuple[int, int]]] = {}
    for draft in drafts:
        for source, changes in draft.activity.items():
            if changes.added:
                added.setdefault(source, []).extend(changes.added)
            if changes.removed:
                removed.setdefault(source, []).extend((row.number, draft.pid) for row in changes.removed)
    return Changes(added, removed) if added or removed else None


def _cause_of(deleted: Draft) -> Cause:
    """Why a deleted profile leaves its segments."""
    return Cause.MERGE if deleted.cause is Cause.MERGE else Cause.PROFILE_DELETED


def _split_by_cause(transitions: Iterable[TransitionBatch], drafts: Sequence[Draft]) -> list[TransitionBatch]:
    """Split each batch by cause, where a merge shares the commit with other writes."""
    merged = {draft.pid for draft in drafts if draft.cause is Cause.MERGE}
    split = []
    for batch in transitions:
        for cause, pids in (
            (batch.cause, [pid for pid in batch.pids if pid not in merged]),
            (Cause.MERGE, [pid for pid in batch.pids if pid in merged]),
        ):
            if pids:
                split.append(replace(batch, cause=cause, pids=pids))
    return split


def _recorded(pids: np.ndarray) -> Callable[[LiveSegment], np.ndarray]:
    """Which of `pids` (ascending) are recorded members; looked up once for each segment."""
    cached: dict[int, np.ndarray] = {}
    touched = BitMap(pids)

    def before(segment: LiveSegment) -> np.ndarray:
        inside = cached.get(segment.sid)
        if inside is None:
            inside = cached[segment.sid] = rows_in(segment.members, pids, touched)
        return inside

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
