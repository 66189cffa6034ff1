"""The JSON schema says the same as the reader, as far as a schema can."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given, settings

from coterie.errors import InvalidRule
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Rule
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.schema import definitions, rule_schema
from coterie.rules.write import write_rule
from tests.strategies import every_rule
from tests.unit.rules.test_read import ANYTHING

VALIDATOR = jsonschema_rs.Draft202012Validator(rule_schema())
LIMITS = RuleLimits()


@settings(max_examples=300)
@given(every_rule())
def test_every_rule_fits_the_schema(rule: Rule) -> None:
    assert VALIDATOR.is_valid(write_rule(rule))


@settings(max_examples=500)
@given(ANYTHING)
def test_what_the_reader_takes_the_schema_takes(document: object) -> None:
    try:
        read_rule(document, LIMITS)
    except InvalidRule:
        return
    assert VALIDATOR.is_valid(document)


@pytest.mark.parametrize("operator", OPERATORS)
def test_examples_of_every_operator_fit_and_misfits_do_not(operator: str) -> None:
    for example in OPERATORS[operator].examples:
        document = {"property": "x", "operator": operator, "value": example.operand}
        assert VALIDATOR.is_valid(document), example
    assert not VALIDATOR.is_valid({"property": "x", "operator": operator, "value": {"no": "operator takes this"}})
    assert not VALIDATOR.is_valid({"property": "x", "operator": operator, "valeu": 1})


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"all": []},
        {"all": [{}]},
        {"property": "x"},
        {"property": "", "operator": "is_set"},
        {"property": "x", "operator": "unheard_of"},
        {"property": "x", "operator": "in", "value": []},
        {"property": "x", "operator": "in", "value": ["a", 1]},
        {"property": "x", "operator": "in_last", "value": "0d"},
        {"property": "x", "operator": "greater_than", "value": 1, "case_sensitive": True},
        {"property": "x", "operator": "is_set", "extra": 1},
        {"event": {"name": None, "measure": "count"}, "operator": "at_least", "value": 1},
        {"event": {"name": "x", "measure": "last_at"}, "operator": "held_for", "value": "1d"},
        {"sequence": [{"event": "x"}]},
        {"sequence": [{"event": "x"}, {"event": {"name": "y"}, "within": "soon"}]},
        {"sample": {"percent": 0}},
        {"sample": {"percent": 100.5}},
        {"sample": {"salt": "x"}},
        {"event": {"name": "x", "measure": "count", "window": {}}, "operator": "at_least", "value": 1},
        {"event": {"name": "x", "measure": "count", "where": {"segment": "s"}}, "operator": "at_least", "value": 1},
    ],
)
def test_what_is_plainly_no_rule_does_not_fit_and_is_not_read(document: object) -> None:
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(InvalidRule):
        read_rule(document, LIMITS)


def test_events_and_conversations_fit() -> None:
    window = {"from": "2026-01-01", "to": None}
    assert VALIDATOR.is_valid(
        {"event": {"name": "x", "measure": "count", "window": window}, "operator": "at_least", "value": 1}
    )
    assert VALIDATOR.is_valid(
        {"conversation": {"measure": "mean", "of": "score"}, "operator": "at_least", "value": 0.6}
    )


def test_definitions_can_live_elsewhere() -> None:
    there = definitions(LIMITS, "#/components/schemas/")
    schema = {"$ref": "#/components/schemas/Rule", "components": {"schemas": there}}
    assert jsonschema_rs.Draft202012Validator(schema).is_valid({"property": "x", "operator": "is_set"})
