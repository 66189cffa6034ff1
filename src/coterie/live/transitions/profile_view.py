"""One profile as the law looks at it, with the memberships decided so far over the recorded ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyroaring import BitMap

from coterie.index import Index
from coterie.live.lanes import Lanes
from coterie.live.registry.segments import SegmentRegistry
from coterie.live.writes.draft import Draft
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import ChangedAt, Source
from coterie.rules.values import Instant, Value

NOTHING_DECIDED: Mapping[str, BitMap] = {}


class IndexedProfile:
    """One indexed profile as the law looks at it, with the memberships already `decided` (by id) in place of the recorded ones."""

    __slots__ = ("_decided", "_index", "_segments", "lanes", "number")

    def __init__(
        self, pid: int, index: Index, segments: SegmentRegistry, decided: Mapping[str, BitMap] = NOTHING_DECIDED
    ) -> None:
        self.number = pid
        self._index = index
        self._segments = segments
        self._decided = decided
        self.lanes = Lanes(lambda source: index.activity(source, pid))

    def value(self, name: str) -> Value | None:
        return self._index.value(name, self.number)

    def changed_at(self, name: str) -> Instant | None:
        own = name in ("created_at", "updated_at")  # which changed when they say, and are lowered so
        found = self._index.value(name if own else ChangedAt(name), self.number)
        return found if isinstance(found, Instant) else None

    def is_member(self, segment_id: str) -> bool:
        decided = self._decided.get(segment_id)
        return self.number in (self._segments.members_of(segment_id) if decided is None else decided)

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        return self.lanes.happenings(source)


class DraftView:
    """One draft as the law looks at it, with the memberships of this commit over the recorded ones."""

    __slots__ = ("_decided", "_draft", "_lanes", "_segments", "number")

    def __init__(
        self, draft: Draft, segments: SegmentRegistry, decided: dict[tuple[int, int], bool], lanes: Lanes
    ) -> None:
        self._draft = draft
        self._segments = segments
        self._decided = decided
        self._lanes = lanes
        self.number = draft.pid

    def value(self, name: str) -> Value | None:
        return self._draft.new(name)

    def changed_at(self, name: str) -> Instant | None:
        return self._draft.changed_at(name)

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        return self._lanes.happenings(source)

    def is_member(self, segment_id: str) -> bool:
        segment = self._segments.by_id[segment_id]
        decided = self._decided.get((segment.sid, self._draft.pid))
        return self._draft.pid in segment.members if decided is None else decided
