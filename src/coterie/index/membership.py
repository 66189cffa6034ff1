"""Members of other segments, for rules that use them: bitmaps of pids, or verdicts by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from pyroaring import BitMap

from coterie.index import bits
from coterie.index.bits import Bools, Pids

Members: TypeAlias = Callable[[str], BitMap]
"""The members of the segment with an id."""


def as_bitmaps(members: Callable[[str], BitMap | Bools]) -> Members:
    """For asking all rows: verdicts of all rows become bitmaps."""

    def bitmap(segment: str) -> BitMap:
        verdicts = members(segment)
        return verdicts if isinstance(verdicts, BitMap) else bits.to_bitmap(bits.pack(verdicts))

    return bitmap


def member_rows(members: BitMap | Bools, pids: Pids) -> Bools:
    """Which of `pids` are members."""
    if not isinstance(members, BitMap):
        return members
    if len(pids) > 256 and len(pids) * 16 > len(members):
        return np.isin(pids, np.asarray(members.to_array()))
    return np.fromiter((pid in members for pid in pids.tolist()), dtype=np.bool_, count=len(pids))
