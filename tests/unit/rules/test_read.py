"""Reading rules: what is a rule, and how the reader says that something is not.

It is long because every way of being wrong has its line.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InvalidRule, Problem
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import (
    All,
    Any,
    Between,
    Calendar,
    ConversationCondition,
    Duration,
    EventCondition,
    Last,
    Not,
    PropertyCondition,
    SegmentCondition,
)
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.values import Instant

LIMITS = RuleLimits()
SET = {"property": "a", "operator": "is_set"}


def on(operator: str, value: object, **more: object) -> dict[str, object]:
    return {"property": "a", "operator": operator, "value": value, **more}


def problems(document: object, limits: RuleLimits = LIMITS) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRule) as refusal:
        read_rule(document, limits)
    return refusal.value.problems


def problem(document: object, limits: RuleLimits = LIMITS) -> Problem:
    (only,) = problems(document, limits)
    return only


# --- what is a rule -------------------------------------------------------------------------------


def test_the_rule_of_the_readme_is_read() -> None:
    document = {
        "all": [
            {"property": "plan", "operator": "equals", "value": "enterprise"},
            {
                "any": [
                    {
                        "event": {
                            "name": "order_placed",
                            "measure": "count",
                            "window": {"last": "30d"},
                            "where": {"property": "total", "operator": "greater_than", "value": 50},
                        },
                        "operator": "at_least",
                        "value": 3,
                    },
                    {
                        "conversation": {
                            "measure": "mean",
                            "of": "commercial_intent",
                            "window": {"calendar": "this_month"},
                        },
                        "operator": "at_least",
                        "value": 0.6,
                    },
                ]
            },
            {"not": {"segment": "0198"}},
        ]
    }
    month = Duration(30 * 86_400_000, "30d")
    assert read_rule(document, LIMITS) == All(
        (
            PropertyCondition("plan", "equals", "enterprise"),
            Any(
                (
                    EventCondition(
                        "order_placed",
                        "count",
                        "at_least",
                        3.0,
                        None,
                        Last(month),
                        PropertyCondition("total", "greater_than", 50.0),
                    ),
                    ConversationCondition("mean", "at_least", 0.6, "commercial_intent", Calendar("this_month")),
                )
            ),
            Not(SegmentCondition("0198")),
        )
    )


@pytest.mark.parametrize("name", ['"', "a.b", "a b", " ", "😀", "'; drop table profiles; --", "__class__", "x" * 255])
def test_any_name_is_a_property_name(name: str) -> None:
    assert read_rule({"property": name, "operator": "is_set"}, LIMITS) == PropertyCondition(name, "is_set")


def test_a_null_value_is_no_value() -> None:
    assert read_rule(on("is_set", None), LIMITS) == read_rule(SET, LIMITS)
    assert problem(on("equals", None)).message == "equals needs a “value”."


def test_minus_zero_is_zero_and_integers_are_numbers() -> None:
    assert str(read_rule(on("equals", -0.0), LIMITS).operand) == "0.0"  # type: ignore[union-attr]  # a property condition
    assert isinstance(read_rule(on("equals", 1), LIMITS).operand, float)  # type: ignore[union-attr]


def test_windows_between_instants_may_be_open_at_one_end() -> None:
    document = {
        "event": {"name": "x", "measure": "any", "window": {"from": "1970-01-01T00:00:01Z"}},
        "operator": "equals",
        "value": True,
    }
    rule = read_rule(document, LIMITS)
    assert isinstance(rule, EventCondition)
    assert rule.window == Between(Instant(1_000), None)


# --- how it says no -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (None, (), "A rule is an object, not nothing"),
        ([], (), "not a list"),
        ("plan is pro", (), "not the text"),
        (True, (), "not true"),
        ({}, (), "it has no keys"),
        ({"operator": "is_set"}, (), "This is not a rule"),
        ({"all": [SET], "any": [SET]}, (), "“all” and “any”"),
        ({"all": []}, ("all",), "is empty"),
        ({"any": []}, ("any",), "is empty"),
        ({"all": SET}, ("all",), "is a list of rules, not an object"),
        ({"not": [SET]}, ("not",), "not a list"),
        ({"all": [SET, {"any": [SET, 5]}]}, ("all", 1, "any", 1), "not the number 5"),
        ({"all": [SET], "x": 1}, ("x",), "Unknown key 'x'"),
        ({**SET, "Value": 1}, ("Value",), "Unknown key 'Value'"),
        ({"segment": ""}, ("segment",), "id of a segment"),
        ({"segment": 5}, ("segment",), "id of a segment"),
        ({"segment": "a", "operator": "equals"}, ("operator",), "Unknown key"),
        ({"property": "", "operator": "is_set"}, ("property",), "an empty text"),
        ({"property": 5, "operator": "is_set"}, ("property",), "is a name, not the number 5"),
        ({"property": "a\x00", "operator": "is_set"}, ("property",), r"U+0000"),
        ({"property": "a"}, (), "“operator” is missing"),
        ({"property": "a", "operator": 5}, ("operator",), "is a name"),
        (on("is_set", True), ("value",), "takes no value"),
        (on("equals", {"time": "2026-03-01"}), ("value",), "not an object"),
        (on("equals", ["a"]), ("value",), "not a list"),
        (on("equals", "a\ud800"), ("value",), "surrogate"),
        (on("equals", "a\x00"), ("value",), "U+0000"),
        (on("equals", float("nan")), ("value",), "NaN"),
        (on("equals", float("inf")), ("value",), "infinities"),
        (on("equals", 2**53 + 1), ("value",), "cannot be held exactly"),
        (on("equals", 10**400), ("value",), "too large"),
        (on("greater_than", True), ("value",), "not true"),
        (on("contains", ""), ("value",), "is part of every text"),
        (on("not_contains", ""), ("value",), "is part of every text"),
        (on("starts_with", ""), ("value",), "is part of every text"),
        (on("ends_with", ""), ("value",), "is part of every text"),
        (on("in", "a"), ("value",), "takes a list"),
        (on("in", []), ("value",), "is empty"),
        (on("in", ["a", 1]), ("value",), "not a mixture"),
        (on("in", ["a", True]), ("value", 1), "not true"),
        (on("includes_any", [1]), ("value", 0), "must be a text"),
        (on("between", 1), ("value",), "list of two"),
        (on("between", [1, 2, 3]), ("value",), "list of two"),
        (on("between", [2, 1]), ("value",), "above"),
        (on("between", [1, "2026-01-01"]), ("value",), "not one of each"),
        (on("between", ["2026-01-02", "2026-01-01"]), ("value",), "later than"),
        (on("between", ["2026-01-05", "2026-01-01T00:00:00Z"]), ("value",), "later than"),
        (on("between", ["a", "b"]), ("value",), "an instant or a date"),
        (on("before", "2026-02-30"), ("value",), "an instant or a date"),
        (on("before", "2026-03-01T09:30:00"), ("value",), "which zone"),
        (on("before", 1_772_000_000_000), ("value",), "not the number"),
        (on("on", "2026-03-01T00:00:00Z"), ("value",), "takes a date"),
        (on("in_last", "7 days"), ("value",), "length of time"),
        (on("in_last", "0d"), ("value",), "length of time"),
        (on("in_last", "-1d"), ("value",), "length of time"),
        (on("in_last", "1y"), ("value",), "length of time"),
        (on("in_last", "36526d"), ("value",), "length of time"),
        (on("in_last", 7), ("value",), "length of time"),
        (on("anniversary_in_next", "367d"), ("value",), "whole days"),
        (on("anniversary_in_next", "36h"), ("value",), "whole days"),
        (on("in_calendar", "this_decade"), ("value",), "calendar word"),
        (on("matches", "("), ("value",), "missing )"),
        (on("matches", "(?=a)"), ("value",), "cannot be used"),
        (on("matches", r"(a)\1"), ("value",), "cannot be used"),
        (on("matches", "x{1001}"), ("value",), "cannot be used"),
        (on("matches", 5), ("value",), "regular expression as text"),
        (on("equals", "a", case_sensitive="yes"), ("case_sensitive",), "is true or false"),
        (on("equals", 1, case_sensitive=True), ("case_sensitive",), "no text is compared"),
        (on("in", [1], case_sensitive=True), ("case_sensitive",), "no text is compared"),
        (on("greater_than", 1, case_sensitive=True), ("case_sensitive",), "no text is compared"),
        ({"event": "login", "operator": "is_set"}, ("event",), "is an object"),
        (
            {"event": {"name": None, "measure": "count"}, "operator": "at_least", "value": 1},
            ("event", "name"),
            "is null",
        ),
        (
            {"event": {"name": "x", "measure": "change", "of": "a"}, "operator": "at_least", "value": 1},
            ("event",),
            "the window is a “last”",
        ),
        (
            {
                "event": {"name": "x", "measure": "change", "of": "a", "window": {"before": "1d"}},
                "operator": "at_least",
                "value": 1,
            },
            ("event", "window"),
            "the window is a “last”",
        ),
        (
            {"event": {"name": "x", "measure": "last_at"}, "operator": "held_for", "value": "1d"},
            ("operator",),
            "asks when a property of the profile changed",
        ),
        (
            {
                "event": {"name": "x", "measure": "any", "where": on("changed_in_last", "1d")},
                "operator": "equals",
                "value": True,
            },
            ("event", "where", "operator"),
            "asks when a property",
        ),
        (
            {
                "event": {"name": "x", "measure": "any", "where": {"sample": {"percent": 1}}},
                "operator": "equals",
                "value": True,
            },
            ("event", "where"),
            "“sample” has no place",
        ),
        (on("held_for", "forever"), ("value",), "takes a length of time"),
        ({"sequence": {}}, ("sequence",), "is a list of steps"),
        ({"sequence": [{"event": "a"}]}, ("sequence",), "2 to 20 steps; this one has 1"),
        ({"sequence": [{"event": "a"}] * 21}, ("sequence",), "this one has 21"),
        ({"sequence": ["a", {"event": "b"}]}, ("sequence", 0), "A step is an object"),
        ({"sequence": [{"name": "a"}, {"event": "b"}]}, ("sequence", 0), "with an “event”"),
        ({"sequence": [{"event": "a"}, {"event": 5}]}, ("sequence", 1, "event"), "is an object or a name"),
        ({"sequence": [{"event": ""}, {"event": "b"}]}, ("sequence", 0, "event", "name"), "is a name"),
        (
            {"sequence": [{"event": "a", "within": "1d"}, {"event": "b"}]},
            ("sequence", 0, "within"),
            "first step comes after nothing",
        ),
        (
            {"sequence": [{"event": "a"}, {"event": "b", "within": 7}]},
            ("sequence", 1, "within"),
            "takes a length of time",
        ),
        ({"sequence": [{"event": "a"}, {"event": "b", "after": "1d"}]}, ("sequence", 1, "after"), "Unknown key"),
        (
            {"sequence": [{"event": "a"}, {"event": {"name": "b", "measure": "count"}}]},
            ("sequence", 1, "event", "measure"),
            "Unknown key",
        ),
        (
            {"sequence": [{"event": "a"}, {"event": {"name": "b", "where": {"any": []}}}]},
            ("sequence", 1, "event", "where", "any"),
            "is empty",
        ),
        (
            {"sequence": [{"event": "a"}, {"event": {"name": "b", "where": {"segment": "s"}}}]},
            ("sequence", 1, "event", "where"),
            "no place inside “where”",
        ),
        ({"sequence": [{"event": "a"}, {"event": "b"}], "window": {"last": "?"}}, ("window", "last"), "length of time"),
        ({"sequence": [{"event": "a"}, {"event": "b"}], "operator": "is_set"}, ("operator",), "Unknown key"),
        ({"sample": 10}, ("sample",), "is an object"),
        ({"sample": {}}, ("sample",), "above 0 and at most 100"),
        ({"sample": {"percent": 0}}, ("sample", "percent"), "above 0 and at most 100"),
        ({"sample": {"percent": 100.1}}, ("sample", "percent"), "above 0 and at most 100"),
        ({"sample": {"percent": True}}, ("sample", "percent"), "above 0 and at most 100"),
        ({"sample": {"percent": float("nan")}}, ("sample", "percent"), "above 0 and at most 100"),
        ({"sample": {"percent": 10, "salt": 5}}, ("sample", "salt"), "is a name"),
        ({"sample": {"percent": 10, "seed": 5}}, ("sample", "seed"), "Unknown key"),
        ({"event": {"name": "x"}, "operator": "at_least", "value": 1}, ("event",), "“measure” is missing"),
        (
            {"event": {"name": "x", "measure": "avg"}, "operator": "at_least", "value": 1},
            ("event", "measure"),
            "no measure",
        ),
        ({"event": {"name": "x", "measure": "sum"}, "operator": "at_least", "value": 1}, ("event",), "“of” is missing"),
        (
            {"event": {"name": "x", "measure": "any", "of": "y"}, "operator": "equals", "value": True},
            ("event", "of"),
            "not taken of",
        ),
        (
            {"event": {"name": "x", "measure": "count"}, "operator": "contains", "value": "a"},
            ("operator",),
            "does not suit",
        ),
        (
            {"event": {"name": "x", "measure": "count"}, "operator": "equals", "value": "3"},
            ("value",),
            "takes a number",
        ),
        (
            {"event": {"name": "x", "measure": "any"}, "operator": "equals", "value": 1},
            ("value",),
            "takes true or false",
        ),
        (
            {"conversation": {"measure": "count", "name": "x"}, "operator": "at_least", "value": 1},
            ("conversation", "name"),
            "Unknown key",
        ),
        (
            {"conversation": {"measure": "count", "window": {"last": "1y"}}, "operator": "at_least", "value": 1},
            ("conversation", "window", "last"),
            "length of time",
        ),
        (
            {"conversation": {"measure": "count", "window": {}}, "operator": "at_least", "value": 1},
            ("conversation", "window"),
            "A window is one of",
        ),
        (
            {
                "conversation": {"measure": "count", "window": {"last": "1d", "before": "2d"}},
                "operator": "at_least",
                "value": 1,
            },
            ("conversation", "window"),
            "A window is one of",
        ),
        (
            {
                "conversation": {"measure": "count", "window": {"from": "2026-02-01", "to": "2026-01-01"}},
                "operator": "at_least",
                "value": 1,
            },
            ("conversation", "window", "from"),
            "ends before it starts",
        ),
        (
            {"conversation": {"measure": "count", "where": {"segment": "s"}}, "operator": "at_least", "value": 1},
            ("conversation", "where"),
            "no place inside “where”",
        ),
        (
            {"conversation": {"measure": "count", "where": {"any": []}}, "operator": "at_least", "value": 1},
            ("conversation", "where", "any"),
            "is empty",
        ),
    ],
)
def test_each_fault_has_its_path_and_its_words(document: object, path: tuple[str | int, ...], words: str) -> None:
    found = problem(document)
    assert found.path == path
    assert words in found.message


def test_all_faults_are_told_at_once() -> None:
    document = {"all": [{"any": []}, SET, on("matches", "("), {"not": {"property": "a", "operator": "is"}}], "x": 1}
    assert {each.path for each in problems(document)} == {
        ("x",),
        ("all", 0, "any"),
        ("all", 2, "value"),
        ("all", 3, "not", "operator"),
    }


def test_an_operator_that_does_not_suit_its_value_names_those_that_do() -> None:
    hint = problem(on("greater_than", "2026-01-01")).hint
    assert hint is not None
    assert {"equals", "before", "after", "on"} <= set(hint.split(": ")[1].rstrip(".").split(", "))
    assert "greater_than" not in hint
    assert "less_than" in (problem(on("contains", 5)).hint or "")


@pytest.mark.parametrize(
    ("wrong", "right"), [("equal", "equals"), ("greter_than", "greater_than"), ("is_empty", "is_set"), ("isin", "in")]
)
def test_a_misspelled_operator_is_put_right(wrong: str, right: str) -> None:
    hint = problem(on(wrong, 1)).hint or ""
    assert hint == f"Did you mean {right}?" or (right in hint and hint.startswith("One of"))


def test_an_operator_like_no_other_gets_the_whole_list() -> None:
    hint = problem(on("😀", 1)).hint or ""
    assert all(name in hint for name in OPERATORS)


# --- limits ---------------------------------------------------------------------------------------


def nested(levels: int, kind: str = "not") -> object:
    document: object = SET
    for _ in range(levels):
        document = {"not": document} if kind == "not" else {kind: [document]}
    return document


@pytest.mark.parametrize("kind", ["all", "any", "not"])
def test_32_levels_of_groups_are_read_and_the_33rd_is_not(kind: str) -> None:
    read_rule(nested(32, kind), LIMITS)
    found = problem(nested(33, kind))
    assert "rule_depth_max" in found.message
    assert len([step for step in found.path if step == kind]) == 32


def test_a_rule_ten_thousand_levels_deep_is_an_error_and_nothing_worse() -> None:
    assert "rule_depth_max" in problem(nested(10_000)).message
    assert (
        "rule_depth_max"
        in problem(
            {"event": {"name": "x", "measure": "count", "where": nested(10_000)}, "operator": "at_least", "value": 1}
        ).message
    )


def test_nodes_are_counted_and_reading_stops_at_the_limit() -> None:
    read_rule({"all": [SET] * 5_999}, LIMITS)
    assert "rule_nodes_max" in problem({"all": [SET] * 6_000}).message
    started = time.perf_counter()
    assert "rule_nodes_max" in problem({"all": [{"all": [SET] * 1_000}] * 1_000}).message
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (on("in", ["x"] * 10_001), "operand_values_max"),
        (on("matches", "a" * 1_001), "pattern_length_max"),
        (on("equals", "a" * 65_537), "text_length_max"),
        ({"property": "a" * 256, "operator": "is_set"}, "property_name_length_max"),
    ],
)
def test_each_limit_is_named_when_it_is_hit(document: object, name: str) -> None:
    assert name in problem(document).message


def test_what_is_just_within_the_limits_is_read() -> None:
    read_rule(on("in", [str(n) for n in range(10_000)]), LIMITS)
    read_rule(on("matches", "a" * 1_000), LIMITS)
    read_rule(on("equals", "a" * 65_536), LIMITS)


def test_a_thousand_faults_are_told_as_a_hundred_and_the_fact_that_there_are_more() -> None:
    told = problems({"all": [{}] * 1_000})
    assert len(told) == 101
    assert "more problems" in told[-1].message


def test_no_depth_can_be_allowed_that_python_could_not_walk() -> None:
    with pytest.raises(ValueError, match="rule_depth_max"):
        RuleLimits(depth_max=1_000)
    read_rule(nested(100), RuleLimits(depth_max=100))


# --- anything at all ------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "all",
        "any",
        "not",
        "property",
        "event",
        "conversation",
        "segment",
        "operator",
        "value",
        "case_sensitive",
        "name",
        "measure",
        "of",
        "window",
        "where",
        "last",
        "sequence",
        "within",
        "sample",
        "percent",
        "salt",
        "from",
        "to",
        "calendar",
        "count",
        "mean",
        "30d",
        "this_month",
        *OPERATORS,
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), below, max_size=5),
    max_leaves=25,
)


@settings(max_examples=500)
@given(ANYTHING)
def test_no_document_makes_the_reader_fail_in_any_other_way(document: object) -> None:
    try:
        read_rule(document, LIMITS)
    except InvalidRule as refusal:
        told = refusal.problems
        assert all(each.message for each in told)
