"""Rules as Python expressions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from coterie.errors import InvalidRule
from coterie.rules.build import METHOD_NAMES, Property, conversation, event, prop, sample, segment, sequence
from coterie.rules.nodes import All, Any, Not, Rule
from coterie.rules.operators import OPERATORS
from coterie.rules.write import write_rule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
A, B, C = (prop(name).is_set() for name in "abc")


@pytest.mark.parametrize(
    ("rule", "operator", "value"),
    [
        (prop("x") == "a", "equals", "a"),
        (prop("x") == 1, "equals", 1),
        (prop("x") == True, "equals", True),  # noqa: E712 - this makes a rule
        (prop("x") != "a", "not_equals", "a"),
        (prop("x") > 1, "greater_than", 1),
        (prop("x") >= 1, "at_least", 1),
        (prop("x") < 1, "less_than", 1),
        (prop("x") <= 1, "at_most", 1),
        (1 < prop("x"), "greater_than", 1),  # noqa: SIM300 - Python turns it round for us
        (prop("x") > np.int64(1), "greater_than", 1),
        (prop("x") > np.float32(0.5), "greater_than", 0.5),
        (prop("x") > NOON, "after", "2026-03-01T12:00:00.000Z"),
        (prop("x") < NOON, "before", "2026-03-01T12:00:00.000Z"),
        (prop("x") >= NOON, "after", "2026-03-01T11:59:59.999Z"),
        (prop("x") <= NOON, "before", "2026-03-01T12:00:00.001Z"),
        (prop("x") == NOON, "between", ["2026-03-01T12:00:00.000Z"] * 2),
        (prop("x") > DAY, "after", "2026-03-01"),
        (prop("x") < DAY, "before", "2026-03-01"),
        (prop("x") >= DAY, "between", ["2026-03-01", "9999-12-31"]),
        (prop("x") <= DAY, "between", ["0001-01-01", "2026-03-01"]),
        (prop("x") == DAY, "on", "2026-03-01"),
        (prop("x").is_in(["a", "b"]), "in", ["a", "b"]),
        (prop("x").is_in("a", "b"), "in", ["a", "b"]),
        (prop("x").is_in("a"), "in", ["a"]),
        (prop("x").not_in(n for n in (1, 2)), "not_in", [1, 2]),
        (prop("x").between(1, 5), "between", [1, 5]),
        (prop("x").between([1, 5]), "between", [1, 5]),
        (prop("x").between(DAY, NOON), "between", ["2026-03-01", "2026-03-01T12:00:00.000Z"]),
        (prop("x").in_last("7d"), "in_last", "7d"),
        (prop("x").in_last(timedelta(days=7)), "in_last", "7d"),
        (prop("x").in_last(timedelta(minutes=90)), "in_last", "90m"),
        (prop("x").in_last(timedelta(seconds=90)), "in_last", "90s"),
        (prop("x").in_calendar("this_week"), "in_calendar", "this_week"),
        (prop("x").includes_all("a", "b"), "includes_all", ["a", "b"]),
    ],
)
def test_expressions_become_conditions(rule: Rule, operator: str, value: object) -> None:
    assert write_rule(rule) == {"property": "x", "operator": operator, "value": value}


def test_every_operator_is_a_method_with_its_summary() -> None:
    for name, operator in OPERATORS.items():
        method = getattr(Property, METHOD_NAMES[name])
        assert method.__doc__ == operator.summary
        assert method.__name__ == METHOD_NAMES[name]


def test_conditions_without_a_value_and_with_case() -> None:
    assert write_rule(prop("x").is_not_set()) == {"property": "x", "operator": "is_not_set"}
    assert write_rule(prop("x").contains("A", case_sensitive=True))["case_sensitive"] is True


def test_rules_combine_into_flat_groups() -> None:
    assert (A & B & C) == All((A, B, C)) == (A & (B & C))
    assert Any((A, B, C)) == (A | B | C)
    assert All((A, Any((B, C)))) == (A & (B | C))
    assert Not(All((A, B))) == ~(A & B)
    assert ~~A == A


def test_not_on_a_day_holds_for_those_who_have_no_day() -> None:
    assert (prop("x") != DAY) == Not(prop("x") == DAY)


def test_segments_are_conditions() -> None:
    assert write_rule(segment("s") & A) == {"all": [{"segment": "s"}, {"property": "a", "operator": "is_set"}]}


ORDERS = event("order_placed")


@pytest.mark.parametrize(
    ("rule", "subject", "operator", "value"),
    [
        (
            ORDERS.where(prop("total") > 50).last("30d").count() >= 3,
            {
                "measure": "count",
                "window": {"last": "30d"},
                "where": {"property": "total", "operator": "greater_than", "value": 50},
            },
            "at_least",
            3,
        ),
        (
            ORDERS.where(A).where(B).count() == 0,
            {"measure": "count", "where": {"all": [write_rule(A), write_rule(B)]}},
            "equals",
            0,
        ),
        (ORDERS.sum("total") > 100, {"measure": "sum", "of": "total"}, "greater_than", 100),
        (
            ORDERS.before(timedelta(days=30)).mean("total").between(1, 2),
            {"measure": "mean", "of": "total", "window": {"before": "30d"}},
            "between",
            [1, 2],
        ),
        (ORDERS.min("total") < np.float64(0.5), {"measure": "min", "of": "total"}, "less_than", 0.5),
        (ORDERS.max("total") != 5, {"measure": "max", "of": "total"}, "not_equals", 5),
        (
            ORDERS.between(DAY, NOON).distinct("sku") >= 2,
            {"measure": "distinct", "of": "sku", "window": {"from": "2026-03-01", "to": "2026-03-01T12:00:00.000Z"}},
            "at_least",
            2,
        ),
        (
            ORDERS.since(DAY).until(DAY).count() >= 2,
            {"measure": "count", "window": {"from": "2026-03-01", "to": "2026-03-01"}},
            "at_least",
            2,
        ),
        (ORDERS.first_value("plan") == "pro", {"measure": "first", "of": "plan"}, "equals", "pro"),
        (
            ORDERS.last_value("plan").contains("P", case_sensitive=True),
            {"measure": "last", "of": "plan"},
            "contains",
            "P",
        ),
        (ORDERS.first_at() > NOON, {"measure": "first_at"}, "after", "2026-03-01T12:00:00.000Z"),
        (ORDERS.last_at().more_than_ago("90d"), {"measure": "last_at"}, "more_than_ago", "90d"),
        (
            ORDERS.last("7d").change("total") > 0,
            {"measure": "change", "of": "total", "window": {"last": "7d"}},
            "greater_than",
            0,
        ),
        (ORDERS.calendar("this_month").any(), {"measure": "any", "window": {"calendar": "this_month"}}, "equals", True),
        (ORDERS.none(), {"measure": "none"}, "equals", True),
    ],
)
def test_events_become_conditions(rule: Rule, subject: object, operator: str, value: object) -> None:
    written = write_rule(rule)
    cased = {"case_sensitive": True} if operator == "contains" else {}
    assert written == {"event": {"name": "order_placed", **subject}, "operator": operator, "value": value, **cased}  # type: ignore[dict-item]  # a dict


def test_conversations_events_of_any_name_sequences_and_samples() -> None:
    assert write_rule(conversation().mean("commercial_intent") >= 0.6) == {
        "conversation": {"measure": "mean", "of": "commercial_intent"},
        "operator": "at_least",
        "value": 0.6,
    }
    assert write_rule(event().count() > 1)["event"] == {"measure": "count"}
    assert write_rule(conversation().mean("cqi").is_not_set()) == {
        "conversation": {"measure": "mean", "of": "cqi"},
        "operator": "is_not_set",
    }
    assert write_rule(sequence("a", event("b").where(A).within("7d"), event("a"), since=DAY)) == {
        "sequence": [
            {"event": {"name": "a"}},
            {"event": {"name": "b", "where": write_rule(A)}, "within": "7d"},
            {"event": {"name": "a"}},
        ],
        "window": {"from": "2026-03-01"},
    }
    assert write_rule(sample(10, salt="x")) == {"sample": {"percent": 10, "salt": "x"}}
    assert write_rule((event("a").any() | A) & ~sample(5))["all"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: event(""),
        lambda: event("a").last("30 days").count() > 1,
        lambda: event("a").last("30d").before("7d"),
        lambda: event("a").last("30d").since(DAY),
        lambda: event("a").since(DAY).since(DAY),
        lambda: event("a").where(True),
        lambda: event("a").where(event("b").any()).count() > 1,
        lambda: event("a").where(prop("x").held_for("1d")).count() > 1,
        lambda: event("a").count() == "three",
        lambda: event("a").count().held_for("1d"),
        lambda: event("a").change("x") > 1,
        lambda: event("a").sum("") > 1,
        lambda: sequence("a"),
        lambda: sequence("a", conversation()),
        lambda: sequence("a", 5),
        lambda: sequence(event("a").within("7d"), "b"),
        lambda: sequence("a", event("b").last("7d")),
        lambda: sequence("a", "b", last="7d", before="7d"),
        lambda: sample(0),
        lambda: sample(101),
        lambda: sample(10, salt=5),
    ],
)
def test_mistakes_about_what_happened_are_invalid_rules(wrong: Callable[[], Rule]) -> None:
    with pytest.raises(InvalidRule):
        write_rule(wrong())


def test_what_is_not_measured_yet_is_no_rule() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(event("a"))
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(event("a").count())
    with pytest.raises(TypeError, match="not with another subject"):
        event("a").count() == event("b").count()  # noqa: B015 - the mistake under test


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: bool(A), "Combine rules with & | ~"),
        (lambda: A and B, "instead of `and`"),
        (lambda: not A, "instead of `and`"),
        (lambda: 1 < prop("x") < 5, "x.between"),
        (lambda: bool(prop("x")), "is_set"),
        (lambda: prop("x") == 1 & prop("y") == 2, "brackets around each comparison"),
        (lambda: prop("x") == "a" | prop("y"), "brackets around each comparison"),
        (lambda: prop("x") == None, "is_not_set"),  # noqa: E711 - the mistake under test
        (lambda: prop("x") != None, "is_set"),  # noqa: E711
        (lambda: prop("x") == ["a"], "is_in"),
        (lambda: prop("x") == prop("y"), "not with another subject"),
        (lambda: A & True, "unsupported operand"),
        (lambda: prop("x").is_set(1), "takes no value"),
        (lambda: prop("x").between(), "a low and a high end"),
        (lambda: prop("x").contains("a", "b"), "takes one value"),
        (lambda: prop("x").contains(None), "takes one value"),
        (lambda: {prop("x")}, "unhashable"),
    ],
)
def test_mistakes_of_python_are_told_as_such(wrong: object, words: str) -> None:
    with pytest.raises(TypeError, match=words.replace("|", r"\|")):
        wrong()  # type: ignore[operator]  # a lambda


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: prop(""),
        lambda: prop(5),
        lambda: segment(""),
        lambda: prop("x") > "a",
        lambda: prop("x") == 2**53 + 1,
        lambda: prop("x").contains(""),
        lambda: prop("x").contains(5),
        lambda: prop("x").is_in([]),
        lambda: prop("x").is_in(["a", 1]),
        lambda: prop("x").matches("("),
        lambda: prop("x").in_last(7),
        lambda: prop("x").in_last(timedelta(0)),
        lambda: prop("x").in_last(timedelta(milliseconds=1)),
        lambda: prop("x").between(5, 1),
        lambda: prop("x").greater_than(1, case_sensitive=True),
        lambda: prop("x") == {"a": 1},
    ],
)
def test_mistakes_of_meaning_are_invalid_rules_as_they_are_in_json(wrong: object) -> None:
    with pytest.raises(InvalidRule):
        wrong()  # type: ignore[operator]  # a lambda


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(Exception, match="has no time zone"):
        prop("x").before(datetime(2026, 3, 1))  # noqa: DTZ001 - the mistake under test
