"""The measure index: which measures can an event or a conversation change?

The cost of an event follows what it can touch, not how many segments exist. Segments share
measures: a thousand thresholds on "orders in 30 days" are one. For each source, `SourceMeasures`
finds those whose `where` a row can match, by the predicate index that also finds which segments a
change of a property can affect. A `where` is filed there under its access predicates: the most
selective leaves of it, so that a row meets few of a thousand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.live.registry.predicates import PredicateIndex
from coterie.rules.kernel import (
    ANY_EVENT,
    And,
    Anniversary,
    BooleanIs,
    Complement,
    EventsNamed,
    IsSet,
    Leaf,
    ListIncludes,
    Lowered,
    Measured,
    MeasureSubject,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    Sampled,
    Source,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
from coterie.rules.lower import leaves
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

NO_VALUES: Mapping[str, Value] = {}


def sources_of(source: Source) -> tuple[Source, ...]:
    """The sources that a row belongs to: an event is one of its name, and one of any name."""
    return (source, ANY_EVENT) if isinstance(source, EventsNamed) and source != ANY_EVENT else (source,)


class SourceMeasures:
    """The measures over one source, filed under the access predicates of their `where`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.count = 0
        """How many measures look at this source."""
        self.always: Counter[MeasureSubject] = Counter()
        """Those that a row can touch whatever its values, with how often each is here."""
        self._wheres = PredicateIndex()
        self._numbers: dict[tuple[MeasureSubject, Lowered], int] = {}
        self._numbered: dict[int, tuple[MeasureSubject, Lowered]] = {}
        self._next = 0

    def add(self, subject: MeasureSubject, where: Lowered | None) -> None:
        """Add a measure of the rows that match `where`."""
        self.count += 1
        if where is None:
            self.always[subject] += 1
            return
        if (subject, where) in self._numbers:
            return
        number = self._numbers[subject, where] = self._next
        self._next += 1
        self._numbered[number] = (subject, where)
        self._wheres.add(access_predicates(where) or leaves(where), number)
        if self._matches_nothing(where):
            self.always[subject] += 1

    def remove(self, subject: MeasureSubject, where: Lowered | None) -> None:
        """Remove the measure."""
        self.count -= 1
        if where is not None:
            number = self._numbers.pop((subject, where), None)
            if number is None:
                return
            del self._numbered[number]
            self._wheres.remove(access_predicates(where) or leaves(where), number)
            if not self._matches_nothing(where):
                return
        self.always[subject] -= 1
        if not self.always[subject]:
            del self.always[subject]

    def _matches_nothing(self, where: Lowered) -> bool:
        """Whether a row without any value matches."""
        return matches(where, NO_VALUES, Moment(Instant(0), self._zone))

    def touched(self, values: Mapping[str, Value], moment: Moment) -> Iterator[MeasureSubject]:
        """The measures that a row with these values can touch.

        These are all whose `where` it matches, perhaps more.
        """
        yield from self.always
        numbers: set[int] = set()
        for name, value in values.items():
            self._wheres.affected(name, None, value, moment.now, numbers)
        for number in numbers:
            subject, where = self._numbered[number]
            if subject not in self.always and matches(where, values, moment):
                yield subject


class MeasureIndex:
    """All measures of all segments."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.sids: dict[MeasureSubject, set[int]] = defaultdict(set)
        """The segments with a leaf on a measure."""
        self._sources: dict[Source, SourceMeasures] = {}

    def add(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """Add the measures of a segment."""
        for subject in _measures_of(segment_leaves):
            if not self.sids[subject]:
                for source, where in parts(subject):
                    self._source(source).add(subject, where)
            self.sids[subject].add(sid)

    def remove(self, segment_leaves: Iterable[Leaf], sid: int) -> None:
        """Remove the measures of a segment."""
        for subject in _measures_of(segment_leaves):
            self.sids[subject].discard(sid)
            if not self.sids[subject]:
                del self.sids[subject]
                for source, where in parts(subject):
                    self._source(source).remove(subject, where)

    def _source(self, source: Source) -> SourceMeasures:
        measures = self._sources.get(source)
        if measures is None:
            measures = self._sources[source] = SourceMeasures(self._zone)
        return measures

    def count(self, source: Source) -> int:
        """How many measures look at exactly this source."""
        measures = self._sources.get(source)
        return 0 if measures is None else measures.count

    def counts_any_row(self, source: Source, subject: MeasureSubject) -> bool:
        """Whether any row of the source can touch the measure, whatever its values."""
        measures = self._sources.get(source)
        return measures is not None and subject in measures.always

    def of_source(self, source: Source, values: Mapping[str, Value], moment: Moment) -> set[MeasureSubject]:
        """The measures over exactly this source that a row of it can touch."""
        measures = self._sources.get(source)
        return set() if measures is None else set(measures.touched(values, moment))

    def touched(self, source: Source, values: Mapping[str, Value], moment: Moment) -> set[MeasureSubject]:
        """The measures that a row of the source can touch."""
        touched: set[MeasureSubject] = set()
        for matching in sources_of(source):
            measures = self._sources.get(matching)
            if measures is not None:
                touched.update(measures.touched(values, moment))
        return touched


def parts(subject: MeasureSubject) -> tuple[tuple[Source, Lowered | None], ...]:
    """The sources that a measure or a sequence looks at, each with the `where` of its rows."""
    if isinstance(subject, Measured):
        return ((subject.source, subject.where),)
    return tuple(dict.fromkeys((step.source, step.where) for step in subject.steps))


def _measures_of(segment_leaves: Iterable[Leaf]) -> dict[MeasureSubject, None]:
    subjects = (leaf.property for leaf in segment_leaves if not isinstance(leaf, MemberOf | Sampled))
    return {subject: None for subject in subjects if isinstance(subject, MeasureSubject)}


# --- access predicates: Fabret et al., "Filtering algorithms and implementation for very fast
# publish/subscribe systems", SIGMOD 2001


def access_predicates(where: Lowered) -> frozenset[Leaf]:
    """The most selective leaves of which at least one holds wherever `where` does.

    Of a conjunction, one part is enough, and an equality is more selective than a range. Empty
    where `where` can hold while no leaf of it does.
    """
    match where:
        case And(children):
            choices = [predicates for child in children if (predicates := access_predicates(child))]
            return min(choices, key=_commonness, default=frozenset[Leaf]())
        case Or(children):
            parts_of = [access_predicates(child) for child in children]
            return frozenset[Leaf]().union(*parts_of) if all(parts_of) else frozenset[Leaf]()
        case Complement():
            return frozenset()
        case leaf:
            return frozenset({leaf})


def _commonness(predicates: frozenset[Leaf]) -> int:
    """Smaller is more selective: equalities before patterns before ranges, few before many."""
    return sum(map(_weight, predicates))


def _weight(leaf: Leaf) -> int:
    match leaf:
        case TextIn() | NumberIn() | ListIncludes():
            return 1
        case TextMatch() | BooleanIs():
            return 10
        case IsSet() | NumberRange() | TimeRange() | TimeAround() | TimeInCalendar() | Anniversary():
            return 100
        case MemberOf() | Sampled():
            raise AssertionError(leaf)  # `matches` refuses it in a `where`
        case _:
            assert_never(leaf)
