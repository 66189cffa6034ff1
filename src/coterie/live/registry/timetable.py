"""The timetable: when can time alone change a membership next?

Time changes a verdict on a profile only at the instant at which one of its rows crosses a window
edge (`rules/edges.py`). For each edge of all segments the timetable has the next instant at which
any row may cross it. Until the earliest of these no membership can be out of date. An instant may
be too early, in which case nobody crosses then, but it is never too late.

An edge is there once, however many segments use it. What it concerns are subjects: the properties
whose moving leaves change there, and the measures whose window or `where` it belongs to.
"""

from __future__ import annotations

import bisect
import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from zoneinfo import ZoneInfo

from coterie.rules.calendar import next_midnight
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import (
    ChangedAt,
    Leaf,
    MemberOf,
    MovingLeaf,
    Sampled,
    Source,
    Subject,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Instant

Column = str | ChangedAt


class Timetable:
    """The window edges of all segments, and when each may be crossed next."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._subjects: dict[Edge, Counter[Subject]] = {}
        self._moving: dict[tuple[Edge, Subject], set[int]] = defaultdict(set)
        self._columns: dict[Source | None, dict[Column, list[Edge]]] = {}
        self._at: dict[Edge, Instant | None] = {}  # None where nobody will cross it, or that is not known yet
        self._heap: list[tuple[int, int, Edge]] = []  # (instant, serial number, edge); stale entries stay behind
        self._serial = 0
        self.next_at: Instant | None = None
        """The earliest instant at which time alone may change a membership.

        Any thread may read it.
        """

    # --- edges

    def add(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """Add the edges of a segment. `set_next` has to follow for those that are `unknown`."""
        for (edge, subject), is_moving in _edges_of(segment_leaves).items():
            if edge not in self._subjects:
                self._subjects[edge] = Counter()
                self._at[edge] = None
                self._columns.setdefault(edge.source, {}).setdefault(edge.column, []).append(edge)
            self._subjects[edge][subject] += 1
            if is_moving:
                self._moving[edge, subject].add(sid)

    def remove(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """Remove the edges of a segment."""
        for edge, subject in _edges_of(segment_leaves):
            if (edge, subject) in self._moving:
                self._moving[edge, subject].discard(sid)
                if not self._moving[edge, subject]:
                    del self._moving[edge, subject]
            subjects = self._subjects[edge]
            subjects[subject] -= 1
            if not subjects[subject]:
                del subjects[subject]
            if not subjects:
                self._remove_edge(edge)

    def _remove_edge(self, edge: Edge) -> None:
        del self._subjects[edge], self._at[edge]
        columns = self._columns[edge.source]
        columns[edge.column].remove(edge)
        if not columns[edge.column]:
            del columns[edge.column]
        self._drop_stale()

    def __iter__(self) -> Iterator[Edge]:
        return iter(tuple(self._subjects))

    def columns(self, source: Source | None) -> Collection[Column]:
        """The columns of a source that have edges; None stands for the profiles themselves."""
        return self._columns.get(source, {}).keys()

    def subjects(self, edge: Edge) -> Collection[Subject]:
        """The subjects that the edge concerns."""
        return self._subjects.get(edge, {}).keys()

    def moving(self, edge: Edge, subject: Subject) -> Set[int]:
        """The segments whose leaf on the subject may change there while the subject's value stays.

        "Last order in the last 7 days" does so 7 days after the order.
        """
        return self._moving.get((edge, subject), frozenset())

    # --- instants

    def unknown(self, segment_leaves: Iterable[Leaf]) -> list[Edge]:
        """The edges of these leaves whose next instant is not known."""
        every_edge = {edge: None for leaf in segment_leaves for edge in edges(leaf)}
        return [edge for edge in every_edge if self._at[edge] is None]

    def set_next(self, edge: Edge, at: Instant | None) -> None:
        """Set when the edge is crossed next, as the index knows it: None for never."""
        self._at[edge] = at
        if at is not None:
            heapq.heappush(self._heap, (int(at), self._serial, edge))
            self._serial += 1
        self._drop_stale()

    def observe(self, source: Source | None, column: Column, instants: Sequence[int], now: Instant) -> None:
        """Note that rows got these instants in a column at `now`, and may be the next to cross."""
        ascending = sorted(instants)
        for edge in self._columns.get(source, {}).get(column, ()):
            at = self._crossing(edge, ascending, now)
            before = self._at[edge]
            if at is not None and (before is None or at < before):
                self.set_next(edge, at)

    def _crossing(self, edge: Edge, ascending: Sequence[int], now: Instant) -> Instant | None:
        """The first instant after `now` at which one of the instants crosses the edge."""
        if edge.shift is None:
            return next_midnight(Moment(now, self._zone)) if ascending and self._at[edge] is None else None
        place = bisect.bisect_right(ascending, now - edge.shift)
        return Instant(ascending[place] + edge.shift) if place < len(ascending) else None

    def due(self, now: Instant) -> list[Edge]:
        """The edges that may have been crossed by `now`. They stay due until `set_next`."""
        due: dict[Edge, tuple[int, int, Edge]] = {}
        while self._heap and self._heap[0][0] <= now:
            entry = heapq.heappop(self._heap)
            at, _, edge = entry
            if self._at.get(edge) == at:
                due[edge] = entry
        for entry in due.values():
            heapq.heappush(self._heap, entry)
        return list(due)

    def _drop_stale(self) -> None:
        heap = self._heap
        while heap and self._at.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        self.next_at = Instant(heap[0][0]) if heap else None


def _edges_of(segment_leaves: Iterable[Leaf]) -> dict[tuple[Edge, Subject], bool]:
    """The edges of a segment with the subjects concerned, and whether a leaf on these moves."""
    found: dict[tuple[Edge, Subject], bool] = {}
    for leaf in segment_leaves:
        if isinstance(leaf, MemberOf | Sampled):
            continue
        is_moving = isinstance(leaf, MovingLeaf)
        for edge in edges(leaf):
            found[edge, leaf.property] = is_moving or found.get((edge, leaf.property), False)
    return found
