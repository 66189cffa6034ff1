"""The past of a segment, as its transitions tell it: who was in when, and how many came and went.

Transitions are only ever appended, and their instants never go back, so "as of an instant" is "as of a sequence": `sequence_at` finds it by halving, and
every other question is about the blocks between two sequences. A block has one instant, so none of them is ever cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias, cast

import apsw
from pyroaring import BitMap

from coterie.store.connections import Readers
from coterie.store.queries import WORKSPACE as SQL

Moves: TypeAlias = Iterable[tuple[str, int, bytes | None]]
"""Blocks: the action, the pid of a single move, the packed pids of several."""


class History:
    """Questions about the past of a workspace file. From any thread, at any time."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def segment_number(self, segment_id: str) -> int | None:
        """The sid of a segment that there is, or was; None where there never was one."""
        with self._readers.borrow() as connection:
            rows: list[Any] = connection.execute(SQL["segment_number"], (segment_id,)).fetchall()
        return rows[0][0] if rows else None

    def sequence_at(self, at: int, upto: int) -> int:
        """The last sequence, `upto` at most, that had happened by the instant `at`; 0 where none had."""
        low, high = 0, upto
        with self._readers.snapshot() as connection:
            while low < high:
                middle = (low + high + 1) // 2
                blocks: list[Any] = connection.execute(SQL["block_around"], (middle,)).fetchall()
                ((first, size, happened_at),) = blocks
                if happened_at <= at:
                    low = min(first + size - 1, high)
                else:
                    high = first - 1
        return low

    def members_at(self, sid: int, sequence: int, present: BitMap, upto: int) -> BitMap:
        """Who was in the segment once `sequence` had happened. `present` is who is in as of `upto`.

        Played forwards from nobody, or backwards from the present: whichever has fewer blocks to read.
        """
        with self._readers.snapshot() as connection:
            before = _count(connection, sid, 0, sequence)
            if before <= _count(connection, sid, sequence, upto):
                return _played(connection, BitMap(), sid, 0, sequence)
            return _unplayed(connection, BitMap(present), sid, sequence, upto)

    def moves(self, sid: int, after: int, upto: int) -> Counter[tuple[str, str]]:
        """How many transitions of each (cause, action) there were after one sequence, up to another."""
        bounds = {"sid": sid, "after": after, "upto": upto}
        with self._readers.borrow() as connection:
            rows: list[Any] = connection.execute(SQL["counts_by_cause"], bounds).fetchall()
        return Counter({(cause, action): count for cause, action, count in rows})


def _count(connection: apsw.Connection, sid: int, after: int, upto: int) -> int:
    bounds = {"sid": sid, "after": after, "upto": upto}
    rows: list[Any] = connection.execute(SQL["count_blocks_of_segment"], bounds).fetchall()
    return int(rows[0][0])


def _played(connection: apsw.Connection, members: BitMap, sid: int, after: int, upto: int) -> BitMap:
    bounds = {"sid": sid, "after": after, "upto": upto}
    for action, low, packed in cast(Moves, connection.execute(SQL["moves_of_segment"], bounds)):
        _move(members, action == "enter", low, packed)
    return members


def _unplayed(connection: apsw.Connection, members: BitMap, sid: int, after: int, upto: int) -> BitMap:
    bounds = {"sid": sid, "after": after, "upto": upto}
    for action, low, packed in cast(Moves, connection.execute(SQL["moves_of_segment_backwards"], bounds)):
        _move(members, action != "enter", low, packed)
    return members


def _move(members: BitMap, into: bool, low: int, packed: bytes | None) -> None:
    if packed is None:
        (members.add if into else members.discard)(low)
    elif into:
        members |= BitMap.deserialize(packed)
    else:
        members -= BitMap.deserialize(packed)
