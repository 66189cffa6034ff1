"""The segments of a workspace in memory: their rules, their members, and which of them use which.

Changed only by the writer. Members are roaring bitmaps of pids.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import orjson
from pyroaring import BitMap

from coterie.live.profile_view import EMPTY_PROFILE
from coterie.live.registry.measures import MeasureIndex
from coterie.live.registry.predicates import PredicateIndex
from coterie.live.registry.timetable import Timetable
from coterie.model import Origin, Segment, SegmentKind
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import Leaf, Lowered, Sampled, Source
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant
from coterie.rules.walk import properties, segments, sources
from coterie.store.rows import StoredSegment


@dataclass(slots=True, eq=False)
class LiveSegment:
    """One segment.

    `depth` is 0 for a rule that uses no segment, else one more than the deepest that it uses.
    """

    stored: StoredSegment
    rule: Rule | None
    lowered: Lowered | None
    leaves: frozenset[Leaf]
    properties: frozenset[str]
    uses: frozenset[str]  # ids
    sources: frozenset[Source] = frozenset()  # the events and conversations its rule looks at
    depth: int = 0
    members: BitMap = field(default_factory=BitMap)
    unsaved: bool = False  # members differ from the last stored snapshot

    @property
    def sid(self) -> int:
        """Its number in the store: small, never used again."""
        return self.stored.sid

    @property
    def id(self) -> str:
        """Its public id."""
        return self.stored.id

    @property
    def is_static(self) -> bool:
        """Whether its members are added and removed by hand."""
        return self.stored.kind == SegmentKind.STATIC

    def to_model(self) -> Segment:
        """The segment as the model has it. Inside `engine.reading()`, or in the writer's turn."""
        stored = self.stored
        origin = orjson.loads(stored.origin) if stored.origin else None
        return Segment(
            id=stored.id,
            name=stored.name,
            kind=SegmentKind(stored.kind),
            rule=self.rule,
            document=orjson.loads(stored.rule) if stored.rule else None,
            description=stored.description,
            origin=Origin(origin["dialect"], origin["document"]) if origin else None,
            version=stored.version,
            member_count=len(self.members),
            created_at=Instant(stored.created_at),
            updated_at=Instant(stored.updated_at),
        )


class SegmentRegistry:
    """Every live segment, by sid and by id, with the indexes over them that make a write cheap."""

    def __init__(self, moment: Moment) -> None:
        self._zone = moment.zone
        self.by_sid: dict[int, LiveSegment] = {}
        self.by_id: dict[str, LiveSegment] = {}
        self.users: dict[str, set[int]] = {}
        """By the id of a segment, the sids of those whose rules use it."""
        self.matching_nobody: set[int] = set()
        """The sids of the rules that a profile without any value may match."""
        self.predicates = PredicateIndex()
        self.measures = MeasureIndex(self._zone)
        self.timetable = Timetable(self._zone)
        self._moment = moment

    def draft(self, stored: StoredSegment, rule: Rule | None) -> LiveSegment:
        """A segment ready to be judged, not yet registered."""
        lowered = lower(rule, self._zone) if rule is not None else None
        return LiveSegment(
            stored=stored,
            rule=rule,
            lowered=lowered,
            leaves=leaves(lowered) if lowered is not None else frozenset(),
            properties=properties(rule) if rule is not None else frozenset(),
            uses=segments(rule) if rule is not None else frozenset(),
            sources=sources(lowered) if lowered is not None else frozenset(),
        )

    def add(self, segment: LiveSegment) -> None:
        """Register a segment, in place of one with the same sid.

        Its edges may be `timetable.unknown`.
        """
        previous = self.by_sid.get(segment.sid)
        if previous is not None:
            self._remove_from_indexes(previous)
        self.by_sid[segment.sid] = self.by_id[segment.id] = segment
        for index in (self.predicates, self.measures, self.timetable):
            index.add(segment.leaves, segment.sid)
        for used in segment.uses:
            self.users.setdefault(used, set()).add(segment.sid)
        if segment.rule is not None and (
            evaluate(segment.rule, EMPTY_PROFILE, self._moment)
            or any(isinstance(leaf, Sampled) for leaf in segment.leaves)
        ):
            self.matching_nobody.add(segment.sid)
        self._set_depths(segment)

    def remove(self, segment: LiveSegment) -> None:
        """Remove a segment that no other uses."""
        self._remove_from_indexes(segment)
        del self.by_sid[segment.sid]
        del self.by_id[segment.id]
        self.users.pop(segment.id, None)

    def _remove_from_indexes(self, segment: LiveSegment) -> None:
        for index in (self.predicates, self.measures, self.timetable):
            index.remove(segment.leaves, segment.sid)
        for used in segment.uses:
            self.users.get(used, set()).discard(segment.sid)
        self.matching_nobody.discard(segment.sid)

    def _set_depths(self, added: LiveSegment) -> None:
        """Set the depth of a segment, then of its users, as far up as they change."""
        waiting = deque((added,))
        while waiting:
            segment = waiting.popleft()
            depths = [self.by_id[used].depth for used in segment.uses if used in self.by_id]
            depth = 1 + max(depths) if depths else 0
            if depth != segment.depth or segment is added:
                segment.depth = depth
                waiting.extend(self.by_sid[sid] for sid in self.users.get(segment.id, ()))

    def users_of(self, segment_id: str) -> list[LiveSegment]:
        """The segments whose rules use this one directly, oldest first."""
        return [self.by_sid[sid] for sid in sorted(self.users.get(segment_id, ()))]

    def users_of_property(self, name: str) -> list[LiveSegment]:
        """The segments whose rules look at the property."""
        return [segment for segment in self.by_sid.values() if name in segment.properties]

    def in_order(self) -> list[LiveSegment]:
        """All segments in dependency order: each after those that it uses."""
        return sorted(self.by_sid.values(), key=lambda segment: (segment.depth, segment.sid))

    def members_of(self, segment_id: str) -> BitMap:
        """The recorded members themselves, not a copy. KeyError where there is no such segment."""
        return self.by_id[segment_id].members
