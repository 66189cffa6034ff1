"""Who crosses a window edge when, of the rows of a table: by their instant or a column of times.

By instant the base of the table is in order already, so that those who cross are a slice; for a
column, its `TimeOrder` gives the order, over places.
"""

from __future__ import annotations

import numpy as np

from coterie.index.activity.table import Table
from coterie.index.bits import Pids
from coterie.index.crossings import NO_CROSSINGS, Crossings, Timeline, crossings, next_crossing, timeline
from coterie.rules.edges import Edge
from coterie.rules.kernel import AT
from coterie.rules.values import Instant


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
        instants = [int(tail.min())] if len(tail) else []
        if place < table.sorted:
            alive = place + int(table.dead[place : table.sorted].argmin()) if table.dead_count else place
            if not table.dead[alive]:
                instants.append(int(table.ats[alive]))
        return min(instants, default=None)

    def every(self) -> tuple[Pids, Pids]:
        places = self._table.living(np.arange(self._table.count))
        return places, self._table.ats[places]

    def is_empty(self) -> bool:
        return self._table.count == self._table.dead_count


def table_crossings(table: Table, edge: Edge, since: Instant, until: Instant) -> Crossings:
    """Who crosses the edge when, `since` < instant <= `until`."""
    times = _timeline(table, edge)
    if times is None:
        return NO_CROSSINGS
    instants, places = crossings(edge, times, since, until, table.zone)
    if table.dead_count and edge.column != AT:
        alive = ~table.dead[places]
        instants, places = instants[alive], places[alive]
    return Crossings(instants, table.pids[places].astype(np.int64), places)


def next_table_crossing(table: Table, edge: Edge, after: Instant) -> Instant | None:
    """The first instant after `after` at which a row may cross the edge."""
    times = _timeline(table, edge)
    return None if times is None else next_crossing(edge, times, after, table.zone)


def _timeline(table: Table, edge: Edge) -> Timeline | None:
    assert isinstance(edge.column, str)
    if edge.column == AT:
        return InstantTimeline(table)
    return timeline(table.columns.get(edge.column))
