"""The past of a segment, as its transitions tell it: who was in when, and how many came and went.

Transitions are only ever appended, and each block of them has one instant, so "as of an instant" is all blocks up to it. They are asked by instant and not by
sequence: a midnight is written in slices, between which writes are served, so sequences are in order of instants for each profile and
segment, and not always for all of them together. `upto` is the last sequence that is visible.
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

EVER = -(2**63)
NEVER = 2**63 - 1


class History:
    """Questions about the past of a workspace file. From any thread, at any time."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def segment_number(self, segment_id: str) -> int | None:
        """The sid of a segment that there is, or was; None where there never was one."""
        with self._readers.borrow() as connection:
            rows: list[Any] = connection.execute(SQL["segment_number"], (segment_id,)).fetchall()
            return rows[0][0] if rows else None

    def members_at(self, sid: int, at: int, present: BitMap, upto: int) -> BitMap:
        """Who was in the segment at an instant, what happened at it included. `present` is who is in as of `upto`.

        Played forwards from nobody, or backwards from the present: whichever has fewer blocks to read.
        """
        with self._readers.snapshot() as connection:
            if _count(connection, sid, EVER, at) <= _count(connection, sid, at, NEVER):
                return _played(connection, BitMap(), sid, at, upto)
            return _unplayed(connection, BitMap(present), sid, at, upto)

    def moves(self, sid: int, after: int, until: int, upto: int) -> Counter[tuple[str, str]]:
        """How many transitions of each (cause, action) there were after one instant, and until another or at it."""
        bounds = {"sid": sid, "after": after, "until": until, "upto": upto}
        with self._readers.borrow() as connection:
            rows: list[Any] = connection.execute(SQL["counts_by_cause"], bounds).fetchall()
        return Counter({(cause, action): count for cause, action, count in rows})


def _count(connection: apsw.Connection, sid: int, after: int, until: int) -> int:
    bounds = {"sid": sid, "after": after, "until": until}
    rows: list[Any] = connection.execute(SQL["count_blocks_between"], bounds).fetchall()
    return int(rows[0][0])


def _played(connection: apsw.Connection, members: BitMap, sid: int, at: int, upto: int) -> BitMap:
    bounds = {"sid": sid, "after": EVER, "until": at, "upto": upto}
    for action, low, packed in cast(Moves, connection.execute(SQL["moves_between"], bounds)):
        _move(members, action == "enter", low, packed)
    return members


def _unplayed(connection: apsw.Connection, members: BitMap, sid: int, at: int, upto: int) -> BitMap:
    bounds = {"sid": sid, "after": at, "until": NEVER, "upto": upto}
    for action, low, packed in cast(Moves, connection.execute(SQL["moves_between_backwards"], bounds)):
        _move(members, action != "enter", low, packed)
    return members


def _move(members: BitMap, into: bool, low: int, packed: bytes | None) -> None:
    if packed is None:
        (members.add if into else members.discard)(low)
    elif into:
        members |= BitMap.deserialize(packed)
    else:
        members -= BitMap.deserialize(packed)
