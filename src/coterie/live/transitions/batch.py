"""The result of judging: profiles that entered or left one segment, as the store records it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from coterie.live.registry.segments import LiveSegment
from coterie.model import Action, Cause
from coterie.store.rows import TransitionBlock


@dataclass(frozen=True, slots=True)
class TransitionBatch:
    """Profiles that entered or left one segment at one instant, for one cause. `pids` ascend."""

    segment: LiveSegment
    action: Action
    cause: Cause
    at: int
    pids: Sequence[int]


def blocks_of(transitions: Iterable[TransitionBatch], last_sequence: int) -> list[TransitionBlock]:
    """Number the transitions, without a gap, from the one after `last_sequence`."""
    blocks = []
    for batch in transitions:
        stored = batch.segment.stored
        blocks.append(
            TransitionBlock(
                last_sequence + 1, stored.sid, stored.version, batch.action, batch.cause, batch.at, batch.pids
            )
        )
        last_sequence += len(batch.pids)
    return blocks


def rows_in(members: BitMap, pids: np.ndarray, as_bitmap: BitMap | None = None) -> np.ndarray:
    """Which of `pids` (distinct, ascending) are members, as booleans.

    `as_bitmap` is the same pids, where the caller has them as a bitmap already.
    """
    inside = np.zeros(len(pids), dtype=np.bool_)
    among = (members & (BitMap(pids) if as_bitmap is None else as_bitmap)).to_array()
    inside[np.searchsorted(pids, among)] = True
    return inside
