"""Which measures can a happening touch, and when does time move one next? The cost follows what happened, not how many segments exist.

Segments share subjects (`Measured`, `Followed`): a thousand thresholds on "orders in 30 days" are one subject. `SourceMeasures` finds, for one event or
conversation, the subjects whose `where` it can meet, by the same files that find what a property's change can flip (`flips.py`). `Edges` knows
the instants at which time alone moves a happening in or out of something: one entry per (source, length), however many segments use it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from coterie.live.registry.predicates import PredicateIndex
from coterie.live.registry.timetable import WindowEdges, sources_of
from coterie.rules.edges import edges
from coterie.rules.kernel import (
    And,
    Anniversary,
    BooleanIs,
    Complement,
    Leaf,
    ListIncludes,
    Lowered,
    Measured,
    MeasureSubject,
    MemberOf,
    NumberIn,
    Or,
    Sampled,
    Source,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
)  # fmt: skip
from coterie.rules.lower import leaves
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

NOTHING: Mapping[str, Value] = {}


def parts(subject: MeasureSubject) -> tuple[tuple[Source, Lowered | None], ...]:
    """Where a subject looks, and what it asks of what it finds there."""
    if isinstance(subject, Measured):
        return ((subject.source, subject.where),)
    return tuple(dict.fromkeys((step.source, step.where) for step in subject.steps))


class SourceMeasures:
    """The subjects that look at one source, each filed by what its `where` asks."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.count = 0
        """How many subjects look here."""
        self.always: Counter[MeasureSubject] = Counter()
        self._wheres = PredicateIndex()
        self._numbers: dict[tuple[MeasureSubject, Lowered], int] = {}
        self._filed: dict[int, tuple[MeasureSubject, Lowered]] = {}
        self._next = 0

    def add(self, subject: MeasureSubject, where: Lowered | None) -> None:
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
        self._wheres.add(access_predicates(where) or leaves(where), number)
        if matches(where, NOTHING, Moment(Instant(0), self._zone)):
            self.always[subject] += 1

    def remove(self, subject: MeasureSubject, where: Lowered | None) -> None:
        """Remove the subject."""
        self.count -= 1
        if where is not None:
            number = self._numbers.pop((subject, where), None)
            if number is None:
                return
            del self._filed[number]
            self._wheres.remove(access_predicates(where) or leaves(where), number)
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
            self._wheres.affected(name, None, value, moment.now, numbers)
        for number in numbers:
            subject, where = self._filed[number]
            if subject not in self.always and matches(where, values, moment):
                yield subject


class MeasureIndex:
    """All subjects of all segments."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.sids: dict[MeasureSubject, set[int]] = defaultdict(set)
        self.moving: dict[MeasureSubject, set[int]] = defaultdict(set)
        """Segments whose leaf on the subject moves with the clock even while the subject's value stays: "last order in the last 7 days"."""
        self._sources: dict[Source, SourceMeasures] = {}
        self.edges = WindowEdges(zone)

    def add(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """A segment looks at these leaves."""
        for subject, its in _by_subject(segment_leaves).items():
            if not self.sids[subject]:
                for source, where in parts(subject):
                    self._source(source).add(subject, where)
            self.sids[subject].add(sid)
            for leaf in its:
                if isinstance(leaf, TimeAround | TimeInCalendar | Anniversary):
                    self.moving[subject].add(sid)
                for edge in edges(leaf):
                    self.edges.add(edge, subject)

    def remove(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """Remove the subject."""
        for subject, its in _by_subject(segment_leaves).items():
            self.sids[subject].discard(sid)
            self.moving[subject].discard(sid)
            if not self.sids[subject]:
                del self.sids[subject], self.moving[subject]
                for source, where in parts(subject):
                    self._source(source).remove(subject, where)
            for leaf in its:
                for edge in edges(leaf):
                    self.edges.remove(edge, subject)

    def _source(self, source: Source) -> SourceMeasures:
        known = self._sources.get(source)
        if known is None:
            known = self._sources[source] = SourceMeasures(self._zone)
        return known

    def count(self, source: Source) -> int:
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


def access_predicates(where: Lowered) -> frozenset[Leaf]:
    """Leaves of which one at least holds wherever `where` does, as few and as rare as may be: of a conjunction one part is enough, and an
    equality says more than a range. Empty where it can hold while no leaf does."""
    match where:
        case And(children):
            found = [some for child in children if (some := access_predicates(child))]
            return min(found, key=_commonness, default=frozenset[Leaf]())
        case Or(children):
            each = [access_predicates(child) for child in children]
            return frozenset[Leaf]().union(*each) if all(each) else frozenset[Leaf]()
        case Complement():
            return frozenset()
        case leaf:
            return frozenset({leaf})


def _commonness(some: frozenset[Leaf]) -> int:
    """The rarer to hold, the smaller: equalities before patterns before ranges, few of them before many."""
    equalities = sum(isinstance(leaf, TextIn | NumberIn | ListIncludes) for leaf in some)
    patterns = sum(isinstance(leaf, TextMatch | BooleanIs) for leaf in some)
    return equalities + 10 * patterns + 100 * (len(some) - equalities - patterns)
