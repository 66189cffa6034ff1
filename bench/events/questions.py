"""Five rules over events, each with an edit of it.

`rule` is Coterie's JSON. The peers' queries are in `duckdb.sql` and `polars_frames.py`, under the
same names, with the same two numbers bound: `x`, the threshold, and `days`, the length of the
window (0: all time).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """The threshold and the window of one asking."""

    x: float
    days: int


@dataclass(frozen=True)
class Question:
    name: str
    sentence: str
    rule: Callable[[Asked], Mapping[str, Any]]
    asked: Asked
    edited: Asked


def _window(asked: Asked) -> dict[str, Any]:
    return {"window": {"last": f"{asked.days}d"}} if asked.days else {}


def _ordered(asked: Asked, measure: str, **more: Any) -> dict[str, Any]:
    return {"event": {"name": "order_placed", "measure": measure, **_window(asked), **more}}


QUESTIONS = (
    Question(
        "count_window",
        "ordered at least 2 times in 30 days",
        lambda a: {**_ordered(a, "count"), "operator": "at_least", "value": a.x},
        Asked(2, 30),
        Asked(3, 30),
    ),
    Question(
        "count_all_time",
        "ordered at least 5 times, ever",
        lambda a: {**_ordered(a, "count"), "operator": "at_least", "value": a.x},
        Asked(5, 0),
        Asked(6, 0),
    ),
    Question(
        "sum_where",
        "spent at least 100 on category-0 in 90 days",
        lambda a: {
            **_ordered(
                a, "sum", of="total", where={"property": "category", "operator": "equals", "value": "category-0"}
            ),
            "operator": "at_least",
            "value": a.x,
        },
        Asked(100, 90),
        Asked(150, 90),
    ),
    Question(
        "did_not",
        "has not logged in for 14 days",
        lambda a: {
            "event": {"name": "login", "measure": "count", **_window(a)},
            "operator": "less_than",
            "value": a.x,
        },
        Asked(1, 14),
        Asked(1, 21),
    ),
    Question(
        "sequence",
        "put into the cart, then ordered within 7 days, in 90 days",
        lambda a: {
            "sequence": [
                {"event": {"name": "cart_added"}},
                {"event": {"name": "order_placed"}, "within": f"{int(a.x)}d"},
            ],
            **_window(a),
        },
        Asked(7, 90),
        Asked(3, 90),
    ),
)
BY_NAME = {question.name: question for question in QUESTIONS}
