"""The next instant at which time alone may change an answer is never too late."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.live.registry.timetable import Timetable
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, EventsNamed, Measured, NumberRange, TimeAround, TimeInCalendar
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Duration, PropertyCondition
from coterie.rules.values import DAY, Instant
from tests.unit.live.registry.test_predicates import One

UTC = ZoneInfo("UTC")
OPERATORS = st.sampled_from(("in_last", "more_than_ago", "in_next"))
LENGTHS = st.sampled_from((Duration(1000, "1s"), Duration(DAY, "1d"), Duration(7 * DAY, "7d")))


@given(
    st.lists(st.tuples(OPERATORS, LENGTHS), min_size=1, max_size=5),
    st.integers(-10 * DAY, 10 * DAY),
    st.integers(0, 9 * DAY),
)
@settings(max_examples=500, deadline=None)
def test_no_verdict_changes_before_the_next_instant(shapes: list[tuple[str, Duration]], at: int, later: int) -> None:
    now = Instant(100 * DAY)
    value = Instant(now + at)
    rules = [PropertyCondition("seen_at", operator, length) for operator, length in shapes]
    timetable = Timetable(UTC)
    for sid, rule in enumerate(rules):
        timetable.add(leaves(lower(rule, UTC)), sid)
    timetable.observe(None, "seen_at", [value], now)
    before = [evaluate(rule, One(value), Moment(now, UTC)) for rule in rules]
    then = Instant(now + later)
    after = [evaluate(rule, One(value), Moment(then, UTC)) for rule in rules]
    if before != after:
        assert timetable.next_at is not None
        assert timetable.next_at <= then
        moving = {sid for edge in timetable.due(then) for sid in timetable.moving(edge, "seen_at")}
        assert moving >= {sid for sid in range(len(rules)) if before[sid] != after[sid]}


WEEK = TimeAround("seen_at", low=-7 * DAY + 1, high=0)


def test_the_instant_is_exact() -> None:
    timetable = Timetable(UTC)
    timetable.add([WEEK], 1)
    timetable.observe(None, "seen_at", [Instant(50 * DAY)], Instant(51 * DAY))
    assert timetable.next_at == 57 * DAY


def test_of_many_rows_the_first_to_cross_counts() -> None:
    timetable = Timetable(UTC)
    timetable.add([WEEK], 1)
    timetable.observe(None, "seen_at", [60 * DAY, 44 * DAY, 48 * DAY, 30 * DAY], Instant(51 * DAY))
    assert timetable.next_at == 55 * DAY, "44 and 30 crossed before, 60 is yet to come"


def test_nothing_is_due_when_no_leaf_moves() -> None:
    timetable = Timetable(UTC)
    timetable.observe(None, "seen_at", [Instant(50 * DAY)], Instant(51 * DAY))
    assert timetable.next_at is None


def test_an_edge_stays_due_until_its_next_instant_is_set() -> None:
    timetable = Timetable(UTC)
    timetable.add([WEEK], 1)
    entering, leaving = sorted(timetable, key=lambda edge: edge.shift or 0)
    assert set(timetable.unknown([WEEK])) == {entering, leaving}
    timetable.set_next(entering, Instant(10 * DAY))
    timetable.set_next(leaving, Instant(20 * DAY))
    assert timetable.unknown([WEEK]) == []
    assert timetable.due(Instant(9 * DAY)) == []
    for _ in range(2):
        assert timetable.due(Instant(12 * DAY)) == [entering]
    timetable.set_next(entering, None)
    assert timetable.due(Instant(12 * DAY)) == []
    assert timetable.next_at == 20 * DAY


def test_segments_share_an_edge_until_the_last_of_them_is_removed() -> None:
    timetable = Timetable(UTC)
    wider = TimeAround("seen_at", low=-30 * DAY + 1, high=0)
    timetable.add([WEEK], 1)
    timetable.add([wider], 2)
    for edge in timetable:
        timetable.set_next(edge, Instant((10 if edge.shift == 0 else 20) * DAY))
    shared = timetable.due(Instant(10 * DAY))
    assert [timetable.moving(edge, "seen_at") for edge in shared] == [{1, 2}]
    timetable.remove([WEEK], 1)
    assert [timetable.moving(edge, "seen_at") for edge in shared] == [{2}]
    assert timetable.next_at == 10 * DAY
    timetable.remove([wider], 2)
    assert (list(timetable), list(timetable.columns(None)), timetable.next_at) == ([], [], None)


def test_a_measure_is_concerned_by_the_edges_of_its_window_and_moves_only_where_its_leaf_does() -> None:
    orders = EventsNamed("order")
    window = (TimeAround(AT, low=-30 * DAY + 1, high=0),)
    count = NumberRange(Measured(orders, "count", None, window, None), low=3.0)
    last = TimeAround(Measured(orders, "last_at", None, window, None), low=-2 * DAY + 1, high=0)
    timetable = Timetable(UTC)
    timetable.add([count], 1)
    timetable.add([last], 2)
    assert list(timetable.columns(orders)) == [AT]
    timetable.observe(orders, AT, [Instant(50 * DAY)], Instant(51 * DAY))
    assert timetable.next_at == 52 * DAY
    (two_days,) = timetable.due(Instant(52 * DAY))
    assert set(timetable.subjects(two_days)) == {last.property}
    assert timetable.moving(two_days, last.property) == {2}
    timetable.set_next(two_days, None)
    (month,) = timetable.due(Instant(80 * DAY))
    assert set(timetable.subjects(month)) == {count.property, last.property}
    assert timetable.moving(month, count.property) == set()


def test_a_calendar_word_may_change_at_the_next_midnight() -> None:
    timetable = Timetable(UTC)
    timetable.add([TimeInCalendar("seen_at", "today")], 1)
    timetable.observe(None, "seen_at", [], Instant(51 * DAY + 5))
    assert timetable.next_at is None
    timetable.observe(None, "seen_at", [Instant(50 * DAY)], Instant(51 * DAY + 5))
    assert timetable.next_at == 52 * DAY
