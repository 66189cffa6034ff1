"""Rules in Greenflash's grammar: read back they mean the same, and nothing is approximated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from coterie.http.greenflash.from_rule import write_filters
from coterie.rules.limits import RuleLimits
from coterie.rules.read import read_rule
from coterie.rules.write import write_rule
from tests.unit.http.greenflash.context import (
    OTHER,
    PRODUCT,
    analysis,
    context_with,
    conversation_prop,
    count,
    filters_with,
    flag,
    last_seen,
    prop,
    read,
)
from tests.unit.http.greenflash.drawn import filters

Json = Any


def shown(document: Json) -> Json:
    return write_filters(read_rule(document, RuleLimits()), context_with())


@given(filters())
@settings(max_examples=150, deadline=None)
def test_filters_read_and_written_read_the_same_again(sent: Json) -> None:
    rule = read(sent)
    written = write_filters(rule, context_with())
    assert written is not None
    assert write_rule(read(written)) == write_rule(rule)


COUNT = {"measure": "count"}
PLAN = {"property": "plan", "operator": "equals", "value": "pro"}


@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        (PLAN, filters_with(prop("plan", "eq", "pro"))),
        ({"all": [PLAN, PLAN]}, {"rules": [prop("plan", "eq", "pro")] * 2}),
        (
            {
                "conversation": {"measure": "mean", "of": "cqi", "window": {"last": "1w"}},
                "operator": "at_least",
                "value": 80,
            },
            filters_with(analysis("cqi", "gte", 80), dateRange={"preset": "7d"}),
        ),
        (
            {
                "not": {
                    "conversation": {
                        "measure": "any",
                        "where": {"property": "jailbreak_detected", "operator": "equals", "value": True},
                    },
                    "operator": "equals",
                    "value": True,
                }
            },
            filters_with(flag("jailbreakDetected", False)),
        ),
        (
            {
                "conversation": {
                    "measure": "none",
                    "where": {"property": "channel", "operator": "equals", "value": "web"},
                },
                "operator": "not_equals",
                "value": True,
            },
            filters_with(conversation_prop("channel", "eq", "web")),
        ),
        (
            {
                "conversation": {
                    **COUNT,
                    "window": {"to": "2026-03-01"},
                    "where": {"property": "product_id", "operator": "equals", "value": PRODUCT},
                },
                "operator": "at_most",
                "value": 3,
            },
            filters_with(count("lte", 3), dateRange={"to": "2026-03-01"}, productIds=[PRODUCT]),
        ),
        ({"not": write_rule(read(filters_with(last_seen("within", "2w"))))}, filters_with(last_seen("before", "2w"))),
    ],
)
def test_rules_made_elsewhere_that_the_grammar_can_express(rule: Json, theirs: Json) -> None:
    assert shown(rule) == theirs


def conversation(value: Json = 1, operator: str = "at_least", **subject: Json) -> Json:
    return {"conversation": subject, "operator": operator, "value": value}


@pytest.mark.parametrize(
    "rule",
    [
        {"any": [PLAN, PLAN]},
        {"not": PLAN},
        {"all": [{"any": [PLAN, PLAN]}, PLAN]},
        {"segment": OTHER},
        {"sample": {"percent": 10}},
        {"property": "plan", "operator": "is_set"},
        {"property": "plan", "operator": "at_least", "value": 3},
        {"property": "plan", "operator": "equals", "value": "pro", "case_sensitive": True},
        {"property": "first name", "operator": "equals", "value": "Ada"},
        {"property": "created_at", "operator": "in_last", "value": "7d"},
        {"event": {"name": "ordered", "measure": "count"}, "operator": "at_least", "value": 1},
        conversation(measure="count", window={"last": "14d"}),
        conversation(measure="count", window={"calendar": "this_month"}),
        conversation(0.5, measure="count"),
        conversation(-1, measure="count"),
        conversation(operator="equals", measure="count"),
        conversation(measure="max", of="cqi"),
        conversation(measure="mean", of="message_count"),
        conversation(measure="count", where={"property": "product_id", "operator": "equals", "value": "shop"}),
        conversation(measure="count", where={"property": "model", "operator": "equals", "value": "small"}),
        conversation(True, "equals", measure="any"),
        conversation(True, "equals", measure="any", where={"property": "topics", "operator": "equals", "value": "x"}),
        conversation(
            True, "equals", measure="none", where={"property": "turns", "operator": "greater_than", "value": 2},
        ),
        conversation(True, "equals", measure="any", where={"property": "turns", "operator": "not_equals", "value": 2}),
        conversation(
            True, "equals", measure="any",
            where={"property": "jailbreak_detected", "operator": "equals", "value": False},
        ),
        {"all": [conversation(measure="count"), conversation(measure="count", window={"last": "7d"})]},
    ],
)  # fmt: skip
def test_rules_that_the_grammar_cannot_express(rule: Json) -> None:
    assert shown(rule) is None
