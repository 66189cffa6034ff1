"""A new or edited segment touches every row, once; whoever uses it is judged again for the rows that moved."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap

from coterie.index import Index
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.transitions.propagation import Propagation
from coterie.model import Action, Cause
from coterie.rules.moment import Moment


def transitions_of_definition(
    segments: SegmentRegistry, index: Index, segment: LiveSegment, was: BitMap, now_in: BitMap, moment: Moment
) -> list[TransitionBatch]:
    """The moves when `segment`'s membership goes from `was` to `now_in`, and those of its dependants in order."""
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


def _judge(
    segments: SegmentRegistry,
    index: Index,
    segment: LiveSegment,
    rows: np.ndarray,
    moment: Moment,
    after: dict[str, BitMap],
) -> np.ndarray:
    def members(segment_id: str) -> BitMap:
        known = after.get(segment_id)
        return segments.members_of(segment_id) if known is None else known

    assert segment.lowered is not None
    return index.evaluate(segment.lowered, rows, moment, members)


def _differences(segment: LiveSegment, was: BitMap, now_in: BitMap, moment: Moment) -> list[TransitionBatch]:
    sides = ((Action.ENTER, now_in - was), (Action.EXIT, was - now_in))
    return [
        TransitionBatch(segment, action, Cause.DEFINITION, moment.now, pids.to_array())
        for action, pids in sides
        if len(pids)
    ]
