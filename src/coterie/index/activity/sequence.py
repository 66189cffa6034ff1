"""Sequences over all profiles at once, step by step.

Of the instants at which the steps so far can have been made, only the latest before an event can
help that event most. So a step is one look-up for each of its events: the last key before its own,
among the sorted keys (pid and instant) that the steps before it reached. Most profiles lack one of
the events altogether, and are left out first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.index.activity.selection import Selected
from coterie.index.bits import Bools, Pids

Integers = npt.NDArray[Any]
Step = tuple[Selected, int | None]  # its events, in any order; how soon they have to come after the step before


def followed(steps: Iterable[Step], people: int) -> Pids:
    """The distinct pids, all below `people`, that made all of the steps.

    Steps are taken from the iterable one by one, and no more of them than needed.
    """
    selected: list[Step] = []
    alive: Bools | None = None
    for rows, within in steps:
        if alive is not None:
            rows = rows.only(alive[rows.pids])  # whoever lacks a step is left out before anything is sorted
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        selected.append((rows, within))
        alive = np.zeros(people, dtype=np.bool_)
        alive[rows.pids] = True
    assert alive is not None
    reached: tuple[Integers, Integers] | None = None
    for rows, within in selected:
        left = rows if rows is selected[-1][0] else rows.only(alive[rows.pids])
        reached = (left.pids, left.ats) if reached is None else _after(*reached, left.pids, left.ats, within)
        if not len(reached[0]):
            break
    assert reached is not None
    return np.unique(reached[0]).astype(np.int64)


def _after(
    reached_pids: Integers, reached_ats: Integers, pids: Integers, ats: Integers, within: int | None
) -> tuple[Integers, Integers]:
    """The events that come after one that was reached."""
    if not len(pids):
        return pids, ats
    keys, others = _keys(reached_pids, reached_ats, pids, ats)
    order = np.argsort(keys)
    before = keys[order].searchsorted(others, "left") - 1
    latest = order[np.maximum(before, 0)]
    matches = (before >= 0) & (reached_pids[latest] == pids)
    if within is not None:
        matches &= ats - reached_ats[latest] <= within
    return pids[matches], ats[matches]


def _keys(
    one_pids: Integers, one_ats: Integers, other_pids: Integers, other_ats: Integers
) -> tuple[Integers, Integers]:
    """Numbers in the order of (pid, instant), for both."""
    low = min(int(one_ats.min()), int(other_ats.min()))
    span = max(int(one_ats.max()), int(other_ats.max())) - low + 1
    largest = max(int(one_pids.max()), int(other_pids.max())) + 1
    if largest * span < 2**63:
        return one_pids.astype(np.int64) * span + (one_ats - low), other_pids.astype(np.int64) * span + (
            other_ats - low
        )
    ranks = np.unique(np.concatenate((one_ats, other_ats)), return_inverse=True)[1]
    ones, others = ranks[: len(one_ats)], ranks[len(one_ats) :]
    return one_pids.astype(np.int64) * 2**31 + ones, other_pids.astype(np.int64) * 2**31 + others
