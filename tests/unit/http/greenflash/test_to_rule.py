"""Greenflash's filters as rules: every type, operator and scope, and every error at its path."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.http.greenflash.grammar import FLAGS, SCORES
from coterie.http.greenflash.to_rule import echo
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
    problems_of,
    prop,
    read,
)

Json = Any


def conversation(operator: str, value: Json, **subject: Json) -> Json:
    return {"conversation": subject, "operator": operator, "value": value}


def is_(name: str, value: Json, operator: str = "equals") -> Json:
    return {"property": name, "operator": operator, "value": value}


def any_(where: Json, measure: str = "any") -> Json:
    return conversation("equals", True, measure=measure, where=where)


@pytest.mark.parametrize(
    ("rule", "ours"),
    [
        (
            analysis("commercialIntent", "gte", 0.6),
            conversation("at_least", 0.6, measure="mean", of="commercial_intent"),
        ),
        (analysis("sentiment", "gt", 1), conversation("greater_than", 1, measure="mean", of="sentiment")),
        (analysis("frustration", "lt", 0.5), conversation("less_than", 0.5, measure="mean", of="frustration")),
        (analysis("cqi", "eq", 80), conversation("equals", 80, measure="mean", of="cqi")),
        (analysis("rating", "lte", 3), conversation("at_most", 3, measure="mean", of="rating")),
        (flag("jailbreakDetected", True), any_(is_("jailbreak_detected", True))),
        (flag("modelBiasDetected", False), any_(is_("model_bias_detected", True), "none")),
        (prop("plan", "eq", "enterprise"), is_("plan", "enterprise")),
        (prop("plan", "neq", "enterprise"), is_("plan", "enterprise", "not_equals")),
        (prop("plan", "contains", "ent"), is_("plan", "ent", "contains")),
        (prop("seats", "gt", 5), is_("seats", 5, "greater_than")),
        (prop("app.version-major", "lt", 5.5), is_("app.version-major", 5.5, "less_than")),
        (prop("admin", "eq", True), is_("admin", True)),
        (conversation_prop("channel", "eq", "web"), any_(is_("channel", "web"))),
        (conversation_prop("channel", "neq", "web"), any_(is_("channel", "web"), "none")),
        (conversation_prop("channel", "contains", "we"), any_(is_("channel", "we", "contains"))),
        (conversation_prop("turns", "gt", 3), any_(is_("turns", 3, "greater_than"))),
        (conversation_prop("topics", "eq", "x"), any_(is_("properties.topics", "x"))),
        (count("gte", 2), conversation("at_least", 2, measure="count")),
        (count("lte", 0.0), conversation("at_most", 0, measure="count")),
    ],
)
def test_a_rule_of_each_kind(rule: Json, ours: Json) -> None:
    assert write_rule(read(filters_with(rule))) == ours


def test_every_score_and_every_flag_has_its_field() -> None:
    for theirs, ours in SCORES.items():
        assert f"'of': '{ours}'" in str(write_rule(read(filters_with(analysis(theirs, "gt", 0)))))
    for theirs, ours in FLAGS.items():
        assert f"'property': '{ours}'" in str(write_rule(read(filters_with(flag(theirs, True)))))


def test_last_seen_is_the_latest_of_an_event_a_message_and_a_change_of_the_profile() -> None:
    within = {
        "any": [
            {"event": {"measure": "last_at"}, "operator": "in_last", "value": "7d"},
            {"conversation": {"measure": "last_at"}, "operator": "in_last", "value": "7d"},
            {"property": "updated_at", "operator": "in_last", "value": "7d"},
        ]
    }
    assert write_rule(read(filters_with(last_seen("within", "7d")))) == within
    assert write_rule(read(filters_with(last_seen("before", "7d")))) == {"not": within}


def test_rules_are_joined_by_all() -> None:
    both = {"rules": [analysis("commercialIntent", "gte", 0.6), prop("plan", "eq", "enterprise")]}
    assert write_rule(read(both)) == {
        "all": [
            conversation("at_least", 0.6, measure="mean", of="commercial_intent"),
            is_("plan", "enterprise"),
        ]
    }


PRODUCTS = {"property": "product_id", "operator": "in", "value": [PRODUCT, OTHER]}


def test_the_scope_bounds_conversations_and_nothing_else() -> None:
    filters = {
        "rules": [
            analysis("cqi", "gt", 1),
            flag("jailbreakDetected", True),
            conversation_prop("channel", "neq", "web"),
            count("gte", 1),
            prop("plan", "eq", "pro"),
            last_seen("within", "30m"),
        ],
        "dateRange": {"preset": "30d"},
        "productIds": [PRODUCT.upper(), OTHER, PRODUCT],
    }
    *scoped, plan, last = write_rule(read(filters))["all"]
    window = {"last": "30d"}
    assert scoped == [
        conversation("greater_than", 1, measure="mean", of="cqi", window=window, where=PRODUCTS),
        conversation(
            "equals", True, measure="any", window=window, where={"all": [is_("jailbreak_detected", True), PRODUCTS]}
        ),
        conversation("equals", True, measure="none", window=window, where={"all": [is_("channel", "web"), PRODUCTS]}),
        conversation("at_least", 1, measure="count", window=window, where=PRODUCTS),
    ]
    assert (plan, last) == (
        write_rule(read(filters_with(prop("plan", "eq", "pro")))),
        write_rule(read(filters_with(last_seen("within", "30m")))),
    )


@pytest.mark.parametrize(
    ("sent", "window"),
    [
        ({}, None),
        ({"preset": "all"}, None),
        ({"preset": "7d"}, {"last": "7d"}),
        ({"preset": "90d"}, {"last": "90d"}),
        ({"from": "2026-03-01"}, {"from": "2026-03-01"}),
        ({"to": "2026-03-01T12:00:00+01:00"}, {"to": "2026-03-01T11:00:00.000Z"}),
        ({"from": "2026-03-01", "to": "2026-03-01"}, {"from": "2026-03-01", "to": "2026-03-01"}),
        ({"from": "2026-03-01T09:30:00", "preset": "all"}, {"from": "2026-03-01T08:30:00.000Z"}),
        ({"preset": "7d", "to": "2026-03-01"}, {"all": [{"last": "7d"}, {"to": "2026-03-01"}]}),
    ],
)
def test_date_ranges(sent: Json, window: Json) -> None:
    subject = {"measure": "count"} if window is None else {"measure": "count", "window": window}
    rule = read(filters_with(count("gte", 1), dateRange=sent), context_with(zone="Europe/Berlin"))
    assert write_rule(rule) == conversation("at_least", 1, **subject)


@pytest.mark.parametrize(
    ("key", "held", "name"),
    [
        ("email", (), "email"),
        ("email", ("properties.email",), "properties.email"),
        ("name", (), "name"),
        ("created_at", ("properties.name",), "created_at"),
        ("plan", ("properties.plan",), "plan"),
        ("properties.plan", (), "properties.properties.plan"),
    ],
)
def test_a_key_that_is_a_field_of_the_user_means_the_field_unless_such_a_property_was_sent(
    key: str, held: tuple[str, ...], name: str
) -> None:
    assert write_rule(read(filters_with(prop(key, "eq", "x")), context_with(held))) == is_(name, "x")


GOOD = count("gte", 1)


@pytest.mark.parametrize(
    ("filters", "path", "words"),
    [
        (None, "filters", "must be an object"),
        ([], "filters", "must be an object"),
        ({}, "filters.rules", "required"),
        ({"rules": {}}, "filters.rules", "array"),
        ({"rules": []}, "filters.rules", "from 1 to 100"),
        ({"rules": [GOOD] * 101}, "filters.rules", "from 1 to 100"),
        ({"rules": [GOOD], "logic": "or"}, "filters.logic", "rules, dateRange, productIds"),
        (filters_with(None), "filters.rules.0", "object"),
        (filters_with({}), "filters.rules.0.type", "required"),
        (filters_with({"type": "score"}), "filters.rules.0.type", "analysis_flag"),
        (filters_with({"type": ["analysis"]}), "filters.rules.0.type", "cannot be a list"),
        (filters_with(analysis("joy", "gt", 1)), "filters.rules.0.field", "commercialIntent"),
        (filters_with(analysis("commercial_intent", "gt", 1)), "filters.rules.0.field", "commercialIntent"),
        (filters_with(analysis("cqi", "neq", 1)), "filters.rules.0.operator", "gt, lt, eq, gte, lte"),
        (filters_with(analysis("cqi", "gt", "1")), "filters.rules.0.value", "a number"),
        (filters_with(analysis("cqi", "gt", True)), "filters.rules.0.value", "a number"),
        (filters_with(analysis("cqi", "gt", None)), "filters.rules.0.value", "null"),
        (filters_with(analysis("cqi", "gt", 2**53 + 1)), "filters.rules.0.value", "exactly"),
        (filters_with({"type": "analysis", "field": "cqi", "operator": "gt"}), "filters.rules.0.value", "required"),
        (filters_with({**GOOD, "field": "cqi"}), "filters.rules.0.field", "not known"),
        (filters_with(flag("angerDetected", True)), "filters.rules.0.field", "jailbreakDetected"),
        (filters_with(flag("jailbreakDetected", 1)), "filters.rules.0.value", "true or false"),
        (filters_with(flag("jailbreakDetected", "true")), "filters.rules.0.value", "true or false"),
        (filters_with({**flag("jailbreakDetected", True), "operator": "eq"}), "filters.rules.0.operator", "not known"),
        (filters_with(prop("first name", "eq", "x")), "filters.rules.0.key", "letters"),
        (filters_with(prop("", "eq", "x")), "filters.rules.0.key", "letters"),
        (filters_with(prop("ü", "eq", "x")), "filters.rules.0.key", "letters"),
        (filters_with(prop("a" * 256, "eq", "x")), "filters.rules.0.key", "255"),
        (filters_with(prop("plan", "gte", 1)), "filters.rules.0.operator", "eq, neq, contains, gt, lt"),
        (filters_with(prop("plan", "eq", None)), "filters.rules.0.value", "null"),
        (filters_with(prop("plan", "eq", ["x"])), "filters.rules.0.value", "a list"),
        (filters_with(prop("plan", "eq", {"x": 1})), "filters.rules.0.value", "an object"),
        (filters_with(prop("plan", "gt", "5")), "filters.rules.0.value", "a number"),
        (filters_with(prop("plan", "contains", 5)), "filters.rules.0.value", "a string"),
        (filters_with(prop("plan", "contains", "")), "filters.rules.0.value", "empty text"),
        (filters_with(prop("plan", "eq", "a\0")), "filters.rules.0.value", "U+0000"),
        (filters_with(count("gt", 1)), "filters.rules.0.operator", "gte, lte"),
        (filters_with(count("gte", -1)), "filters.rules.0.value", "whole number from 0"),
        (filters_with(count("gte", 1.5)), "filters.rules.0.value", "whole number from 0"),
        (filters_with(count("gte", True)), "filters.rules.0.value", "a number"),
        (filters_with(last_seen("after", "7d")), "filters.rules.0.operator", "within, before"),
        (filters_with(last_seen("within", "7")), "filters.rules.0.value", "30m, 24h, 7d or 2w"),
        (filters_with(last_seen("within", "7 d")), "filters.rules.0.value", "length of time"),
        (filters_with(last_seen("within", "0d")), "filters.rules.0.value", "length of time"),
        (filters_with(last_seen("within", "45s")), "filters.rules.0.value", "length of time"),
        (filters_with(last_seen("within", "99999d")), "filters.rules.0.value", "hundred years"),
        (filters_with(last_seen("within", 7)), "filters.rules.0.value", "length of time"),
        (filters_with(GOOD, dateRange=None), "filters.dateRange", "object"),
        (filters_with(GOOD, dateRange={"preset": "14d"}), "filters.dateRange.preset", "7d, 30d, 90d, all"),
        (filters_with(GOOD, dateRange={"start": "2026-03-01"}), "filters.dateRange.start", "preset, from, to"),
        (filters_with(GOOD, dateRange={"from": "from"}), "filters.dateRange.from", "ISO 8601"),
        (filters_with(GOOD, dateRange={"from": "2026-02-30"}), "filters.dateRange.from", "ISO 8601"),
        (filters_with(GOOD, dateRange={"from": None}), "filters.dateRange.from", "ISO 8601"),
        (filters_with(GOOD, dateRange={"from": "2026-03-02", "to": "2026-03-01"}), "filters.dateRange.to", "before"),
        (filters_with(GOOD, productIds=[]), "filters.productIds", "Leave"),
        (filters_with(GOOD, productIds="x"), "filters.productIds", "array"),
        (filters_with(GOOD, productIds=[PRODUCT, "shop"]), "filters.productIds.1", "UUID"),
    ],
)
def test_every_error_has_its_path(filters: Json, path: str, words: str) -> None:
    reported = problems_of(filters)
    assert list(reported) == [path]
    assert words in reported[path]


def test_every_error_is_reported() -> None:
    filters = {
        "rules": [analysis("joy", "is", None), GOOD, prop("a b", "gt", "x"), 3],
        "dateRange": {"preset": "1d", "until": 3},
        "productIds": ["shop"],
        "all": True,
    }
    assert set(problems_of(filters)) == {
        "filters.all", "filters.dateRange.preset", "filters.dateRange.until", "filters.productIds.0",
        "filters.rules.0.field", "filters.rules.0.operator", "filters.rules.2.key", "filters.rules.3",
    }  # fmt: skip


def test_a_whole_number_past_64_bits_is_echoed_as_the_double_it_is() -> None:
    assert echo({"a": [2**70, 1, "x", True]}) == {"a": [float(2**70), 1, "x", True]}
