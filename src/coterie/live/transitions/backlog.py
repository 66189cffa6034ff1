"""What fell due, on its way to being judged: in slices, so that a midnight at which a million people move keeps nobody waiting for long.

While slices are left, a write that touches somebody first has what fell due for him judged, up to its own instant (`of`), and is then judged itself: so for
each profile things happen in the order of their instants, whoever else is still waiting. Questions, definitions and checks wait for all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index import Index
from coterie.live.registry.segments import SegmentRegistry
from coterie.live.registry.timetable import next_crossing
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.transitions.by_time import Crossings, TimePass, WindowEdge
from coterie.rules.edges import Edge
from coterie.rules.kernel import MovingLeaf
from coterie.rules.values import Instant


class Backlog:
    """Everything that time changes after `since` and up to `until`. `ahead` are profiles for whom that was judged before, each up to an instant."""

    def __init__(
        self,
        segments: SegmentRegistry,
        index: Index,
        zone: ZoneInfo,
        since: Instant,
        until: Instant,
        ahead: Mapping[int, Instant],
    ) -> None:
        self._segments = segments
        self._index = index
        self._zone = zone
        self.since = since
        self.until = until
        self._judged_to = since
        self._edges = self._due(until)
        self._rest = self._less(TimePass(segments, index, zone, self._edges).crossings(since, until), ahead)

    def __len__(self) -> int:
        return len(self._rest)

    def take(self, count: int) -> list[TransitionBatch]:
        """The moves of the next `count` crossings."""
        taken = self._rest.only(slice(None, count))
        if count < len(self._rest):
            self._rest = self._rest.only(slice(count, None)).without_places()  # which hold until the next commit only
        else:
            self._rest = self._rest.only(slice(0))
        span = TimePass(self._segments, self._index, self._zone, self._edges)
        span.judge(taken, self._judged_to)
        if len(taken):
            self._judged_to = Instant(int(taken.at[-1]))
        return span.transitions()

    def of(self, pids: Collection[int], now: Instant, ahead: Mapping[int, Instant]) -> list[TransitionBatch]:
        """The moves of these profiles up to `now`, which may be later than `until`."""
        asked = np.fromiter(pids, dtype=np.int64, count=len(pids))
        its = np.isin(self._rest.pid, asked)
        earlier = TimePass(self._segments, self._index, self._zone, self._edges)
        earlier.judge(self._rest.only(its).without_places(), self._judged_to)
        self._rest = self._rest.only(~its)
        transitions = earlier.transitions()
        later = TimePass(self._segments, self._index, self._zone, self._due(now), earlier.decided)
        crossed = self._less(later.crossings(self.until, now), ahead)
        later.judge(crossed.only(np.isin(crossed.pid, asked)), self.until)
        return transitions + later.transitions()

    def _due(self, until: Instant) -> list[WindowEdge]:
        return [*self._segments.due.due_leaves(until), *self._segments.measures.edges.due(until)]

    @staticmethod
    def _less(crossed: Crossings, ahead: Mapping[int, Instant]) -> Crossings:
        if not ahead:
            return crossed
        known = np.array([ahead.get(pid, -(2**62)) for pid in crossed.pid.tolist()], dtype=np.int64)
        return crossed.only(crossed.at > known)


class Tick:
    """What time changes, and when it will next."""

    def __init__(self, segments: SegmentRegistry, index: Index, zone: ZoneInfo) -> None:
        self._segments = segments
        self._index = index
        self._zone = zone

    def begin(self, since: Instant, now: Instant, ahead: Mapping[int, Instant]) -> Backlog:
        """What crossed, to be judged in slices."""
        return Backlog(self._segments, self._index, self._zone, since, now, ahead)

    def looked_up(self, now: Instant) -> dict[MovingLeaf, Instant | None]:
        """For the leaves that were due: when somebody crosses them next."""
        return {
            leaf: next_crossing(leaf, now, self._index.next_crossing) for leaf in self._segments.due.due_leaves(now)
        }

    def edges_looked_up(self, now: Instant) -> list[tuple[Edge, Instant | None]]:
        """For the edges that were due: when something crosses them next."""
        return [(edge, self._index.next_crossing(edge, now)) for edge in self._segments.measures.edges.due(now)]
