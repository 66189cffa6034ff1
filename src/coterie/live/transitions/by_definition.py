"""The transitions that definitions cause: a new, edited or deleted segment, and its users.

A definition touches every row, once; the segments that use it are judged again for the rows that
moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from pyroaring import BitMap

from coterie.index import Index, Staged
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch, rows_in
from coterie.live.transitions.propagation import Propagation
from coterie.model import Action, Cause
from coterie.rules.moment import Moment


def transitions_of_definition(
    segments: SegmentRegistry, index: Index, segment: LiveSegment, was: BitMap, now_in: BitMap, moment: Moment
) -> list[TransitionBatch]:
    """The transitions of a segment whose members go from `was` to `now_in`, and of its users."""
    after: dict[str, BitMap] = {segment.id: now_in}
    transitions = _differences(segment, was, now_in, moment)
    touched = was ^ now_in
    rows = np.array(touched.to_array(), dtype=np.int64)
    propagation = Propagation(segments, segments.users.get(segment.id, ()))
    for user in propagation:
        inside = _judge(segments, index, user, rows, moment, after)
        new = (user.members - touched) | BitMap(rows[inside].tolist())
        if new != user.members:
            after[user.id] = new
            transitions += _differences(user, user.members, new, moment)
            propagation.changed(user)
    return transitions


def transitions_of_rewrite(
    segments: SegmentRegistry, index: Index, rewritten: Sequence[LiveSegment], staged: Staged | None,
    transitions: Iterable[TransitionBatch], moment: Moment,
) -> list[TransitionBatch]:  # fmt: skip
    """The transitions of segments whose rules change in the commit that changes rows.

    Those of their users follow.

    `transitions` are those that the staged rows make under the old rules; they come first. The
    rewritten rules use the same segments as before, so the registry's depths are still right.
    """
    after = _after(transitions)

    def members(segment_id: str) -> BitMap:
        changed = after.get(segment_id)
        return segments.members_of(segment_id) if changed is None else changed

    replaced = {segment.sid: segment for segment in rewritten}
    changes: list[TransitionBatch] = []
    propagation = Propagation(segments, replaced)
    for registered in propagation:
        segment = replaced.get(registered.sid, registered)
        was, now_in = members(segment.id), _select(index, segment, staged, members, moment)
        if now_in != was:
            after[segment.id] = now_in
            changes += _differences(segment, was, now_in, moment)
            propagation.changed(segment)
    return changes


def _after(transitions: Iterable[TransitionBatch]) -> dict[str, BitMap]:
    """The members of the segments that these transitions change, by id, once they are made."""
    after: dict[str, BitMap] = {}
    for batch in transitions:
        members = after.setdefault(batch.segment.id, batch.segment.members.copy())
        if batch.action is Action.ENTER:
            members |= BitMap(batch.pids)
        else:
            members -= BitMap(batch.pids)
    return after


def _select(
    index: Index, segment: LiveSegment, staged: Staged | None, members: Callable[[str], BitMap], moment: Moment
) -> BitMap:
    """Everyone the segment's rule matches, with the staged rows as they will be."""
    assert segment.lowered is not None
    chosen = index.select(segment.lowered, moment, members)
    if staged is not None:
        inside = staged.evaluate(segment.lowered, moment, lambda used: rows_in(members(used), staged.pids))
        chosen = (chosen - BitMap(staged.pids)) | BitMap(staged.pids[inside])
    return chosen


def _judge(
    segments: SegmentRegistry,
    index: Index,
    segment: LiveSegment,
    rows: np.ndarray,
    moment: Moment,
    after: dict[str, BitMap],
) -> np.ndarray:
    def members(segment_id: str) -> BitMap:
        changed = after.get(segment_id)
        return segments.members_of(segment_id) if changed is None else changed

    assert segment.lowered is not None
    return index.evaluate(segment.lowered, rows, moment, members)


def _differences(segment: LiveSegment, was: BitMap, now_in: BitMap, moment: Moment) -> list[TransitionBatch]:
    sides = ((Action.ENTER, now_in - was), (Action.EXIT, was - now_in))
    return [
        TransitionBatch(segment, action, Cause.DEFINITION, moment.now, pids.to_array())
        for action, pids in sides
        if len(pids)
    ]
