"""The twelve rule shapes, each with one operand left open (`x`), so that it can be edited.

`rule` is Coterie's JSON; `binds` are the values that the peers' queries of the same name bind. To
add a shape, add it here, a query of its name to each of the .sql files, and an expression to
`polars_expressions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.data import NOW
from coterie.rules.values import DAY, Instant

Binds = Mapping[str, object]


@dataclass(frozen=True)
class Shape:
    """`edits` are other operands for the condition with `x`, none of them asked before."""

    name: str
    sentence: str
    conditions: int
    rule: Callable[[Any], object]
    x: object
    edits: tuple[object, ...]
    binds: Callable[[Any], Binds] = field(default=lambda x: {"x": x})


def _is(name: str, operator: str, value: object) -> dict[str, object]:
    return {"property": name, "operator": operator, "value": value}


def _since(days: int) -> Instant:
    return Instant(NOW - days * DAY)


SHAPES = (
    Shape(
        "plan",
        "plan is x",
        1,
        lambda x: _is("plan", "equals", x),
        "enterprise",
        ("pro", "starter", "free"),
    ),
    Shape(
        "number",
        "mrr is greater than x",
        1,
        lambda x: _is("mrr", "greater_than", x),
        100.0,
        (150.5, 75.25, 20.0),
    ),
    Shape(
        "plan_and_number",
        "plan is pro and mrr is greater than x",
        2,
        lambda x: {"all": [_is("plan", "equals", "pro"), _is("mrr", "greater_than", x)]},
        100.0,
        (150.5, 75.25, 20.0),
    ),
    Shape(
        "in_and_between",
        "country is one of three and seats between 10 and x",
        2,
        lambda x: {"all": [_is("country", "in", ["DE", "AT", "CH"]), _is("seats", "between", [10, x])]},
        100.0,
        (50.0, 200.0, 75.0),
    ),
    Shape(
        "time_and_not",
        "seen in the last x days and not signed up in the last 90",
        2,
        lambda x: {"all": [_is("last_seen_at", "in_last", f"{x}d"), {"not": _is("signed_up_at", "in_last", "90d")}]},
        30,
        (7, 14, 60),
        lambda x: {"since": _since(x), "new": _since(90), "now": NOW},
    ),
    Shape(
        "any_of_three",
        "mrr at least x, or seats over 200, or plan is enterprise",
        3,
        lambda x: {
            "any": [_is("mrr", "at_least", x), _is("seats", "greater_than", 200), _is("plan", "equals", "enterprise")]
        },
        500.0,
        (750.0, 1000.0, 333.3),
    ),
    Shape(
        "email_contains",
        "email contains x",
        1,
        lambda x: _is("email", "contains", x),
        "gmail",
        ("yahoo", "mor", "ada.k"),
    ),
    Shape(
        "company_contains",
        "company contains x and plan is one of two and mrr above 0",
        3,
        lambda x: {
            "all": [
                _is("company", "contains", x),
                _is("plan", "in", ["pro", "enterprise"]),
                _is("mrr", "greater_than", 0),
            ]
        },
        "tech",
        ("labs", "ker", "health"),
    ),
    Shape(
        "email_regex",
        "email matches x",
        1,
        lambda x: _is("email", "matches", x),
        "^(info|sales)[0-9]+@",
        ("^[a-z]+\\.mor[a-z]*[0-9]+@", "-(tech|labs)\\.com$", "[0-9]{4}7@(gmail|yahoo)\\."),
    ),
    Shape(
        "tags_and_boolean",
        "tags include vip or x, and newsletter is on",
        2,
        lambda x: {"all": [_is("tags", "includes_any", ["vip", x]), _is("newsletter", "equals", True)]},
        "beta",
        ("press", "api", "student"),
    ),
    Shape(
        "nested_five",
        "country is US, plan is pro or (mrr between 50 and x and orders at least 3), and not source is ads",
        5,
        lambda x: {
            "all": [
                _is("country", "equals", "US"),
                {
                    "any": [
                        _is("plan", "equals", "pro"),
                        {"all": [_is("mrr", "between", [50, x]), _is("orders", "at_least", 3)]},
                    ]
                },
                {"not": _is("source", "equals", "ads")},
            ]
        },
        250.0,
        (100.0, 400.0, 333.3),
    ),
    Shape(
        "eight",
        "eight conditions: two texts, two numbers, a time, a boolean, a missing-or-not-young, a start",
        8,
        lambda x: {
            "all": [
                _is("plan", "in", ["starter", "pro", "enterprise"]),
                _is("country", "in", ["US", "GB", "CA", "AU"]),
                _is("mrr", "at_least", x),
                _is("orders", "at_least", 2),
                _is("last_seen_at", "in_last", "60d"),
                _is("newsletter", "equals", True),
                {"not": _is("age", "less_than", 25)},
                _is("city", "starts_with", "b"),
            ]
        },
        50.0,
        (75.5, 30.0, 120.0),
        lambda x: {"x": x, "since": _since(60), "now": NOW},
    ),
)
