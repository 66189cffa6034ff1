"""Hypothesis strategies for the language: random rules, profiles with activity, moments.

Names, texts, numbers and instants come from small pools on purpose, so that operands and values
meet often: at the edge, folded, of the wrong kind. `rules()` makes conditions on properties and
segments; `every_rule()` makes rules of every kind. Each can be read, lowered and evaluated. It is
long because everything that can be drawn is to be found on one page.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from coterie.rules.activity import ActivityRow
from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.iso import parse_duration
from coterie.rules.limits import RuleLimits
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.moment import Moment
from coterie.rules.nodes import (
    All,
    Any,
    Before,
    Between,
    Calendar,
    ConversationCondition,
    Duration,
    EventCondition,
    Last,
    Not,
    OneWindow,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.operand_shapes import DATE, DURATION, INSTANT, RANGE, SAME, SOME, OperandShape
from coterie.rules.operands import never, read_moment
from coterie.rules.operators import OPERATORS, Operator
from coterie.rules.read_operand import read_operand
from coterie.rules.values import DAY, Instant, Kind, Value

PROPERTIES = ("plan", "mrr", "signed_up_at", "tags", 'a."b" 😀')
SEGMENTS = ("segment-1", "segment-2")
EVENTS = ("login", "order_placed", "page viewed 😀")
EVENT_PROPERTIES = ("total", "currency", "due_at", "tags")
CONVERSATION_PROPERTIES = ("commercial_intent", "jailbreak_detected", "topics", "started_at", "properties.model")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")
LIMITS = RuleLimits()

NOW = 1_773_576_000_000
"""2026-03-15T12:00:00Z: the instant around which times are drawn."""

_TEXTS = (
    "", "a", "A", "ab", "Ab", "b", "ß", "SS", "ς", "Σ", "σ", "İ", "i", "ı", "I", "K", "k", "1", "true", "é", "e\u0301",
    "😀", "a b", "'", '"', "%", "_", "\\", ".", "a\nb", "2026-03-01", "\u1c89", "\u1c8a",
)  # fmt: skip
_NUMBERS = (0.0, 1.0, -1.0, 0.1, 0.5, 10.0, 100.0, 1e300, -1e300, 5e-324, 2.0**53, 2.0**53 - 1)
_DATES = (
    "2026-03-14",
    "2026-03-15",
    "2026-03-16",
    "2026-03-08",
    "2026-03-29",
    "2024-02-29",
    "2011-12-30",
    "2026-04-05",
)


def texts() -> st.SearchStrategy[str]:
    return st.sampled_from(_TEXTS) | st.text(alphabet="abAB ßσΣİıKé😀.1", max_size=6)


def numbers() -> st.SearchStrategy[float]:
    return st.sampled_from(_NUMBERS) | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


def instants() -> st.SearchStrategy[Instant]:
    """Whole days or hours from now, give or take a millisecond; or any time in four centuries."""
    near = st.builds(
        lambda days, hours, edge: Instant(NOW + days * DAY + hours * 3_600_000 + edge),
        st.sampled_from((0, 0, 1, -1, 7, -7, 30, -30, 365, -365, -730)),
        st.integers(-14, 14),
        st.sampled_from((-1, 0, 0, 1)),
    )
    return near | st.integers(-200 * 366 * DAY, 200 * 366 * DAY).map(Instant)


def lists() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts(), max_size=4).map(tuple)


def values() -> st.SearchStrategy[Value]:
    """A value of any kind."""
    return texts() | numbers() | st.booleans() | instants() | lists()


def profiles() -> st.SearchStrategy[Mapping[str, Value]]:
    """The properties of a profile: any of `PROPERTIES`, each of whatever kind."""
    return st.dictionaries(st.sampled_from(PROPERTIES), values(), max_size=len(PROPERTIES))


def moments() -> st.SearchStrategy[Moment]:
    """A moment near `NOW`, in some zone."""
    return st.builds(Moment, _near_now(), st.sampled_from(ZONES).map(ZoneInfo))


def _near_now() -> st.SearchStrategy[Instant]:
    drift = st.sampled_from((0, 0, DAY, -DAY, 7 * DAY, 14 * DAY + 1, -15 * DAY, 351 * DAY)) | st.integers(-DAY, DAY)
    return drift.map(lambda ahead: Instant(NOW + ahead))


# --- activity -------------------------------------------------------------------------------------


def activity(columns: Sequence[str] = EVENT_PROPERTIES, *, max_size: int = 6) -> st.SearchStrategy[list[ActivityRow]]:
    """Some activity, in any order, some of them at one instant, some yet to come."""
    return st.lists(_row(columns), max_size=max_size)


def events(names: Sequence[str] = EVENTS) -> st.SearchStrategy[Mapping[str, list[ActivityRow]]]:
    """The events of a profile, by name."""
    return st.fixed_dictionaries({}, optional={name: activity() for name in names})


def conversations() -> st.SearchStrategy[list[ActivityRow]]:
    """The conversations of a profile."""
    return activity(CONVERSATION_PROPERTIES)


def _row(columns: Sequence[str]) -> st.SearchStrategy[ActivityRow]:
    fields = st.dictionaries(st.sampled_from(columns), values() | numbers(), max_size=3)
    return st.builds(ActivityRow, _near_now() | _at_an_edge() | instants(), fields)


def _at_an_edge() -> st.SearchStrategy[Instant]:
    """One or two lengths of a window before now, give or take a millisecond."""
    return st.builds(
        lambda length, times, edge: Instant(NOW - times * length.milliseconds + edge),
        durations(),
        st.integers(0, 2),
        st.sampled_from((-1, 0, 0, 1)),
    )


# --- rules ----------------------------------------------------------------------------------------


def rules(*, segments: tuple[str, ...] = SEGMENTS) -> st.SearchStrategy[Rule]:
    """A rule of conditions on properties and on these segments, in groups a few levels deep."""
    leaf: st.SearchStrategy[Rule] = property_conditions()
    if segments:
        leaf = leaf | property_conditions() | st.sampled_from(segments).map(SegmentCondition)
    return _grouped(leaf)


def every_rule(*, segments: tuple[str, ...] = SEGMENTS) -> st.SearchStrategy[Rule]:
    """A rule of conditions of every kind, and on the `segments` given (none for none)."""
    leaf = st.one_of(property_conditions(), change_conditions(), *activity_conditions(), samples())
    return _grouped(leaf | st.sampled_from(segments).map(SegmentCondition) if segments else leaf)


def _grouped(leaf: st.SearchStrategy[Rule], max_leaves: int = 8) -> st.SearchStrategy[Rule]:
    return st.recursive(
        leaf,
        lambda below: st.one_of(
            st.lists(below, min_size=1, max_size=4).map(lambda children: All(tuple(children))),
            st.lists(below, min_size=1, max_size=4).map(lambda children: Any(tuple(children))),
            below.map(Not),
        ),
        max_leaves=max_leaves,
    )


def property_conditions(names: Sequence[str] = PROPERTIES) -> st.SearchStrategy[PropertyCondition]:
    """A condition on the value of a property."""
    return _property_conditions(names, of_change=False)


def change_conditions() -> st.SearchStrategy[PropertyCondition]:
    """A condition on when a property changed."""
    return _property_conditions((*PROPERTIES, "created_at", "updated_at"), of_change=True)


@st.composite
def _property_conditions(draw: st.DrawFn, names: Sequence[str], of_change: bool) -> PropertyCondition:
    operator = draw(st.sampled_from([operator for operator in OPERATORS.values() if operator.of_change is of_change]))
    operand = read_operand(operator, draw(operand_documents(operator)), LIMITS)
    cased = operator.case_option and _on_text(operand) and draw(st.booleans())
    return PropertyCondition(draw(st.sampled_from(names)), operator.name, operand, cased)


def activity_conditions() -> tuple[st.SearchStrategy[Rule], ...]:
    """Conditions on events, on conversations, and sequences."""
    return event_conditions(), conversation_conditions(), sequences()


@st.composite
def event_conditions(draw: st.DrawFn) -> EventCondition:
    name = draw(st.sampled_from((*EVENTS, None)))
    of, fields = draw(_measured(EVENT_PROPERTIES))
    return EventCondition(name=name, of=of, **fields)


@st.composite
def conversation_conditions(draw: st.DrawFn) -> ConversationCondition:
    of, fields = draw(_measured(CONVERSATION_PROPERTIES))
    return ConversationCondition(of=of, **fields)


@st.composite
def _measured(draw: st.DrawFn, columns: Sequence[str]) -> tuple[str | None, dict[str, typing.Any]]:
    """The property measured, and the other fields that conditions on activity share."""
    measure = draw(st.sampled_from(list(MEASURES)))
    kinds = MEASURES[measure].kinds
    fitting = [operator for operator in OPERATORS.values() if operator.kinds & kinds and not operator.of_change]
    operator = draw(st.sampled_from(fitting))
    counted = measure in ("count", "distinct") and operator.takes is SAME
    operand = read_operand(
        operator, draw(st.integers(0, 4) if counted else operand_documents(operator, kinds)), LIMITS, kinds
    )
    window = draw(durations().map(Last) if measure == "change" else windows())
    return draw(st.sampled_from(columns)) if MEASURES[measure].of_property else None, {
        "measure": measure,
        "operator": operator.name,
        "operand": operand,
        "window": window,
        "where": draw(st.none() | wheres(columns)),
        "case_sensitive": operator.case_option and _on_text(operand) and draw(st.booleans()),
    }


@st.composite
def sequences(draw: st.DrawFn) -> SequenceCondition:
    def step(first: bool) -> Step:
        within = None if first else draw(st.none() | durations())
        return Step(draw(st.sampled_from(EVENTS)), draw(st.none() | wheres(EVENT_PROPERTIES)), within)

    return SequenceCondition(
        tuple(step(place == 0) for place in range(draw(st.integers(2, 4)))), draw(st.none() | windows())
    )


def samples() -> st.SearchStrategy[SampleCondition]:
    percents = st.sampled_from((0.5, 10.0, 50.0, 100.0)) | st.floats(0, 100, exclude_min=True)
    return st.builds(SampleCondition, percents, st.sampled_from(("", "x", "😀")))


def wheres(columns: Sequence[str]) -> st.SearchStrategy[Rule]:
    """A rule over the values of an activity row."""
    return _grouped(property_conditions(columns), max_leaves=3)


def windows() -> st.SearchStrategy[Window]:
    """A window of every shape; None for all time."""
    several = st.lists(_one_window(), min_size=2, max_size=4).map(lambda drawn: Overlap(tuple(drawn)))
    return st.one_of(st.none(), _one_window(), _one_window(), several)


def _one_window() -> st.SearchStrategy[OneWindow]:
    ends = st.tuples(st.none() | _moments_read(), st.none() | _moments_read())
    return st.one_of(
        durations().map(Last),
        durations().map(Before),
        st.sampled_from(CALENDAR_WORDS).map(Calendar),
        ends.filter(_well).map(lambda pair: Between(*pair)),
    )


def durations() -> st.SearchStrategy[Duration]:
    return st.sampled_from(DURATION.samples).map(_duration)


def _duration(text: object) -> Duration:
    assert isinstance(text, str)
    length = parse_duration(text)
    assert length is not None
    return length


def _moments_read() -> st.SearchStrategy[Instant | date]:
    return _moment_documents().map(lambda text: read_moment(text, "a window"))


def _well(ends: tuple[Instant | date | None, Instant | date | None]) -> bool:
    start, end = ends
    return (start is not None or end is not None) and (start is None or end is None or not never(start, end))


def _on_text(operand: object) -> bool:
    return isinstance(operand, str) or (isinstance(operand, tuple) and isinstance(operand[0], str))


def operand_documents(operator: Operator, kinds: frozenset[Kind] | None = None) -> st.SearchStrategy[object]:
    """JSON values that the operator takes, where its subject is of one of `kinds`."""
    kinds = operator.kinds if kinds is None else operator.kinds & kinds
    drawn = _OPERANDS.get(operator.takes)
    return st.sampled_from(operator.takes.samples) if drawn is None else drawn(operator, kinds)


def _same(operator: Operator, kinds: frozenset[Kind]) -> st.SearchStrategy[object]:
    drawn = {
        Kind.TEXT: texts().filter(bool) if operator.refuses_empty else texts(),
        Kind.NUMBER: numbers(),
        Kind.BOOLEAN: st.booleans(),
    }
    return st.one_of([strategy for kind, strategy in drawn.items() if kind in kinds])


def _some(operator: Operator, kinds: frozenset[Kind]) -> st.SearchStrategy[object]:
    lists: list[st.SearchStrategy[object]] = []
    if kinds & {Kind.TEXT, Kind.LIST}:
        lists.append(st.lists(texts(), min_size=1, max_size=4))
    if Kind.NUMBER in kinds:
        lists.append(st.lists(numbers(), min_size=1, max_size=4))
    return st.one_of(lists)


def _range(operator: Operator, kinds: frozenset[Kind]) -> st.SearchStrategy[object]:
    ranges: list[st.SearchStrategy[object]] = []
    if Kind.NUMBER in kinds:
        ranges.append(st.lists(numbers(), min_size=2, max_size=2).map(sorted))
    if Kind.TIME in kinds:
        ranges.append(st.tuples(_moment_documents(), _moment_documents()).filter(_in_order).map(list))
    return st.one_of(ranges)


def _moment_documents() -> st.SearchStrategy[str]:
    return instants().map(Instant.iso) | st.sampled_from(_DATES)


def _in_order(ends: tuple[str, str]) -> bool:
    first, last = (read_moment(end, "a range") for end in ends)
    return not never(first, last)


_OPERANDS: Mapping[OperandShape, Callable[[Operator, frozenset[Kind]], st.SearchStrategy[object]]] = {
    SAME: _same,
    SOME: _some,
    RANGE: _range,
    INSTANT: lambda operator, kinds: _moment_documents(),
    DATE: lambda operator, kinds: st.sampled_from(_DATES),
}
"""Strategies for shapes whose operands depend on kinds or should meet the values drawn.

The other shapes have samples.
"""
