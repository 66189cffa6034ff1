"""`flips` may name a segment too many, and never one too few."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.live.flips import Flips
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import NumberRange
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import PropertyCondition, Rule
from coterie.rules.values import Instant, Value
from tests.strategies import moments, property_conditions, values


class One:
    """A profile with one value, whatever the property."""

    def __init__(self, value: Value | None) -> None:
        self._value = value

    def value(self, name: str) -> Value | None:
        return self._value

    def is_member(self, segment_id: str) -> bool:
        return False


def filed(rule: Rule, moment: Moment) -> Flips:
    flips = Flips()
    flips.file(leaves(lower(rule, moment.zone)), 7)
    return flips


@given(property_conditions(), st.none() | values(), st.none() | values(), moments())
@settings(max_examples=1500, deadline=None)
def test_a_condition_that_changes_its_verdict_is_always_a_candidate(
    rule: PropertyCondition, old: Value | None, new: Value | None, moment: Moment
) -> None:
    if evaluate(rule, One(old), moment) == evaluate(rule, One(new), moment):
        return
    found: set[int] = set()
    filed(rule, moment).candidates(rule.property, old, new, moment.now, found)
    assert found == {7}


@given(property_conditions(), values(), moments())
@settings(max_examples=300, deadline=None)
def test_what_is_unfiled_is_no_candidate_any_more(rule: PropertyCondition, new: Value, moment: Moment) -> None:
    flips = filed(rule, moment)
    flips.unfile(leaves(lower(rule, moment.zone)), 7)
    found: set[int] = set()
    flips.candidates(rule.property, None, new, moment.now, found)
    assert found == set()


def test_a_move_from_10_to_20_leaves_thresholds_elsewhere_alone() -> None:
    flips = Flips()
    for sid in range(1000):
        flips.file([NumberRange("mrr", low=float(sid))], sid)
    found: set[int] = set()
    flips.candidates("mrr", 10.0, 20.0, Instant(0), found)
    assert found == set(range(10, 21))
