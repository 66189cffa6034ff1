"""Strategies for happenings, and for leaves on measures and sequences, in the kernel's own shapes.

Pools are small on purpose: profiles have several happenings at one instant, windows begin and end on them, values are equal, missing and of every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from coterie.index import Changes, Row
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import (
    AT,
    And,
    Anniversary,
    BooleanIs,
    Complement,
    Conversations,
    EventsNamed,
    Followed,
    IsSet,
    ListIncludes,
    Lowered,
    LoweredStep,
    Measured,
    MeasureSubject,
    NumberIn,
    NumberRange,
    Or,
    PropertyLeaf,
    Source,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
from coterie.rules.matching import leaf_matches
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, Instant, Value
from tests.strategies import NOW
from tests.unit.rules.plain_subjects import subject_value

SOURCES: tuple[Source, ...] = (EventsNamed("buy"), EventsNamed("view"), Conversations())
ANY = EventsNamed(None)
COLUMNS = ("total", "kind", "due")
PIDS = st.sampled_from((0, 1, 2, 3, 63, 64, 70))
MINUTE = 60_000


def instants() -> st.SearchStrategy[Instant]:
    near = st.builds(
        lambda n, edge: Instant(NOW + n * MINUTE + edge), st.integers(-6, 3), st.sampled_from((0, 0, -1, 1))
    )
    days = st.builds(lambda n, edge: Instant(NOW + n * DAY + edge), st.integers(-40, 3), st.sampled_from((0, -1, 1)))
    return near | near | days | st.sampled_from((Instant(-(10**12)), Instant(3 * 10**12)))


_NUMBERS = st.sampled_from((0.0, 1.0, 2.0, -1.0, 0.1, 0.2, 0.3, 1e16, -1e16, 1e308, 3.5)) | st.floats(
    allow_nan=False, allow_infinity=False
).map(lambda number: number + 0.0)
_TEXTS = st.sampled_from(("a", "A", "b", "", "ab"))
_VALUES: st.SearchStrategy[Value] = (
    _NUMBERS | _NUMBERS | _TEXTS | st.booleans() | instants() | st.lists(_TEXTS, max_size=2).map(tuple)
)


def documents() -> st.SearchStrategy[Mapping[str, Value]]:
    return st.fixed_dictionaries(
        {}, optional={"total": _NUMBERS | _NUMBERS | _VALUES, "kind": _TEXTS | _VALUES, "due": instants() | _VALUES}
    )


# --- leaves -----------------------------------------------------------------------------------------------------------


def windows() -> st.SearchStrategy[tuple[TimeRange | TimeAround | TimeInCalendar, ...]]:
    so_far = TimeAround(AT, None, 0)
    lengths = st.sampled_from((1, MINUTE, 5 * MINUTE, DAY, 7 * DAY, 30 * DAY))
    return st.one_of(
        st.just((so_far,)),
        lengths.map(lambda length: (TimeAround(AT, 1 - length, 0),)),
        lengths.map(lambda length: (TimeAround(AT, None, -length),)),
        st.tuples(st.none() | instants(), st.none() | instants()).map(lambda ends: (TimeRange(AT, *ends), so_far)),
        st.sampled_from(("today", "this_week", "last_month", "yesterday")).map(
            lambda word: (TimeInCalendar(AT, word), so_far)
        ),
    )


def _value_leaves(name: object) -> st.SearchStrategy[PropertyLeaf]:
    ends = st.none() | _NUMBERS
    return st.one_of(
        st.just(IsSet(name)),
        st.frozensets(_TEXTS.map(str.lower), min_size=1).map(lambda texts: TextIn(name, texts)),
        st.sampled_from(("a", "b")).map(lambda text: TextMatch(name, "contains", text)),
        st.frozensets(_NUMBERS, min_size=1, max_size=3).map(lambda numbers: NumberIn(name, numbers)),
        st.builds(NumberRange, st.just(name), ends, ends, st.booleans(), st.booleans()),
        st.booleans().map(lambda value: BooleanIs(name, value)),
        st.frozensets(_TEXTS.map(str.lower), min_size=1).map(lambda items: ListIncludes(name, items, False)),
        _time_leaves(name),
    )


def _time_leaves(name: object) -> st.SearchStrategy[PropertyLeaf]:
    shifts = st.none() | st.sampled_from((0, -MINUTE, MINUTE, -DAY, DAY, -5 * DAY, 5 * DAY))
    return st.one_of(
        st.builds(TimeRange, st.just(name), st.none() | instants(), st.none() | instants()),
        st.builds(TimeAround, st.just(name), shifts, shifts),
        st.sampled_from(("today", "next_week", "last_month")).map(lambda word: TimeInCalendar(name, word)),
        st.sampled_from((1, 7, 30)).map(lambda days: Anniversary(name, days)),
    )


def wheres() -> st.SearchStrategy[Lowered]:
    return st.recursive(
        st.sampled_from(COLUMNS).flatmap(_value_leaves),
        lambda below: st.one_of(
            below.map(Complement),
            st.lists(below, min_size=2, max_size=3).map(lambda children: And(tuple(children))),
            st.lists(below, min_size=2, max_size=3).map(lambda children: Or(tuple(children))),
        ),
        max_leaves=3,
    )


def _counts(subject: Measured) -> st.SearchStrategy[PropertyLeaf]:
    whole = st.integers(0, 4).map(float)
    return st.one_of(
        st.builds(NumberRange, st.just(subject), st.none() | whole, st.none() | whole, st.booleans(), st.booleans()),
        st.frozensets(whole, min_size=1, max_size=2).map(lambda numbers: NumberIn(subject, numbers)),
        st.just(IsSet(subject)),
    )


def _numbers_of(subject: Measured) -> st.SearchStrategy[PropertyLeaf]:
    """Ends near what sums come to, where the order of adding shows."""
    ends = st.sampled_from((0.0, 0.3, 0.6, 0.1 + 0.2, 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1, 1.0, 2.0, 3.5)) | _NUMBERS
    return st.one_of(
        st.builds(NumberRange, st.just(subject), st.none() | ends, st.none() | ends, st.booleans(), st.booleans()),
        st.frozensets(ends, min_size=1, max_size=3).map(lambda numbers: NumberIn(subject, numbers)),
        st.just(IsSet(subject)),
    )


@st.composite
def measured_leaves(draw: st.DrawFn, sources: tuple[Source, ...] = (*SOURCES, ANY)) -> PropertyLeaf:
    measure = draw(
        st.sampled_from(
            ("count", "sum", "mean", "min", "max", "distinct", "first", "last", "first_at", "last_at", "any", "change")
        )
    )
    of = draw(st.sampled_from(COLUMNS)) if measure not in ("count", "first_at", "last_at", "any") else None
    if measure in ("sum", "mean", "min", "max", "change"):
        of = "total"
    window = draw(windows())
    if measure == "change":
        window = (TimeAround(AT, 1 - draw(st.sampled_from((MINUTE, 2 * MINUTE, 7 * DAY))), 0),)
    subject = Measured(draw(st.sampled_from(sources)), measure, of, window, draw(st.none() | wheres()))
    if measure in ("count", "distinct"):
        return draw(_counts(subject))
    if measure == "any":
        return draw(st.sampled_from((BooleanIs(subject, True), BooleanIs(subject, False), IsSet(subject))))
    if measure in ("first_at", "last_at"):
        return draw(_time_leaves(subject) | st.just(IsSet(subject)))
    return draw(_value_leaves(subject) if measure in ("first", "last") else _numbers_of(subject))


@st.composite
def followed_leaves(draw: st.DrawFn) -> PropertyLeaf:
    named = st.sampled_from([source for source in SOURCES if isinstance(source, EventsNamed)])
    withins = st.none() | st.sampled_from((1, MINUTE, 2 * MINUTE, DAY))
    first = LoweredStep(draw(named), draw(st.none() | wheres()), None)
    others = draw(st.lists(st.builds(LoweredStep, named, st.none() | wheres(), withins), min_size=1, max_size=3))
    return BooleanIs(Followed((first, *others), draw(windows())), draw(st.sampled_from((True, True, False))))


def subject_leaves() -> st.SearchStrategy[PropertyLeaf]:
    return measured_leaves() | measured_leaves() | measured_leaves() | followed_leaves()


# --- a world ----------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """What the index is told, kept plainly."""

    rows: dict[Source, dict[int, Row]] = field(default_factory=lambda: {source: {} for source in SOURCES})

    def happenings(self, pid: int) -> Callable[[Source], Sequence[ActivityRow]]:
        def of(source: Source) -> list[ActivityRow]:
            named = [one for one in SOURCES if isinstance(one, EventsNamed)] if source == ANY else [source]
            return [
                ActivityRow(Instant(row.at), row.values)
                for one in named
                for row in self.rows[one].values()
                if row.pid == pid
            ]

        return of

    def value(self, leaf: PropertyLeaf, pid: int, moment: Moment) -> Value | None:
        assert isinstance(leaf.property, MeasureSubject)
        return subject_value(leaf.property, self.happenings(pid), moment)

    def holds(self, leaf: PropertyLeaf, pid: int, moment: Moment) -> bool:
        return leaf_matches(leaf, self.value(leaf, pid, moment), moment)

    def apply(self, changes: Changes) -> None:
        for source, pairs in changes.removed.items():
            for number, _ in pairs:
                del self.rows[source][number]
        for source, rows in changes.added.items():
            self.rows[source].update((row.number, row) for row in rows)

    def copy(self) -> World:
        return World({source: dict(rows) for source, rows in self.rows.items()})


Drawn = list[tuple[Source, int, Instant, Mapping[str, Value]]]


def drawn_rows(most: int = 12) -> st.SearchStrategy[Drawn]:
    return st.lists(st.tuples(st.sampled_from(SOURCES), PIDS, instants(), documents()), max_size=most)


@st.composite
def changes_to(draw: st.DrawFn, world: World, numbers: list[int]) -> Changes:
    """Some rows go, some come, and some go and come again under their number. `numbers` counts on."""
    added: dict[Source, list[Row]] = {}
    removed: dict[Source, list[tuple[int, int]]] = {}
    for source in SOURCES:
        known = sorted(world.rows[source])
        for number in draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else []:
            removed.setdefault(source, []).append((number, world.rows[source][number].pid))
            if draw(st.booleans()):
                added.setdefault(source, []).append(Row(number, draw(PIDS), draw(instants()), draw(documents())))
    for source, pid, at, values in draw(drawn_rows(6)):
        numbers[0] += 1
        added.setdefault(source, []).append(Row(numbers[0], pid, at, values))
    return Changes(added, removed)
