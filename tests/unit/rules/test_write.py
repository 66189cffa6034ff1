"""Writing rules, and the round trip through JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from coterie.rules.limits import RuleLimits
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.write import write_rule
from tests.strategies import every_rule, moments

LIMITS = RuleLimits()


@settings(max_examples=500)
@given(every_rule(), moments())
def test_a_rule_survives_the_way_through_json(rule: Rule, moment: Moment) -> None:
    through = read_rule(json.loads(json.dumps(write_rule(rule))), LIMITS)
    assert through == rule
    assert write_rule(through) == write_rule(rule)
    assert lower(through, moment.zone) == lower(rule, moment.zone)
    assert leaves(lower(through, moment.zone)) == leaves(lower(rule, moment.zone))


@pytest.mark.parametrize(
    "document",
    [
        {"event": {"name": "order", "measure": "count"}, "operator": "at_least", "value": 3},
        {
            "event": {
                "name": "order",
                "measure": "sum",
                "of": "total",
                "window": {"before": "4w"},
                "where": {
                    "any": [
                        {"property": "total", "operator": "at_least", "value": 0.5},
                        {"not": {"property": "x", "operator": "is_set"}},
                    ]
                },
            },
            "operator": "between",
            "value": [1, 2.5],
        },
        {
            "event": {
                "name": "x",
                "measure": "last_at",
                "window": {"from": "2026-01-01", "to": "2026-01-31T12:00:00.000Z"},
            },
            "operator": "in_last",
            "value": "7d",
        },
        {
            "conversation": {"measure": "first", "of": "topic", "window": {"calendar": "last_week"}},
            "operator": "equals",
            "value": "Refund",
            "case_sensitive": True,
        },
        {"event": {"measure": "distinct", "of": "page", "window": {"last": "30d"}}, "operator": "at_least", "value": 3},
        {
            "event": {"name": "x", "measure": "change", "of": "n", "window": {"last": "4w"}},
            "operator": "less_than",
            "value": 0,
        },
        {
            "sequence": [
                {"event": {"name": "a"}},
                {
                    "event": {"name": "b", "where": {"property": "n", "operator": "at_least", "value": 1}},
                    "within": "7d",
                },
                {"event": {"name": "a"}},
            ],
            "window": {"last": "90d"},
        },
        {"sequence": [{"event": {"name": "a"}}, {"event": {"name": "a"}, "within": "30m"}]},
        {"sample": {"percent": 12.5, "salt": "spring"}},
        {"sample": {"percent": 10}},
        {"property": "plan", "operator": "held_for", "value": "14d"},
        {"conversation": {"measure": "none", "window": {"to": "2026-01-01"}}, "operator": "equals", "value": True},
    ],
)
def test_conditions_on_events_and_conversations_are_written_as_they_were_read(document: dict[str, object]) -> None:
    assert write_rule(read_rule(document, LIMITS)) == document


@pytest.mark.parametrize(
    ("loose", "canonical"),
    [
        (
            {"operator": "equals", "property": "a", "case_sensitive": False, "value": 1.0},
            {"property": "a", "operator": "equals", "value": 1},
        ),
        ({"property": "a", "operator": "is_set", "value": None}, {"property": "a", "operator": "is_set"}),
        (
            {"property": "a", "operator": "before", "value": "2026-03-01 10:30+01:00"},
            {"property": "a", "operator": "before", "value": "2026-03-01T09:30:00.000Z"},
        ),
        (
            {
                "event": {"window": None, "measure": "any", "name": "x", "where": None, "of": None},
                "operator": "equals",
                "value": True,
            },
            {"event": {"name": "x", "measure": "any"}, "operator": "equals", "value": True},
        ),
        (
            {
                "window": None,
                "sequence": [{"event": "a", "within": None}, {"within": "1d", "event": {"where": None, "name": "b"}}],
            },
            {"sequence": [{"event": {"name": "a"}}, {"event": {"name": "b"}, "within": "1d"}]},
        ),
        ({"sample": {"salt": "", "percent": 10.0}}, {"sample": {"percent": 10}}),
    ],
)
def test_there_is_one_canonical_form(loose: object, canonical: dict[str, object]) -> None:
    written = write_rule(read_rule(loose, LIMITS))
    assert json.dumps(written) == json.dumps(canonical)


def test_numbers_are_written_so_that_they_read_back_exactly() -> None:
    for number in (2**53, -(2**53), 1e300, 5e-324, 0.1, 1 / 3):
        written = json.dumps(write_rule(read_rule({"property": "a", "operator": "equals", "value": number}, LIMITS)))
        assert json.loads(written)["value"] == number
