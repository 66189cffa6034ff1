"""The arithmetic of measures, sums that are rounded once, and what an activity row matches."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, ChangedAt, IsSet, MemberOf, NumberIn, TimeAround
from coterie.rules.lower import lower
from coterie.rules.matching import leaf_matches, matches
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.subjects import exact_sum, measure
from coterie.rules.values import Instant, Value
from tests.strategies import EVENT_PROPERTIES, activity, moments, numbers, wheres
from tests.unit.rules.views import View

NOON = Moment(Instant(1_773_576_000_000), ZoneInfo("UTC"))


def at(millisecond: int, **values: Value) -> ActivityRow:
    return ActivityRow(Instant(millisecond), values)


@given(st.lists(numbers(), max_size=8))
def test_a_sum_is_the_true_one_rounded_once(numbers: list[float]) -> None:
    true = sum(map(Fraction, numbers), Fraction())
    try:
        rounded = float(true)
    except OverflowError:
        rounded = inf if true > 0 else -inf
    assert exact_sum(numbers) == rounded
    assert exact_sum(numbers[::-1]) == rounded


@pytest.mark.parametrize(
    ("numbers", "total"),
    [
        ([], 0.0),
        ([0.1, 0.2], 0.30000000000000004),
        ([0.1] * 10, 1.0),
        ([1e16, 1.0, -1e16], 1.0),
        ([1e308, 1e308, -1e308], 1e308),
        ([1e308, 1e308], inf),
        ([-1e308, -1e308], -inf),
    ],
)
def test_sums(numbers: list[float], total: float) -> None:
    assert exact_sum(numbers) == total


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 4.0), ("any", True), ("none", False), ("first_at", Instant(1)), ("last_at", Instant(4)), ("sum", 5.0),
        ("mean", 2.5), ("min", 1.0), ("max", 4.0), ("distinct", 3.0), ("first", 4.0), ("last", "x"),
    ],
)  # fmt: skip
def test_measures_of_some(name: str, value: Value) -> None:
    some = [at(3, n="x"), at(1, n=4.0), at(4), at(2, n=1.0)]
    found = measure(name, "n" if MEASURES[name].of_property else None, some)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 0.0), ("sum", 0.0), ("distinct", 0.0), ("any", False), ("none", True)]
    + [(name, None) for name in ("mean", "min", "max", "first", "last", "first_at", "last_at")],
)
def test_measures_of_nothing(name: str, value: Value | None) -> None:
    assert measure(name, "n", []) == value


def test_every_measure_but_change_has_a_value_or_none() -> None:
    for name in MEASURES:
        if name != "change":
            measure(name, "n", [at(1, n=1.0)])
    with pytest.raises(AssertionError):
        measure("median", "n", [])


@given(wheres(EVENT_PROPERTIES), activity(max_size=1), moments())
def test_a_lowered_where_holds_of_an_activity_row_where_the_operators_say_so(
    where: Rule, several: list[ActivityRow], moment: Moment
) -> None:
    for one in several:
        expected = evaluate(where, View(one.values), moment)
        assert matches(lower(where, moment.zone), one.values, moment, one.at) is expected


def test_a_missing_value_and_one_of_another_kind_meet_no_leaf() -> None:
    assert not leaf_matches(IsSet("n"), None, NOON)
    assert leaf_matches(NumberIn("n", frozenset({1.0})), 1.0, NOON)
    for other in (True, "1", Instant(1), ("1",), None):
        assert not leaf_matches(NumberIn("n", frozenset({1.0})), other, NOON)


def test_a_window_is_asked_of_the_instant_and_profiles_are_not_activity() -> None:
    leaf = TimeAround(AT, 1 - 1_000, 0)
    assert matches(leaf, {}, NOON, Instant(NOON.now - 999))
    assert not matches(leaf, {}, NOON, Instant(NOON.now - 1_000))
    for misplaced in (MemberOf("s"), IsSet(ChangedAt("x"))):
        with pytest.raises(TypeError):
            matches(misplaced, {}, NOON)
