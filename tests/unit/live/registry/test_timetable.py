"""The next instant at which time alone may change an answer is never too late."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.live.registry.timetable import PropertyTimes
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import TimeAround
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
def test_no_verdict_changes_before_the_noticed_instant(shapes: list[tuple[str, Duration]], at: int, later: int) -> None:
    now = Instant(100 * DAY)
    value = Instant(now + at)
    rules = [PropertyCondition("seen_at", operator, length) for operator, length in shapes]
    due = PropertyTimes(UTC)
    for sid, rule in enumerate(rules):
        for leaf in leaves(lower(rule, UTC)):
            assert isinstance(leaf, TimeAround)
            due.add(leaf, sid)
    due.observe("seen_at", value, now)
    before = [evaluate(rule, One(value), Moment(now, UTC)) for rule in rules]
    then = Instant(now + later)
    after = [evaluate(rule, One(value), Moment(then, UTC)) for rule in rules]
    if before != after:
        assert due.next_at is not None
        assert due.next_at <= then


def test_the_instant_is_exact() -> None:
    due = PropertyTimes(UTC)
    due.add(TimeAround("seen_at", low=-7 * DAY + 1, high=0), 1)
    due.observe("seen_at", Instant(50 * DAY), Instant(51 * DAY))
    assert due.next_at == 57 * DAY


def test_nothing_is_due_when_no_leaf_moves() -> None:
    due = PropertyTimes(UTC)
    due.observe("seen_at", Instant(50 * DAY), Instant(51 * DAY))
    assert due.next_at is None
