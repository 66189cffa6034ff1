"""The rows of a time column in the order of their instants.

The rows that cross an edge between two instants are a slice of that order: no scan is needed. The
first use sorts the rows. Rows written since are listed apart and checked one by one; what the
order says of them is checked against their present values.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from coterie.index.bits import Pids
from coterie.index.columns.ordered import Ordered

PENDING_MAX: Final = 65_536
"""At this many rows apart the order is sorted anew; a sixteenth of it where that is more."""
STEP: Final = 4_096


class TimeOrder:
    """Readers of the index query it; the writer, who excludes them, marks what it writes."""

    def __init__(self, times: Ordered) -> None:
        self._mutex = threading.Lock()
        self._pending: list[Pids] = []
        self._pending_count = 0
        self._sort(times)

    def _sort(self, times: Ordered) -> None:
        pids = np.flatnonzero(times.codes[: times.length])
        instants = times.values[pids]
        order = np.argsort(instants, kind="stable")
        self._instants = instants[order]
        self._pids = pids[order].astype(np.uint32)
        self._pending = []
        self._pending_count = 0

    def mark_written(self, pids: Pids) -> None:
        """Mark these rows as written since the order was sorted."""
        self._pending.append(pids)
        self._pending_count += len(pids)

    def _written_since(self, times: Ordered) -> Pids:
        """Return the rows written since the last sort, each once. Sort anew when they are many."""
        with self._mutex:
            if self._pending_count > max(PENDING_MAX, len(self._pids) // 16):
                self._sort(times)
            if len(self._pending) > 1:
                self._pending = [np.unique(np.concatenate(self._pending))]
                self._pending_count = len(self._pending[0])
            return self._pending[0] if self._pending else np.zeros(0, dtype=np.int64)

    def between(self, times: Ordered, low: int, high: int) -> tuple[Pids, Pids]:
        """Return the rows with an instant from `low` to `high`, and these instants."""
        written = self._written_since(times)
        first, last = np.searchsorted(self._instants, low, "left"), np.searchsorted(self._instants, high, "right")
        sorted_pids = self._pids[first:last].astype(np.int64)
        pids = np.union1d(sorted_pids, written) if len(written) else sorted_pids
        view = times.gather(pids)
        inside = view.present() & (view.values >= low) & (view.values <= high)
        return pids[inside], view.values[inside]

    def first_from(self, times: Ordered, low: int) -> int | None:
        """Return the earliest instant of any row that is not before `low`."""
        written = times.gather(self._written_since(times))
        later = written.values[written.present() & (written.values >= low)]
        earliest = int(later.min()) if len(later) else None
        start = int(np.searchsorted(self._instants, low, "left"))
        while start < len(self._instants):
            instants = self._instants[start : start + STEP]
            if earliest is not None and instants[0] >= earliest:
                break
            view = times.gather(self._pids[start : start + STEP].astype(np.int64))
            current = np.flatnonzero(view.present() & (view.values == instants))
            if len(current):
                first = int(instants[current[0]])
                return first if earliest is None else min(first, earliest)
            start += STEP
        return earliest

    def bytes(self) -> int:
        return int(self._instants.nbytes + self._pids.nbytes) + 8 * self._pending_count
