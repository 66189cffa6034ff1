"""Activity about to be written: the rows added and removed, by source.

Only those who ask for it see it. The events of any name are those of each name together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from coterie.index.activity.rows import Changes, Integers, ProfileActivity, Row
from coterie.index.activity.selection import StagedRows
from coterie.index.bits import Bools
from coterie.rules.kernel import ANY_EVENT, Conversations, Source


class StagedActivity:
    """The changes of one `Index.stage`."""

    def __init__(self, changes: Changes) -> None:
        self._added: dict[Source, list[Row]] = {source: list(rows) for source, rows in changes.added.items() if rows}
        self._removed: dict[Source, list[tuple[int, int]]] = {
            source: list(keys) for source, keys in changes.removed.items() if keys
        }
        self._added_of: dict[Source, dict[int, list[Row]]] = {}
        self._removed_of: dict[Source, dict[int, set[int]]] = {}
        self.looked_up: dict[tuple[Source, int], ProfileActivity] = {}  # filled by `profile_lookup.py`
        self.blocks: dict[Source, StagedRows] = {}  # filled by `tables.py`, from `rows`

    def sources(self) -> set[Source]:
        return {*self._added, *self._removed}

    def touches(self, source: Source) -> bool:
        """Whether rows of the source are added or removed."""
        if source == ANY_EVENT:
            return any(not isinstance(changed, Conversations) for changed in self.sources())
        return source in self._added or source in self._removed

    def rows(self, source: Source) -> list[Row]:
        """The rows added."""
        if source != ANY_EVENT:
            return self._added.get(source, [])
        return [row for named, rows in self._added.items() if not isinstance(named, Conversations) for row in rows]

    def removed(self, source: Source) -> Iterable[tuple[int, int]]:
        """The rows removed, by (number, pid)."""
        if source != ANY_EVENT:
            return self._removed.get(source, [])
        return [key for named, keys in self._removed.items() if not isinstance(named, Conversations) for key in keys]

    def rows_of(self, source: Source, pid: int) -> Sequence[Row]:
        """The rows added to one profile."""
        by_pid = self._added_of.get(source)
        if by_pid is None:
            by_pid = {}
            for row in self.rows(source):
                by_pid.setdefault(row.pid, []).append(row)
            self._added_of[source] = by_pid
        return by_pid.get(pid, ())

    def removed_of(self, source: Source, pid: int) -> set[int] | None:
        """The numbers of the rows removed from one profile."""
        by_pid = self._removed_of.get(source)
        if by_pid is None:
            by_pid = {}
            for number, owner in self.removed(source):
                by_pid.setdefault(owner, set()).add(number)
            self._removed_of[source] = by_pid
        return by_pid.get(pid)

    def stays(self, source: Source, numbers: Integers, pids: Integers) -> Bools | None:
        """Which rows of the table are not removed; None for all of them."""
        removed = list(self.removed(source))
        if not removed:
            return None
        keys = pids.astype(np.uint64) << np.uint64(32) | numbers.astype(np.uint64)
        gone: Bools = np.isin(keys, np.array([(pid << 32) | number for number, pid in removed], dtype=np.uint64))
        return ~gone
