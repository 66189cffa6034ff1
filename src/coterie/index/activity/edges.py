"""Who crosses an edge when: the happenings whose instant, or whose value of a column, comes to the end of a window as time goes on.

For an instant the base of the table is in order already, so that those who cross are a slice; for a column its `TimeOrder` is, over places.
"""

from __future__ import annotations

import numpy as np

from coterie.index.activity.table import Table
from coterie.index.bits import Pids
from coterie.index.crossings import Timeline, crossings, next_crossing, timeline
from coterie.rules.edges import Edge
from coterie.rules.kernel import AT, MovingLeaf, TimeAround
from coterie.rules.values import Instant

NOTHING = np.zeros(0, dtype=np.int64)


class InstantTimeline:
    """The living rows of a table by their own instants."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def between(self, low: int, high: int) -> tuple[Pids, Pids]:
        table = self._table
        base = table.living(np.arange(*table.slice_between(low, high)))
        tail = table.tail_between(low, high)
        places = np.concatenate((base, tail)) if len(tail) else base
        return places, table.ats[places]

    def first_from(self, low: int) -> int | None:
        table = self._table
        place = int(table.ats[: table.sorted].searchsorted(low, "left"))
        tail = table.ats[table.tail_between(low, 2**63 - 1)]
        found = [int(tail.min())] if len(tail) else []
        if place < table.sorted:
            alive = place + int(table.dead[place : table.sorted].argmin()) if table.dead_count else place
            if not table.dead[alive]:
                found.append(int(table.ats[alive]))
        return min(found, default=None)

    def every(self) -> tuple[Pids, Pids]:
        places = self._table.living(np.arange(self._table.count))
        return places, self._table.ats[places]

    def is_empty(self) -> bool:
        return self._table.count == self._table.dead_count


def crossed(table: Table, edge: Edge, since: Instant, until: Instant) -> tuple[Pids, Pids, Pids]:
    """The instants after `since` and up to `until` at which a happening crosses the edge; whose it is; and its place."""
    times = _timeline(table, edge)
    if times is None:
        return NOTHING, NOTHING, NOTHING
    instants, places = crossings(_moving(edge), times, since, until, table.zone)
    if table.dead_count and edge.column != AT:
        alive = ~table.dead[places]
        instants, places = instants[alive], places[alive]
    return instants, table.pids[places].astype(np.int64), places


def next_crossed(table: Table, edge: Edge, after: Instant) -> Instant | None:
    """The first instant after `after` at which a happening may cross the edge."""
    times = _timeline(table, edge)
    return None if times is None else next_crossing(_moving(edge), times, after, table.zone)


def _timeline(table: Table, edge: Edge) -> Timeline | None:
    if edge.column == AT:
        return InstantTimeline(table)
    return timeline(table.columns.get(edge.column))


def _moving(edge: Edge) -> MovingLeaf:
    """A leaf that flips where the edge is crossed, and nowhere else."""
    if edge.leaf is not None:
        return edge.leaf
    assert edge.shift is not None
    return TimeAround(edge.column, None, -edge.shift)
