"""A row finds every measure that counts it, through a few leaves of its `where`."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.live.registry.measures import SourceMeasures, access_predicates
from coterie.rules.kernel import AT, EventsNamed, Measured, NumberRange, TextIn, TimeAround
from coterie.rules.lower import leaves, lower
from coterie.rules.matching import leaf_matches, matches
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, PropertyCondition, Rule
from coterie.rules.values import Value
from tests.strategies import EVENT_PROPERTIES, moments, values, wheres

CONDITION = PropertyCondition("a", "equals", "x")
AMOUNT = PropertyCondition("amount", "greater_than", 5.0)


@settings(max_examples=300, deadline=None)
@given(wheres(EVENT_PROPERTIES), st.dictionaries(st.sampled_from(EVENT_PROPERTIES), values()), moments())
def test_whatever_meets_a_where_meets_one_of_its_access_predicates(
    where: Rule, given_values: Mapping[str, Value], moment: Moment
) -> None:
    lowered = lower(where, moment.zone)
    subject = Measured(EventsNamed("order"), "count", None, (TimeAround(AT, None, 0),), lowered)
    measures = SourceMeasures(moment.zone)
    measures.add(subject, lowered)
    if matches(lowered, given_values, moment):
        assert subject in set(measures.touched(given_values, moment))
        some = access_predicates(lowered)
        assert some <= leaves(lowered)
        assert not some or any(leaf_matches(one, given_values.get(str(one.property)), moment) for one in some)
    measures.remove(subject, lowered)
    assert set(measures.touched(given_values, moment)) == set()


@given(moments())
def test_an_equality_is_enough_of_a_conjunction(moment: Moment) -> None:
    both = access_predicates(lower(All((AMOUNT, CONDITION)), moment.zone))
    assert [type(one) for one in both] == [TextIn]
    either = access_predicates(lower(Any((AMOUNT, CONDITION)), moment.zone))
    assert {type(one) for one in either} == {TextIn, NumberRange}
    assert access_predicates(lower(Not(CONDITION), moment.zone)) == frozenset()
    assert [type(one) for one in access_predicates(lower(All((AMOUNT, Not(CONDITION))), moment.zone))] == [NumberRange]
