"""The predicate index may name a segment too many, and never one too few."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.live.registry.predicates import PredicateIndex
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


def indexed(rule: Rule, moment: Moment) -> PredicateIndex:
    index = PredicateIndex()
    index.add(leaves(lower(rule, moment.zone)), 7)
    return index


@given(property_conditions(), st.none() | values(), st.none() | values(), moments())
@settings(max_examples=1500, deadline=None)
def test_a_condition_that_changes_its_verdict_is_always_affected(
    rule: PropertyCondition, old: Value | None, new: Value | None, moment: Moment
) -> None:
    if evaluate(rule, One(old), moment) == evaluate(rule, One(new), moment):
        return
    affected: set[int] = set()
    indexed(rule, moment).affected(rule.property, old, new, moment.now, affected)
    assert affected == {7}


@given(property_conditions(), values(), moments())
@settings(max_examples=300, deadline=None)
def test_a_removed_leaf_is_no_longer_affected(rule: PropertyCondition, new: Value, moment: Moment) -> None:
    index = indexed(rule, moment)
    index.remove(leaves(lower(rule, moment.zone)), 7)
    affected: set[int] = set()
    index.affected(rule.property, None, new, moment.now, affected)
    assert affected == set()


def test_a_move_from_10_to_20_leaves_thresholds_elsewhere_alone() -> None:
    index = PredicateIndex()
    for sid in range(1000):
        index.add([NumberRange("mrr", low=float(sid))], sid)
    affected: set[int] = set()
    index.affected("mrr", 10.0, 20.0, Instant(0), affected)
    assert affected == set(range(10, 21))
