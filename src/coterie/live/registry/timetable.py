"""When will time next change an answer?

A leaf that moves with the clock changes its verdict for a profile at instants that follow from the profile's value: `TimeAround(low, high)` at
t - high and just after t - low, calendar words and anniversaries at midnights only. For every such leaf the earliest instant at which it may
change for anybody is kept; the earliest of these is when the workspace must look again, and until then nothing can be stale.
"""

from __future__ import annotations

import bisect
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from coterie.rules.calendar import next_midnight
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import (
    AT,
    ChangedAt,
    EventsNamed,
    MeasureSubject,
    MovingLeaf,
    Source,
    Subject,
    TimeAround,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

ANY_EVENT = EventsNamed(None)


def sources_of(source: Source) -> tuple[Source, ...]:
    """The sources a happening belongs to: an event is one of its name, and one of any."""
    return (source, ANY_EVENT) if isinstance(source, EventsNamed) and source != ANY_EVENT else (source,)


class PropertyTimes:
    """The moving leaves of all segments, and for each the next instant at which somebody may cross it."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.sids: dict[MovingLeaf, set[int]] = defaultdict(set)
        self.at: dict[MovingLeaf, Instant | None] = {}
        self._offsets: dict[
            Subject, list[int]
        ] = {}  # property -> the sorted distances from now at which some leaf flips
        self._dated: dict[Subject, int] = defaultdict(int)  # property -> how many calendar and anniversary leaves
        self._watching: dict[Subject, int] = defaultdict(int)  # property -> how many moving leaves
        self._soonest: dict[
            Subject, Instant
        ] = {}  # property -> the earliest crossing brought in by a write since the last tick
        self.next_at: Instant | None = None
        """The earliest instant at which time alone may change a membership. Any thread may read it."""

    def add(self, leaf: MovingLeaf, sid: int) -> None:
        """A segment has this leaf. When somebody crosses it next is not known before `set_next`."""
        if leaf not in self.sids:
            self.at[leaf] = None
            for offset in _offsets(leaf):
                bisect.insort(self._offsets.setdefault(leaf.property, []), offset)
            self._dated[leaf.property] += not isinstance(leaf, TimeAround)
            self._watching[leaf.property] += 1
        self.sids[leaf].add(sid)

    def remove(self, leaf: MovingLeaf, sid: int) -> None:
        """The segment has this leaf no more."""
        self.sids[leaf].discard(sid)
        if not self.sids[leaf]:
            del self.sids[leaf], self.at[leaf]
            for offset in _offsets(leaf):
                self._offsets[leaf.property].remove(offset)
            self._dated[leaf.property] -= not isinstance(leaf, TimeAround)
            self._watching[leaf.property] -= 1

    def watched(self) -> list[Subject]:
        """The properties that some leaf that moves looks at."""
        return [name for name, count in self._watching.items() if count]

    def observe(self, name: Subject, value: Instant, now: Instant) -> None:
        """A write gave some profile this time: remember the first instant after `now` at which that matters."""
        found = self._crossing(name, value, now)
        if found is not None:
            known = self._soonest.get(name)
            self._soonest[name] = found if known is None else min(known, found)
            self.next_at = found if self.next_at is None else min(self.next_at, found)

    def _crossing(self, name: Subject, value: Instant, now: Instant) -> Instant | None:
        """The first instant after `now` at which any leaf on `name` flips for `value`.

        It flips where value - instant equals an offset, so the next one is at the largest offset below value - now.
        """
        found: Instant | None = None
        offsets = self._offsets.get(name, [])
        place = bisect.bisect_left(offsets, value - now)
        if place:
            found = Instant(value - offsets[place - 1])
        if self._dated.get(name):
            midnight = next_midnight(Moment(now, self._zone))
            found = midnight if found is None else min(found, midnight)
        return found

    def set_next(self, leaf: MovingLeaf, at: Instant | None) -> None:
        """The next crossing of a leaf, as looked up in the index."""
        self.at[leaf] = at
        self._refresh()

    def _refresh(self) -> None:
        known = [at for at in self.at.values() if at is not None]
        known.extend(self._soonest.values())
        self.next_at = min(known, default=None)

    def due_leaves(self, now: Instant) -> list[MovingLeaf]:
        """The leaves that somebody may have crossed by `now`."""
        noticed = {name for name, at in self._soonest.items() if at <= now}
        return [leaf for leaf, at in self.at.items() if (at is not None and at <= now) or leaf.property in noticed]

    def settled(self, next_of: dict[MovingLeaf, Instant | None], now: Instant) -> None:
        """After a tick up to `now`: the looked-up next crossings of the leaves that were due."""
        self.at.update(next_of)
        for name in [name for name, at in self._soonest.items() if at <= now]:
            del self._soonest[name]
        self._refresh()


class WindowEdges:
    """The instants at which time moves happenings, by edge; `next_at` is the earliest. Any thread may read that."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.subjects: dict[Edge, Counter[MeasureSubject]] = {}
        self._at: dict[Edge, Instant | None] = {}
        self._heap: list[tuple[int, int, Edge]] = []
        self._pushed = 0
        self._shifts: dict[tuple[Source | None, str | ChangedAt], list[Edge]] = defaultdict(list)
        self._dated: dict[tuple[Source | None, str | ChangedAt], list[Edge]] = defaultdict(list)
        self.next_at: Instant | None = None

    def add(self, edge: Edge, subject: MeasureSubject) -> None:
        """A subject moves along this edge. When that is next is not known before `set_next`."""
        known = self.subjects.get(edge)
        if known is None:
            known = self.subjects[edge] = Counter()
            self._at[edge] = None
            (self._dated if edge.shift is None else self._shifts)[edge.source, edge.column].append(edge)
        known[subject] += 1

    def remove(self, edge: Edge, subject: MeasureSubject) -> None:
        """Remove the subject."""
        known = self.subjects[edge]
        known[subject] -= 1
        if known[subject]:
            return
        del known[subject]
        if not known:
            del self.subjects[edge], self._at[edge]
            (self._dated if edge.shift is None else self._shifts)[edge.source, edge.column].remove(edge)
            self._settle_heap()

    def is_looked_up(self, edge: Edge) -> bool:
        """Whether it is known when the edge is crossed next."""
        return self._at[edge] is not None

    def observe(self, source: Source, at: Instant, values: Mapping[str, Value], now: Instant) -> None:
        """Something happened, or will: remember when it crosses which edge next."""
        for one in sources_of(source):
            for column in (AT, *values):
                shifted = self._shifts.get((one, column))
                if shifted:
                    value = at if column == AT else values[column]
                    if isinstance(value, Instant):
                        self._observe_shifted(shifted, value, now)
                for edge in self._dated.get((one, column), ()):
                    if self._at[edge] is None:
                        self._put(edge, next_midnight(Moment(now, self._zone)))

    def _observe_shifted(self, shifted: list[Edge], value: Instant, now: Instant) -> None:
        for edge in shifted:
            assert edge.shift is not None
            crosses = value + edge.shift
            before = self._at[edge]
            if crosses > now and (before is None or crosses < before):
                self._put(edge, Instant(crosses))

    def set_next(self, edge: Edge, at: Instant | None) -> None:
        """When the edge is crossed next, as looked up in the index."""
        if at is None:
            self._at[edge] = None
            self._settle_heap()
        else:
            self._put(edge, at)

    def _put(self, edge: Edge, at: Instant) -> None:
        self._at[edge] = at
        heapq.heappush(self._heap, (int(at), self._pushed, edge))
        self._pushed += 1
        self._settle_heap()

    def _settle_heap(self) -> None:
        heap = self._heap
        while heap and self._at.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        self.next_at = Instant(heap[0][0]) if heap else None

    def due(self, now: Instant) -> list[Edge]:
        """The edges that may have been crossed by `now`. They stay due until `set_next` says when next."""
        found: list[Edge] = []
        taken: list[tuple[int, int, Edge]] = []
        while self._heap and self._heap[0][0] <= now:
            one = heapq.heappop(self._heap)
            if self._at.get(one[2]) == one[0] and one[2] not in found:
                found.append(one[2])
                taken.append(one)
        for one in taken:
            heapq.heappush(self._heap, one)
        return found


def next_crossing(
    leaf: MovingLeaf, now: Instant, next_of_edge: Callable[[Edge, Instant], Instant | None]
) -> Instant | None:
    """The first instant after `now` at which somebody may cross an edge of the leaf."""
    crossings = (next_of_edge(edge, now) for edge in edges(leaf))
    return min((at for at in crossings if at is not None), default=None)


def _offsets(leaf: MovingLeaf) -> tuple[int, ...]:
    """The distances value - now at which the leaf flips: it holds while low <= value - now <= high."""
    if not isinstance(leaf, TimeAround):
        return ()
    return tuple(offset for offset in (leaf.high, None if leaf.low is None else leaf.low - 1) if offset is not None)
