"""Activity about to be written: what comes in and what is taken out, by source, seen only by those who ask for it.

The events of every name are those of each name together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coterie.index.activity.rows import Changes, Integers, Row
from coterie.index.bits import Bools
from coterie.rules.kernel import Conversations, EventsNamed, Source

if TYPE_CHECKING:
    from coterie.index.activity.one_profile import ProfileActivity
    from coterie.index.activity.selection import StagedRows

ANY_EVENT = EventsNamed(None)


class StagedActivity:
    """The changes of one `Index.stage`."""

    def __init__(self, changes: Changes) -> None:
        self.added: dict[Source, list[Row]] = {source: list(rows) for source, rows in changes.added.items() if rows}
        self.removed: dict[Source, list[tuple[int, int]]] = {
            source: list(pairs) for source, pairs in changes.removed.items() if pairs
        }
        self._added_of: dict[Source, dict[int, list[Row]]] = {}
        self._removed_of: dict[Source, dict[int, set[int]]] = {}
        self.seen: dict[tuple[Source, int], ProfileActivity] = {}  # what `one_profile.py` has looked up
        self.blocks: dict[Source, StagedRows] = {}  # what `tables.py` has made of `rows`

    def sources(self) -> set[Source]:
        return {*self.added, *self.removed}

    def touches(self, source: Source) -> bool:
        if source == ANY_EVENT:
            return any(not isinstance(one, Conversations) for one in self.sources())
        return source in self.added or source in self.removed

    def rows(self, source: Source) -> list[Row]:
        """What comes in."""
        if source != ANY_EVENT:
            return self.added.get(source, [])
        return [row for one, rows in self.added.items() if not isinstance(one, Conversations) for row in rows]

    def taken(self, source: Source) -> Iterable[tuple[int, int]]:
        """What is taken out, by (number, pid)."""
        if source != ANY_EVENT:
            return self.removed.get(source, [])
        return [pair for one, pairs in self.removed.items() if not isinstance(one, Conversations) for pair in pairs]

    def rows_of(self, source: Source, pid: int) -> Sequence[Row]:
        """What comes in for one profile."""
        by_pid = self._added_of.get(source)
        if by_pid is None:
            by_pid = {}
            for row in self.rows(source):
                by_pid.setdefault(row.pid, []).append(row)
            self._added_of[source] = by_pid
        return by_pid.get(pid, ())

    def taken_of(self, source: Source, pid: int) -> set[int] | None:
        """The numbers taken out of one profile."""
        by_pid = self._removed_of.get(source)
        if by_pid is None:
            by_pid = {}
            for number, of in self.taken(source):
                by_pid.setdefault(of, set()).add(number)
            self._removed_of[source] = by_pid
        return by_pid.get(pid)

    def stays(self, source: Source, numbers: Integers, pids: Integers) -> Bools | None:
        """Which happenings of the table are not taken out; None for all of them."""
        taken = list(self.taken(source))
        if not taken:
            return None
        keys = pids.astype(np.uint64) << np.uint64(32) | numbers.astype(np.uint64)
        gone: Bools = np.isin(keys, np.array([(pid << 32) | number for number, pid in taken], dtype=np.uint64))
        return ~gone
