"""Which measures can a happening touch, and when does time move one next? The cost follows what happened, not how many segments exist.

Segments share subjects (`Measured`, `Followed`): a thousand thresholds on "orders in 30 days" are one subject. `SourceWatch` finds, for one event or
conversation, the subjects whose `where` it can meet, by the same files that find what a property's change can flip (`flips.py`). `Edges` knows
the instants at which time alone moves a happening in or out of something: one entry per (source, length), however many segments use it.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from coterie.live.anchors import anchors
from coterie.live.flips import Flips
from coterie.rules.calendar import next_midnight
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import (
    AT,
    Anniversary,
    EventsNamed,
    Leaf,
    Lowered,
    Measured,
    MeasureSubject,
    MemberOf,
    Sampled,
    Source,
    TimeAround,
    TimeInCalendar,
)  # fmt: skip
from coterie.rules.lower import leaves
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

ANY_EVENT = EventsNamed(None)
NOTHING: Mapping[str, Value] = {}


def parts(subject: MeasureSubject) -> tuple[tuple[Source, Lowered | None], ...]:
    """Where a subject looks, and what it asks of what it finds there."""
    if isinstance(subject, Measured):
        return ((subject.source, subject.where),)
    return tuple(dict.fromkeys((step.source, step.where) for step in subject.steps))


def sources_of(source: Source) -> tuple[Source, ...]:
    """The sources a happening belongs to: an event is one of its name, and one of any."""
    return (source, ANY_EVENT) if isinstance(source, EventsNamed) and source != ANY_EVENT else (source,)


class SourceWatch:
    """The subjects that look at one source, each filed by what its `where` asks."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.count = 0
        """How many subjects look here."""
        self.always: Counter[MeasureSubject] = Counter()
        self._wheres = Flips()
        self._numbers: dict[tuple[MeasureSubject, Lowered], int] = {}
        self._filed: dict[int, tuple[MeasureSubject, Lowered]] = {}
        self._next = 0

    def file(self, subject: MeasureSubject, where: Lowered | None) -> None:
        """The subject looks here, at what meets `where`."""
        self.count += 1
        if where is None:
            self.always[subject] += 1
            return
        if (subject, where) in self._numbers:
            return
        number = self._numbers[subject, where] = self._next
        self._next += 1
        self._filed[number] = (subject, where)
        self._wheres.file(anchors(where) or leaves(where), number)
        if matches(where, NOTHING, Moment(Instant(0), self._zone)):
            self.always[subject] += 1

    def unfile(self, subject: MeasureSubject, where: Lowered | None) -> None:
        """It does no more."""
        self.count -= 1
        if where is not None:
            number = self._numbers.pop((subject, where), None)
            if number is None:
                return
            del self._filed[number]
            self._wheres.unfile(anchors(where) or leaves(where), number)
            if not matches(where, NOTHING, Moment(Instant(0), self._zone)):
                return
        self.always[subject] -= 1
        if not self.always[subject]:
            del self.always[subject]

    def touched(self, values: Mapping[str, Value], moment: Moment) -> Iterator[MeasureSubject]:
        """The subjects that a happening with these values can touch: all whose `where` it meets, and perhaps a few more."""
        yield from self.always
        numbers: set[int] = set()
        for name, value in values.items():
            self._wheres.candidates(name, None, value, moment.now, numbers)
        for number in numbers:
            subject, where = self._filed[number]
            if subject not in self.always and matches(where, values, moment):
                yield subject


class Edges:
    """The instants at which time moves happenings, by edge; `next_at` is the earliest. Any thread may read that."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.subjects: dict[Edge, Counter[MeasureSubject]] = {}
        self._at: dict[Edge, Instant | None] = {}
        self._heap: list[tuple[int, int, Edge]] = []
        self._pushed = 0
        self._shifts: dict[tuple[Source, str], list[Edge]] = defaultdict(list)
        self._dated: dict[tuple[Source, str], list[Edge]] = defaultdict(list)
        self.next_at: Instant | None = None

    def file(self, edge: Edge, subject: MeasureSubject) -> None:
        """A subject moves along this edge. When that is next is not known before `look`."""
        known = self.subjects.get(edge)
        if known is None:
            known = self.subjects[edge] = Counter()
            self._at[edge] = None
            (self._dated if edge.shift is None else self._shifts)[edge.source, edge.column].append(edge)
        known[subject] += 1

    def unfile(self, edge: Edge, subject: MeasureSubject) -> None:
        """It does no more."""
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

    def notice(self, source: Source, at: Instant, values: Mapping[str, Value], now: Instant) -> None:
        """Something happened, or will: remember when it crosses which edge next."""
        for one in sources_of(source):
            for column in (AT, *values):
                shifted = self._shifts.get((one, column))
                if shifted:
                    value = at if column == AT else values[column]
                    if isinstance(value, Instant):
                        self._notice_shifted(shifted, value, now)
                for edge in self._dated.get((one, column), ()):
                    if self._at[edge] is None:
                        self._put(edge, next_midnight(Moment(now, self._zone)))

    def _notice_shifted(self, shifted: list[Edge], value: Instant, now: Instant) -> None:
        for edge in shifted:
            assert edge.shift is not None
            crosses = value + edge.shift
            before = self._at[edge]
            if crosses > now and (before is None or crosses < before):
                self._put(edge, Instant(crosses))

    def look(self, edge: Edge, at: Instant | None) -> None:
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
        """The edges that may have been crossed by `now`. They stay due until `look` says when next."""
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


class Watch:
    """All subjects of all segments."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.sids: dict[MeasureSubject, set[int]] = defaultdict(set)
        self.moving: dict[MeasureSubject, set[int]] = defaultdict(set)
        """Segments whose leaf on the subject moves with the clock even while the subject's value stays: "last order in the last 7 days"."""
        self._sources: dict[Source, SourceWatch] = {}
        self.edges = Edges(zone)

    def file(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """A segment looks at these leaves."""
        for subject, its in _by_subject(segment_leaves).items():
            if not self.sids[subject]:
                for source, where in parts(subject):
                    self._source(source).file(subject, where)
            self.sids[subject].add(sid)
            for leaf in its:
                if isinstance(leaf, TimeAround | TimeInCalendar | Anniversary):
                    self.moving[subject].add(sid)
                for edge in edges(leaf):
                    self.edges.file(edge, subject)

    def unfile(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """It does no more."""
        for subject, its in _by_subject(segment_leaves).items():
            self.sids[subject].discard(sid)
            self.moving[subject].discard(sid)
            if not self.sids[subject]:
                del self.sids[subject], self.moving[subject]
                for source, where in parts(subject):
                    self._source(source).unfile(subject, where)
            for leaf in its:
                for edge in edges(leaf):
                    self.edges.unfile(edge, subject)

    def _source(self, source: Source) -> SourceWatch:
        known = self._sources.get(source)
        if known is None:
            known = self._sources[source] = SourceWatch(self._zone)
        return known

    def looking_at(self, source: Source) -> int:
        """How many subjects look at exactly this source."""
        known = self._sources.get(source)
        return 0 if known is None else known.count

    def looks_at_all(self, source: Source, subject: MeasureSubject) -> bool:
        """Whether the subject may count any happening of the source, whatever its values: then they need not be asked for."""
        known = self._sources.get(source)
        return known is not None and subject in known.always

    def of_source(self, source: Source, values: Mapping[str, Value], moment: Moment) -> set[MeasureSubject]:
        """The subjects over exactly this source that one happening of it can touch."""
        known = self._sources.get(source)
        return set() if known is None else set(known.touched(values, moment))

    def touched(self, source: Source, values: Mapping[str, Value], moment: Moment) -> set[MeasureSubject]:
        """The subjects that one happening of the source can touch."""
        found: set[MeasureSubject] = set()
        for one in sources_of(source):
            known = self._sources.get(one)
            if known is not None:
                found.update(known.touched(values, moment))
        return found


def _by_subject(segment_leaves: Iterable[Leaf]) -> dict[MeasureSubject, list[Leaf]]:
    found: dict[MeasureSubject, list[Leaf]] = {}
    for leaf in segment_leaves:
        if not isinstance(leaf, MemberOf | Sampled) and isinstance(leaf.property, MeasureSubject):
            found.setdefault(leaf.property, []).append(leaf)
    return found
