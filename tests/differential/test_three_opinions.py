"""Random rules over a few hundred profiles with activity: law, index and DuckDB agree.

The law is `rules/evaluate.py`; the index is asked loaded as at opening and written to as in life;
DuckDB is asked in SQL that is made from the rule by `sql.py`, which knows neither of the two.
"""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.operators import OPERATORS
from coterie.rules.values import DAY, Instant
from tests.differential.sql import OF_CHANGE, TWINS
from tests.differential.worlds import World
from tests.strategies import NOW, activity_conditions, change_conditions, every_rule, property_conditions, samples

SEEDS = 4
SOAK_SEEDS = 40

DRIFTS = st.sampled_from((0, 0, 0, 1, -1, DAY, -DAY, 7 * DAY, 30 * DAY - 1, -40 * DAY)) | st.integers(-DAY, DAY)
ONE = st.one_of(*activity_conditions(), change_conditions(), samples(), property_conditions())
RULES = st.lists(ONE | every_rule(), min_size=1, max_size=4)
QUIETLY = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@lru_cache(maxsize=SOAK_SEEDS)
def world(seed: int) -> World:
    return World(seed)


def agree(seed: int, rules: list[Rule], drift: int) -> None:
    people = world(seed)
    moment = Moment(Instant(NOW + drift), people.zone)
    for rule in rules:
        lowered = lower(rule, people.zone)
        by_law = people.by_law(rule, moment)
        assert people.by_sql(rule, moment) == by_law, "DuckDB and the law differ"
        assert people.by_index(people.loaded, lowered, moment) == by_law, "the index as loaded and the law differ"
        assert people.by_index(people.written, lowered, moment) == by_law, "the index as written to and the law differ"


@settings(max_examples=150, **QUIETLY)
@given(st.integers(0, SEEDS - 1), RULES, DRIFTS)
def test_law_index_and_sql_agree(seed: int, rules: list[Rule], drift: int) -> None:
    agree(seed, rules, drift)


@pytest.mark.soak
@settings(max_examples=5_000, **QUIETLY)
@given(st.integers(0, SOAK_SEEDS - 1), RULES, DRIFTS)
def test_law_index_and_sql_agree_for_long(seed: int, rules: list[Rule], drift: int) -> None:
    agree(seed, rules, drift)


def test_the_sql_knows_every_operator() -> None:
    """A new operator has to be written there too: this fails until it is."""
    assert {name: operator.complement_of for name, operator in OPERATORS.items() if operator.complement_of} == TWINS
    assert {name for name, operator in OPERATORS.items() if operator.of_change and not operator.complement_of} == set(
        OF_CHANGE
    )
