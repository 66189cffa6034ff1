"""Rules as Python expressions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from coterie.errors import InvalidRule
from coterie.rules.build import METHOD_NAMES, Property, prop, segment
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
        (lambda: prop("x") == prop("y"), "not with another property"),
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
