"""The twelve shapes as Polars expressions over the prepared frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polars import Expr, col

Make = Callable[[Mapping[str, Any]], Expr]


def _no(condition: Expr) -> Expr:
    """The complement: true where the value is missing."""
    return ~condition.fill_null(False)


EXPRESSIONS: Mapping[str, Make] = {
    "plan": lambda b: col("plan") == b["x"],
    "number": lambda b: col("mrr") > b["x"],
    "plan_and_number": lambda b: (col("plan") == "pro") & (col("mrr") > b["x"]),
    "in_and_between": lambda b: col("country").is_in(["de", "at", "ch"]) & col("seats").is_between(10, b["x"]),
    "time_and_not": lambda b: (
        (col("last_seen_at") > b["since"])
        & (col("last_seen_at") <= b["now"])
        & _no((col("signed_up_at") > b["new"]) & (col("signed_up_at") <= b["now"]))
    ),
    "any_of_three": lambda b: (col("mrr") >= b["x"]) | (col("seats") > 200) | (col("plan") == "enterprise"),
    "email_contains": lambda b: col("email").str.contains(b["x"], literal=True),
    "company_contains": lambda b: (
        col("company").str.contains(b["x"], literal=True) & col("plan").is_in(["pro", "enterprise"]) & (col("mrr") > 0)
    ),
    "email_regex": lambda b: col("email").str.contains(b["x"]),
    "tags_and_boolean": lambda b: (
        (col("tags").list.contains("vip") | col("tags").list.contains(b["x"])) & col("newsletter")
    ),
    "nested_five": lambda b: (
        (col("country") == "us")
        & ((col("plan") == "pro") | (col("mrr").is_between(50, b["x"]) & (col("orders") >= 3)))
        & _no(col("source") == "ads")
    ),
    "eight": lambda b: (
        col("plan").is_in(["starter", "pro", "enterprise"])
        & col("country").is_in(["us", "gb", "ca", "au"])
        & (col("mrr") >= b["x"])
        & (col("orders") >= 2)
        & (col("last_seen_at") > b["since"])
        & (col("last_seen_at") <= b["now"])
        & col("newsletter")
        & _no(col("age") < 25)
        & col("city").cast(str).str.starts_with("b")
    ),
}
