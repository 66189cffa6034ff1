"""A `Context` for translations under test, and short ways to write and read filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput
from coterie.http.greenflash.grammar import Context
from coterie.http.greenflash.to_rule import read_filters
from coterie.http.greenflash.wording import Problems
from coterie.http.problem_paths import dotted
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Rule

PRODUCT = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
OTHER = "00000000-0000-4000-8000-000000000001"


def context_with(properties: Iterable[str] = (), zone: str = "UTC") -> Context:
    held = set(properties)
    return Context(ZoneInfo(zone), RuleLimits(), held.__contains__)


def read(filters: object, of: Context | None = None) -> Rule:
    """Raises InvalidInput with every problem."""
    problems = Problems()
    rule = read_filters(filters, ("filters",), of or context_with(), problems)
    problems.raise_if_any()
    assert rule is not None
    return rule


def problems_of(filters: object) -> dict[str, str]:
    """The sentence reported at each path."""
    try:
        read(filters)
    except InvalidInput as error:
        return {dotted(problem.path): f"{problem.message} {problem.hint or ''}".strip() for problem in error.problems}
    return {}


def filters_with(rule: Any, **scope: Any) -> dict[str, Any]:
    """Filters of one rule."""
    return {"rules": [rule], **scope}


def analysis(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "analysis", "field": field, "operator": operator, "value": value}


def flag(field: str, value: Any) -> dict[str, Any]:
    return {"type": "analysis_flag", "field": field, "value": value}


def prop(key: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "property", "key": key, "operator": operator, "value": value}


def conversation_prop(key: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "conversation_property", "key": key, "operator": operator, "value": value}


def count(operator: str, value: Any) -> dict[str, Any]:
    return {"type": "conversation_count", "operator": operator, "value": value}


def last_seen(operator: str, value: Any) -> dict[str, Any]:
    return {"type": "last_seen", "operator": operator, "value": value}
