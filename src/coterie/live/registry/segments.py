"""The segments of a workspace as they live in memory: their rules, who is in them, and who depends on whom.

Changed only by the writer. Members are roaring bitmaps of pids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson
from pyroaring import BitMap

from coterie.live.profile_view import EMPTY_PROFILE
from coterie.live.registry.measures import MeasureIndex
from coterie.live.registry.predicates import PredicateIndex
from coterie.live.registry.timetable import PropertyTimes
from coterie.model import Origin, Segment, SegmentKind
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import (
    Anniversary,
    ChangedAt,
    Leaf,
    Lowered,
    MeasureSubject,
    MemberOf,
    Sampled,
    Source,
    TimeAround,
    TimeInCalendar,
)
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant
from coterie.rules.walk import properties, segments, sources
from coterie.store.rows import StoredSegment

MOVING = (TimeAround, TimeInCalendar, Anniversary)


@dataclass(slots=True, eq=False)
class LiveSegment:
    """One segment. `depth` is 0 for a rule that uses no segment, else one more than the deepest it uses: dependants are judged in that order."""

    stored: StoredSegment
    rule: Rule | None
    lowered: Lowered | None
    leaves: frozenset[Leaf]
    properties: frozenset[str]
    uses: frozenset[str]  # ids
    sources: frozenset[Source] = frozenset()  # the events and conversations it looks at
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
        """Whether people are put into it by hand."""
        return self.stored.kind == SegmentKind.STATIC

    @property
    def moving(self) -> list[TimeAround | TimeInCalendar | Anniversary]:
        """The leaves on properties whose verdict changes with the clock alone. Those on measures are the measure index's (`measures.py`)."""
        return [
            leaf for leaf in self.leaves if isinstance(leaf, MOVING) and not isinstance(leaf.property, MeasureSubject)
        ]

    @property
    def changes_looked_at(self) -> set[str]:
        """The properties of which it asks when they changed."""
        subjects = (leaf.property for leaf in self.leaves if not isinstance(leaf, MemberOf | Sampled))
        return {subject.property for subject in subjects if isinstance(subject, ChangedAt)}

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
        self.users: dict[str, set[int]] = {}  # id -> sids of the segments whose rules use it
        self.matching_nobody: set[int] = set()  # sids of rules that may be true of a profile without any value
        self.predicates = PredicateIndex()
        self.due = PropertyTimes(self._zone)
        self.measures = MeasureIndex(self._zone)
        self._moment = moment

    def draft(self, stored: StoredSegment, rule: Rule | None) -> LiveSegment:
        """A segment ready to be judged, not yet in the book."""
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
        """Put a segment in, in place of the one with the same sid if there is one."""
        known = self.by_sid.get(segment.sid)
        if known is not None:
            self._remove(known)
        self.by_sid[segment.sid] = self.by_id[segment.id] = segment
        self.predicates.add(segment.leaves, segment.sid)
        self.measures.add(segment.leaves, segment.sid)
        for leaf in segment.moving:
            self.due.add(leaf, segment.sid)
        for used in segment.uses:
            self.users.setdefault(used, set()).add(segment.sid)
        if segment.rule is not None and (
            evaluate(segment.rule, EMPTY_PROFILE, self._moment)
            or any(isinstance(leaf, Sampled) for leaf in segment.leaves)
        ):
            self.matching_nobody.add(segment.sid)
        self._deepen(segment)

    def remove(self, segment: LiveSegment) -> None:
        """Take a segment out that nobody uses."""
        self._remove(segment)
        del self.by_sid[segment.sid]
        del self.by_id[segment.id]
        self.users.pop(segment.id, None)

    def _remove(self, segment: LiveSegment) -> None:
        self.predicates.remove(segment.leaves, segment.sid)
        self.measures.remove(segment.leaves, segment.sid)
        for leaf in segment.moving:
            self.due.remove(leaf, segment.sid)
        for used in segment.uses:
            self.users.get(used, set()).discard(segment.sid)
        self.matching_nobody.discard(segment.sid)

    def _deepen(self, segment: LiveSegment) -> None:
        """Set its depth, and then the depth of those who use it, as far up as that changes anything."""
        waiting = deque((segment,))
        while waiting:
            one = waiting.popleft()
            used = [self.by_id[below].depth for below in one.uses if below in self.by_id]
            depth = 1 + max(used) if used else 0
            if depth != one.depth or one is segment:
                one.depth = depth
                waiting.extend(self.by_sid[sid] for sid in self.users.get(one.id, ()))

    def users_of(self, segment_id: str) -> list[LiveSegment]:
        """The segments whose rules use this one directly, oldest first."""
        return [self.by_sid[sid] for sid in sorted(self.users.get(segment_id, ()))]

    def users_of_property(self, name: str) -> list[LiveSegment]:
        """The segments whose rules look at the property."""
        return [one for one in self.by_sid.values() if name in one.properties]

    def in_order(self, sids: Iterable[int] | None = None) -> list[LiveSegment]:
        """Segments with those they use before them; all of them, or those named."""
        chosen = self.by_sid.values() if sids is None else [self.by_sid[sid] for sid in sids]
        return sorted(chosen, key=lambda one: (one.depth, one.sid))

    @property
    def next_at(self) -> Instant | None:
        """The earliest instant at which time alone may change a membership. Any thread may read it."""
        first, second = self.due.next_at, self.measures.edges.next_at
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    def members_of(self, segment_id: str) -> BitMap:
        """The recorded members themselves, not a copy. KeyError for a segment there is not."""
        return self.by_id[segment_id].members
