"""Who crossed which window edge when, over all edges that are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coterie.index import Index
from coterie.rules.edges import Edge
from coterie.rules.values import Instant


@dataclass(frozen=True, slots=True)
class OrderedCrossings:
    """Four columns, in the order of the instants."""

    at: np.ndarray
    pid: np.ndarray
    edge: np.ndarray  # the place of the edge in a list of edges
    place: np.ndarray  # which row of the edge's source crossed, for `Index.activity_values`; -1 where not known

    def __len__(self) -> int:
        return len(self.at)

    def only(self, chosen: np.ndarray | slice) -> OrderedCrossings:
        return OrderedCrossings(self.at[chosen], self.pid[chosen], self.edge[chosen], self.place[chosen])

    def without_places(self) -> OrderedCrossings:
        """The same for use after a commit, which moves the rows to other places."""
        return OrderedCrossings(self.at, self.pid, self.edge, np.full(len(self.at), -1, dtype=np.int64))

    def pids_of_several(self) -> np.ndarray:
        """The pids that cross at more than one instant."""
        both = np.unique(np.stack((self.pid, self.at)), axis=1)
        pids, counts = np.unique(both[0], return_counts=True)
        return pids[counts > 1]


def find_crossings(index: Index, edges: Sequence[Edge], since: Instant, until: Instant) -> OrderedCrossings:
    """Everybody who crosses one of the edges after `since` and up to `until`."""
    columns: list[tuple[np.ndarray, ...]] = []
    for number, edge in enumerate(edges):
        at, pid, place = index.crossings(edge, since, until)
        columns.append((at, pid, np.full(len(at), number, dtype=np.int64), place))
    if not columns:
        return OrderedCrossings(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    together = OrderedCrossings(*(np.concatenate(column).astype(np.int64) for column in zip(*columns, strict=True)))
    return together.only(np.argsort(together.at, kind="stable"))
