"""SendKit's filters to a rule: every field with every operator, the problems, and the echo."""

from __future__ import annotations

from datetime import date

import pytest

from coterie.http.sendkit.grammar import ALL_OPERATORS, OPERATORS, RESERVED, FieldType
from coterie.rules.nodes import All, Any, Duration, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.values import DAY, Instant, Kind
from tests.unit.http.sendkit.context import (
    LIST_ID,
    MRR,
    OTHER_LIST_ID,
    PLAN,
    RENEWS,
    SEGMENT_ID,
    UNKNOWN_ID,
    condition,
    context_with,
    declared,
    document,
    document_of,
    problems,
    read,
)  # fmt: skip

TYPES = {name: field.type for name, field in RESERVED.items()}
TYPES |= {"plan": FieldType.TEXT, "mrr": FieldType.NUMBER, "renews_on": FieldType.DATE}
VALUE = "filters.groups.0.conditions.0.value"
OPERATOR = "filters.groups.0.conditions.0.operator"


def P(name: str, operator: str, operand: object = None) -> PropertyCondition:  # noqa: N802 - reads as the node it makes
    return PropertyCondition(name, operator, operand)  # type: ignore[arg-type]  # the tables below are of all kinds


NINE_THIRTY = Instant(1_772_357_400_000)  # 2026-03-01T09:30:00Z

MEANS: list[tuple[str, str, object, Rule]] = [
    # text
    ("email", "equals", "a@b.c", P("email", "equals", "a@b.c")),
    ("email", "contains", "@example.com", P("email", "contains", "@example.com")),
    ("email", "not_contains", "@", P("email", "not_contains", "@")),
    ("first_name", "not_equals", "Ann", P("first_name", "not_equals", "Ann")),
    ("first_name", "equals", "", P("first_name", "equals", "")),
    ("last_name", "starts_with", "O'", P("last_name", "starts_with", "O'")),
    ("user_id", "ends_with", "7", P("external_id", "ends_with", "7")),
    ("user_id", "equals", 42, P("external_id", "equals", "42")),
    ("plan", "equals", True, P("plan", "equals", "true")),
    ("plan", "equals", 0.5, P("plan", "equals", "0.5")),
    ("plan", "in", ["pro", 1], P("plan", "in", ("pro", "1"))),
    ("plan", "not_in", ["pro"], P("plan", "not_in", ("pro",))),
    ("plan", "is_set", None, P("plan", "is_set")),
    ("plan", "is_not_set", None, P("plan", "is_not_set")),
    # number
    ("mrr", "equals", "42", P("mrr", "equals", 42.0)),
    ("mrr", "not_equals", 42, P("mrr", "not_equals", 42.0)),
    ("mrr", "greater_than", " 1.5 ", P("mrr", "greater_than", 1.5)),
    ("mrr", "greater_than_or_equal", 10, P("mrr", "at_least", 10.0)),
    ("mrr", "less_than", -1, P("mrr", "less_than", -1.0)),
    ("mrr", "less_than_or_equal", "1e3", P("mrr", "at_most", 1000.0)),
    ("mrr", "in", [1, "2"], P("mrr", "in", (1.0, 2.0))),
    ("mrr", "not_in", [1], P("mrr", "not_in", (1.0,))),
    ("mrr", "is_set", None, P("mrr", "is_set")),
    ("mrr", "is_not_set", None, P("mrr", "is_not_set")),
    # date
    ("renews_on", "equals", "2026-03-01", P("renews_on", "on", date(2026, 3, 1))),
    ("renews_on", "not_equals", "2026-03-01", Not(P("renews_on", "on", date(2026, 3, 1)))),
    ("renews_on", "before", "2026-03-01", P("renews_on", "before", date(2026, 3, 1))),
    ("created_at", "after", "2026-03-01 09:30:00", P("created_at", "after", NINE_THIRTY)),
    ("created_at", "after", "2026-03-01T10:30:00+01:00", P("created_at", "after", NINE_THIRTY)),
    ("updated_at", "in_last_days", 30, P("updated_at", "in_last", Duration(30 * DAY, "30d"))),
    ("renews_on", "not_in_last_days", "7", P("renews_on", "not_in_last", Duration(7 * DAY, "7d"))),
    ("renews_on", "is_set", None, P("renews_on", "is_set")),
    ("renews_on", "is_not_set", None, P("renews_on", "is_not_set")),
    # boolean: absent is false
    ("unsubscribed", "equals", True, P("unsubscribed", "equals", True)),
    ("unsubscribed", "equals", False, P("unsubscribed", "not_equals", True)),
    ("unsubscribed", "not_equals", True, P("unsubscribed", "not_equals", True)),
    ("unsubscribed", "not_equals", "FALSE", P("unsubscribed", "equals", True)),
    # membership
    ("list", "equals", LIST_ID, SegmentCondition(LIST_ID)),
    ("list", "equals", LIST_ID.upper(), SegmentCondition(LIST_ID)),
    ("list", "not_equals", LIST_ID, Not(SegmentCondition(LIST_ID))),
    ("list", "in", [LIST_ID, OTHER_LIST_ID], Any((SegmentCondition(LIST_ID), SegmentCondition(OTHER_LIST_ID)))),
    ("list", "not_in", [LIST_ID, LIST_ID], Not(SegmentCondition(LIST_ID))),
    ("segment", "equals", SEGMENT_ID, SegmentCondition(SEGMENT_ID)),
    ("segment", "not_equals", SEGMENT_ID, Not(SegmentCondition(SEGMENT_ID))),
    ("segment", "in", [SEGMENT_ID], SegmentCondition(SEGMENT_ID)),
    ("segment", "not_in", [SEGMENT_ID], Not(SegmentCondition(SEGMENT_ID))),
]


@pytest.mark.parametrize(("field", "operator", "value", "rule"), MEANS)
def test_a_condition_means(field: str, operator: str, value: object, rule: Rule) -> None:
    assert read(document_of(condition(field, operator, value))).rule == rule


def test_the_table_above_has_every_operator_of_every_type() -> None:
    covered = {(TYPES[field], operator) for field, operator, _, _ in MEANS}
    assert covered == {(kind, operator) for kind, operators in OPERATORS.items() for operator in operators}
    assert {field for field, _, _, _ in MEANS} == TYPES.keys()


UNSUITED = [
    (field, operator)
    for field in ("email", "plan", "mrr", "renews_on", "created_at", "unsubscribed", "list", "segment")
    for operator in ALL_OPERATORS
    if operator not in OPERATORS[TYPES[field]]
]


@pytest.mark.parametrize(("field", "operator"), UNSUITED)
def test_an_operator_that_does_not_suit_is_refused_with_those_that_do(field: str, operator: str) -> None:
    messages = problems(document_of(condition(field, operator, "1")))
    assert set(messages) == {OPERATOR}
    assert messages[OPERATOR].endswith(f"use one of: {', '.join(OPERATORS[TYPES[field]])}.")
    assert "does not suit" in messages[OPERATOR]


def test_an_operator_nobody_knows_is_refused_with_those_that_suit() -> None:
    messages = problems(document_of(condition("email", "sounds_like", "x")))
    assert "sounds_like is not known" in messages[OPERATOR]
    assert "starts_with" in messages[OPERATOR]


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("email", "equals", None), ("email", "equals", ["a"]), ("email", "equals", {"a": 1}), ("email", "contains", ""),
        ("email", "starts_with", ""), ("email", "in", "a"), ("email", "in", []), ("email", "in", [None]),
        ("email", "in", [["a"]]),
        ("email", "in", ["x"] * 1001), ("email", "is_set", "x"), ("email", "is_not_set", False),
        ("email", "equals", "a\0b"),
        ("email", "equals", "\ud800"), ("email", "equals", "x" * 65_537), ("email", "equals", 2**53 + 1),
        ("mrr", "equals", "forty"), ("mrr", "equals", "0x2A"), ("mrr", "equals", "1_000"), ("mrr", "equals", "NaN"),
        ("mrr", "equals", "inf"),
        ("mrr", "equals", ""), ("mrr", "equals", True), ("mrr", "equals", 2**53 + 1), ("mrr", "equals", [1]),
        ("mrr", "in", [1, "two"]),
        ("mrr", "greater_than", None),
        ("renews_on", "before", "soon"), ("renews_on", "before", "2026-02-30"), ("renews_on", "before", 1_772_357_400),
        ("renews_on", "before", "20260301"), ("renews_on", "before", "2026-W10-1"),
        ("renews_on", "before", "2026-03-01 25:00:00"),
        ("renews_on", "before", "0001-01-01T00:00:00+14:00"), ("renews_on", "equals", "2026-03-01 09:30:00"),
        ("renews_on", "equals", True),
        ("renews_on", "in_last_days", 0), ("renews_on", "in_last_days", -1), ("renews_on", "in_last_days", 1.5),
        ("renews_on", "in_last_days", 36_526), ("renews_on", "in_last_days", "a week"),
        ("renews_on", "in_last_days", True),
        ("unsubscribed", "equals", 1), ("unsubscribed", "equals", 0), ("unsubscribed", "equals", "yes"),
        ("unsubscribed", "equals", None),
        ("list", "equals", UNKNOWN_ID), ("list", "equals", "newsletter"), ("list", "equals", SEGMENT_ID),
        ("list", "in", [LIST_ID, UNKNOWN_ID]),
        ("list", "equals", 7), ("segment", "equals", UNKNOWN_ID), ("segment", "equals", None),
    ],
)  # fmt: skip
def test_a_value_that_does_not_convert_is_refused_at_its_path(field: str, operator: str, value: object) -> None:
    messages = problems(document_of(condition(field, operator, value)))
    assert set(messages) == {VALUE}
    assert messages[VALUE]


# --- which field ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "echo"),
    [
        ({"field": "plan"}, {"field": "plan", "property_id": PLAN.id}),
        ({"field": "PLAN"}, {"field": "PLAN", "property_id": PLAN.id}),
        ({"property_id": PLAN.id}, {"field": "plan", "property_id": PLAN.id}),
        ({"property_id": PLAN.id.upper(), "field": None}, {"field": "plan", "property_id": PLAN.id}),
        ({"property_id": PLAN.id, "field": ""}, {"field": "plan", "property_id": PLAN.id}),
        ({"property_id": PLAN.id, "field": "Plan"}, {"field": "Plan", "property_id": PLAN.id}),
        ({"type": "custom", "field": "plan"}, {"field": "plan", "property_id": PLAN.id}),
    ],
)
def test_a_property_is_named_by_id_or_key_and_shown_with_both(sent: dict[str, object], echo: dict[str, object]) -> None:
    definition = read(document_of({"type": "property", "operator": "equals", "value": "pro"} | sent))
    assert definition.rule == P("plan", "equals", "pro")
    assert definition.document == document_of({"type": "property", "operator": "equals", "value": "pro"} | echo)


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({}, "field"),
        ({"field": None, "property_id": None}, "field"),
        ({"field": "shoe_size"}, "field"),
        ({"field": 7}, "field"),
        ({"field": ["plan"]}, "field"),
        ({"property_id": UNKNOWN_ID}, "property_id"),
        ({"property_id": "plan"}, "property_id"),
        ({"property_id": 7, "field": "plan"}, "property_id"),
        ({"property_id": MRR.id, "field": "plan"}, "property_id"),
        ({"field": "email"}, "field"),
    ],
)
def test_a_property_that_is_unknown_or_contradicted_is_refused(sent: dict[str, object], path: str) -> None:
    messages = problems(document_of({"type": "property", "operator": "equals", "value": "pro"} | sent))
    assert set(messages) == {f"filters.groups.0.conditions.0.{path}"}


def test_a_reserved_field_is_known_by_its_exact_name_and_shown_without_property_id() -> None:
    definition = read(document_of(condition("email", "equals", "a", property_id=PLAN.id)))
    assert definition.document == document_of(condition("email", "equals", "a", property_id=None))
    for field in ("Email", "plan", "external_id", None, 7):
        assert set(problems(document_of(condition("email", "equals", "a") | {"field": field}))) == {
            "filters.groups.0.conditions.0.field"
        }


def test_names_that_differ_in_case_only_are_told_apart_by_spelling_and_by_id() -> None:
    lower, upper = declared("plan", Kind.TEXT, 1), declared("PLAN", Kind.TEXT, 2)
    context = context_with(lower, upper)
    for field, name in (("plan", "plan"), ("PLAN", "PLAN"), ("Plan", "plan")):
        assert read(document_of(condition("plan", "is_set") | {"field": field}), context).rule == P(name, "is_set")
    by_id = read(document_of(condition("plan", "is_set", property_id=upper.id)), context)
    assert by_id.rule == P("PLAN", "is_set")


# --- whole documents ------------------------------------------------------------------------------


def test_two_levels_join_as_they_say() -> None:
    a, b, c = condition("plan", "is_set"), condition("mrr", "is_set"), condition("email", "is_set")
    definition = read(document(("any", [a, b]), ("all", [c, a]), ("any", [b]), match_type="any"))
    plan, mrr, email = P("plan", "is_set"), P("mrr", "is_set"), P("email", "is_set")
    assert definition.rule == Any((Any((plan, mrr)), All((email, plan)), mrr))


@pytest.mark.parametrize("value", ["Pro ", 42, 42.5, True, "2026-03-01", ["a", 1, False], "é"])
def test_a_value_is_echoed_as_it_was_sent(value: object) -> None:
    operator = "in" if isinstance(value, list) else "equals"
    echoed = read(document_of(condition("plan", operator, value))).document["filters"]
    assert echoed == document_of(condition("plan", operator, value, property_id=PLAN.id))["filters"]
    echo = echoed["groups"][0]["conditions"][0]  # type: ignore[index]  # a document of JSON values
    assert list(echo) == ["field", "type", "operator", "value", "property_id"]
    assert type(echo["value"]) is type(value)


def test_a_value_left_out_is_echoed_as_null() -> None:
    definition = read(document_of({"field": "plan", "type": "property", "operator": "is_set"}))
    assert definition.document == document_of(condition("plan", "is_set", None, property_id=PLAN.id))


BROKEN: list[tuple[dict[str, object], set[str]]] = [
    ({}, {"match_type", "filters"}),
    ({"match_type": "some", "filters": None}, {"match_type", "filters"}),
    ({"match_type": "all", "filters": {}}, {"filters.groups"}),
    ({"match_type": "all", "filters": []}, {"filters.groups"}),
    ({"match_type": "all", "filters": {"groups": []}}, {"filters.groups"}),
    ({"match_type": "all", "filters": {"groups": {}}}, {"filters.groups"}),
    ({"match_type": "all", "filters": {"groups": None}}, {"filters.groups"}),
    ({"match_type": "all", "filters": {"groups": ["x"]}}, {"filters.groups.0"}),
    ({"match_type": "all", "filters": {"groups": [{}]}},
     {"filters.groups.0.match_type", "filters.groups.0.conditions"}),
    ({"match_type": True, "filters": {"groups": [{"match_type": "ALL", "conditions": []}]}},
     {"match_type", "filters.groups.0.match_type", "filters.groups.0.conditions"}),
    ({"match_type": "all", "filters": {"groups": [{"match_type": "all", "conditions": [None]}], "name": 1}},
     {"filters.groups.0.conditions.0", "filters.name"}),
    (document_of({}), {"filters.groups.0.conditions.0.type", "filters.groups.0.conditions.0.operator"}),
    (document_of({"type": "reserved", "field": "email", "operator": None}), {"filters.groups.0.conditions.0.operator"}),
    (document_of({"type": "event", "field": "email", "operator": "is_set"}), {"filters.groups.0.conditions.0.type"}),
    (document_of(condition("email", "is_set", conditions=[])), {"filters.groups.0.conditions.0.conditions"}),
    (document(("all", [condition("email", "is_set")] * 101)), {"filters.groups.0.conditions"}),
    (document(*[("all", [condition("email", "is_set")])] * 51), {"filters.groups"}),
    (document_of({"match_type": "all", "conditions": [condition("email", "is_set")]}),
     {f"filters.groups.0.conditions.0.{key}" for key in ("match_type", "conditions", "type", "operator")}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "paths"), BROKEN)
def test_a_broken_document_is_refused_with_every_path(body: dict[str, object], paths: set[str]) -> None:
    assert set(problems(body)) == paths


def test_every_fault_of_every_condition_is_reported_at_once() -> None:
    messages = problems(
        document(
            ("all", [condition("mrr", "equals", "x"), condition("email", "is_set"), condition("shoe", "is_set")]),
            ("none", [condition("plan", "before", "2026-03-01")]),
        )
    )
    assert set(messages) == {
        "filters.groups.0.conditions.0.value",
        "filters.groups.0.conditions.2.field",
        "filters.groups.1.match_type",
        "filters.groups.1.conditions.0.operator",
    }


def test_the_largest_document_is_read() -> None:
    definition = read(document(*[("any", [condition("renews_on", "not_equals", "2026-03-01")] * 100)] * 50))
    assert isinstance(definition.rule, All)
    assert len(definition.rule.children) == 50
    assert RENEWS.name in repr(definition.rule)
