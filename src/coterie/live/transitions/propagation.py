"""How a change of one segment's members spreads to the segments whose rules use it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Set

from coterie.live.registry.segments import LiveSegment, SegmentRegistry


class Propagation:
    """The segments to judge, each once and in dependency order: after those that its rule uses.

        for segment in propagation:
            if ...:  # its members change
                propagation.changed(segment)

    A user is deeper than what it uses, so it is still to come when a change queues it.
    """

    __slots__ = ("_heap", "_queued", "_segments")

    def __init__(self, segments: SegmentRegistry, sids: Iterable[int]) -> None:
        """Begin with the segments with these sids."""
        self._segments = segments
        self._queued = set(sids)
        self._heap = [(segments.by_sid[sid].depth, sid) for sid in self._queued]
        heapq.heapify(self._heap)

    def __iter__(self) -> Iterator[LiveSegment]:
        by_sid, heap = self._segments.by_sid, self._heap
        while heap:
            yield by_sid[heapq.heappop(heap)[1]]

    def changed(self, segment: LiveSegment) -> Set[int]:
        """Queue the segments that use this one, and return their sids."""
        users = self._segments.users.get(segment.id)
        if not users:
            return frozenset()
        for sid in users - self._queued:
            self._queued.add(sid)
            heapq.heappush(self._heap, (self._segments.by_sid[sid].depth, sid))
        return users
