"""The past of a segment, computed from its transitions: its members then, its changes since.

Transitions are only ever appended, and each block has one instant, so "as of an instant" means all
blocks up to it. Blocks are selected by instant and not by sequence: a midnight is written in slices
with other writes between them, so sequences follow instants for each profile and segment, but not
always for all of them together. `upto` is the last sequence that is visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from pyroaring import BitMap

from coterie.rules.names import is_encodable
from coterie.store import blocks
from coterie.store.query_runner import QueryRunner

EARLIEST: Final = -(2**63)
LATEST: Final = 2**63 - 1


class HistoryReads(QueryRunner):
    """The queries on the past of a segment."""

    def sid_of(self, segment_id: str) -> int | None:
        """The sid of a segment, deleted or not. None where none ever had this id."""
        if not is_encodable(segment_id):
            return None
        if not is_encodable(segment_id):
            return None
        sid: int | None = self._first("sid_of", (segment_id,))
        return sid

    def members_at(self, sid: int, at: int, present: BitMap, upto: int) -> BitMap:
        """The members at an instant, its own transitions included. `present`: those as of `upto`.

        Applies the transitions forwards from an empty segment, or undoes them backwards from the
        present, whichever reads fewer blocks.
        """
        if self._count_blocks(sid, EARLIEST, at) <= self._count_blocks(sid, at, LATEST):
            bounds = {"sid": sid, "after": EARLIEST, "until": at, "upto": upto}
            return _replayed(BitMap(), self._stream("blocks_between", bounds), entering="enter")
        bounds = {"sid": sid, "after": at, "until": LATEST, "upto": upto}
        return _replayed(BitMap(present), self._stream("blocks_between_backwards", bounds), entering="exit")

    def count_transitions(self, sid: int, after: int, until: int, upto: int) -> Counter[tuple[str, str]]:
        """The number of transitions of each (cause, action) after one instant and up to another."""
        bounds = {"sid": sid, "after": after, "until": until, "upto": upto}
        return Counter({(cause, action): count for cause, action, count in self._rows("counts_by_cause", bounds)})

    def _count_blocks(self, sid: int, after: int, until: int) -> int:
        return self._number("count_blocks_between", {"sid": sid, "after": after, "until": until})


def _replayed(members: BitMap, packed_blocks: Iterable[blocks.PackedBlock], *, entering: str) -> BitMap:
    for action, low, packed in packed_blocks:
        blocks.apply(members, action == entering, low, packed)
    return members
