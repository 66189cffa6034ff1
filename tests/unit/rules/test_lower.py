"""Lowering keeps the meaning, and gives equal leaves to equal meanings."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from coterie.errors import NotYet
from coterie.rules.build import prop, segment
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import (
    And,
    BooleanIs,
    Complement,
    IsSet,
    ListIncludes,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    TextIn,
    TextMatch,
    TimeAround,
    TimeRange,
)  # fmt: skip
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, ConversationCondition, EventCondition, Not, Rule
from coterie.rules.values import Value
from tests.strategies import SEGMENTS, moments, profiles, rules
from tests.unit.rules.views import View, kernel_holds

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


@settings(max_examples=1_000)
@given(rules(), profiles(), moments())
def test_the_lowered_rule_means_what_the_law_says(rule: Rule, profile: Mapping[str, Value], moment: Moment) -> None:
    view = View(profile, SEGMENTS[:1])
    assert kernel_holds(lower(rule, moment.zone), view, moment) is evaluate(rule, view, moment)


@given(rules(), moments())
def test_lowering_is_canonical(rule: Rule, moment: Moment) -> None:
    def check(lowered: object) -> None:
        match lowered:
            case And(children) | Or(children):
                assert len(set(children)) == len(children) > 1
                assert not any(type(child) is type(lowered) for child in children)
                for child in children:
                    check(child)
            case Complement(child):
                assert not isinstance(child, Complement)
                check(child)

    check(lower(rule, moment.zone))
    assert lower(Not(Not(rule)), moment.zone) == lower(rule, moment.zone)
    assert lower(All((rule,)), moment.zone) == lower(Any((rule,)), moment.zone) == lower(rule, moment.zone)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (prop("plan") == "Pro", prop("plan").is_in(["PRO", "pro"])),
        (prop("plan").is_in(["a", "b"]), prop("plan").is_in(["B", "a", "A"])),
        (prop("n") == 1, prop("n").between(1, 1)),
        (prop("t").in_last("7d"), prop("t").in_last("1w")),
        (prop("t").in_last("24h"), prop("t").in_last("1d")),
        (prop("t").on("2026-03-01"), prop("t").between("2026-03-01", "2026-03-01")),
        (prop("t").before("2026-03-01"), prop("t").before("2026-02-28T23:00:00Z")),
        (prop("tags").includes_any("a"), prop("tags").includes_all("A")),
        (prop("plan") != "pro", ~(prop("plan") == "pro")),
        (prop("x").is_not_set(), ~prop("x").is_set()),
    ],
)
def test_conditions_that_mean_the_same_are_equal_when_lowered(one: Rule, other: Rule) -> None:
    assert lower(one, BERLIN) == lower(other, BERLIN)


def test_values_that_python_calls_equal_are_told_apart() -> None:
    assert lower(prop("x") == True, UTC) == BooleanIs("x", True)  # noqa: E712 - this makes a rule
    assert lower(prop("x") == 1, UTC) == NumberIn("x", frozenset({1.0}))
    assert len(leaves(lower((prop("x") == True) | (prop("x") == 1), UTC))) == 2  # noqa: E712 - this makes a rule


@pytest.mark.parametrize(
    ("rule", "leaf"),
    [
        (prop("p").contains("AB"), TextMatch("p", "contains", "ab")),
        (prop("p").contains("AB", case_sensitive=True), TextMatch("p", "contains", "AB", cased=True)),
        (prop("p").matches("AB"), TextMatch("p", "regex", "AB")),
        (prop("p") == "ΣΑΣ", TextIn("p", frozenset({"σασ"}))),
        (prop("p") > 5, NumberRange("p", low=5.0, open_low=True)),
        (prop("p") <= 5, NumberRange("p", high=5.0)),
        (prop("p").between(1, 2), NumberRange("p", 1.0, 2.0)),
        (prop("p").in_last("1s"), TimeAround("p", -999, 0)),
        (prop("p").more_than_ago("1s"), TimeAround("p", None, -1_000)),
        (prop("p").in_next("1s"), TimeAround("p", 1, 1_000)),
        (prop("p").before("1970-01-02"), TimeRange("p", None, 86_399_999)),
        (prop("p").after("1970-01-02"), TimeRange("p", 2 * 86_400_000, None)),
        (prop("p").includes_none("A", "b"), Complement(ListIncludes("p", frozenset({"a", "b"}), every=False))),
        (prop("p").is_not_set(), Complement(IsSet("p"))),
        (segment("s"), MemberOf("s")),
    ],
)
def test_each_operator_has_its_shape(rule: Rule, leaf: object) -> None:
    assert lower(rule, UTC) == leaf


def test_twins_share_a_leaf() -> None:
    either = (prop("plan") == "pro") | (prop("plan") != "pro")
    assert leaves(lower(either, UTC)) == {TextIn("plan", frozenset({"pro"}))}


@pytest.mark.parametrize(
    "condition", [EventCondition("order", "count", "at_least", 1.0), ConversationCondition("count", "at_least", 1.0)]
)
def test_events_and_conversations_are_not_evaluated_yet_wherever_they_stand(condition: Rule) -> None:
    for rule in (
        condition,
        Not(condition),
        All((prop("x").is_set(), condition)),
        Any((prop("x").is_not_set(), condition)),
    ):
        with pytest.raises(NotYet):
            lower(rule, UTC)
        with pytest.raises(NotYet):
            evaluate(rule, View(), Moment(0, UTC))  # type: ignore[arg-type]  # any instant
