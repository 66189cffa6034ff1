"""Translates Greenflash's `filters` to a rule. Pure; `Context` is all it needs of the workspace.

All rules must match. `dateRange` and `productIds` bound the conversations that the rules on
conversations look at. Every problem in a document is reported with its path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from coterie.errors import Path
from coterie.http.greenflash.conditions import Scope, read_condition
from coterie.http.greenflash.grammar import DATE_KEYS, FILTER_KEYS, PRESETS, Context
from coterie.http.greenflash.wording import Problems
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.names import UUID
from coterie.rules.nodes import All, Between, Duration, Last, Overlap, Rule, Window
from coterie.rules.operands import describe_json, never
from coterie.rules.values import DAY, Instant

RULES_MAX: Final = 100
PRODUCTS_MAX: Final = 1_000
_INTEGER_MAX: Final = 2**63


def read_filters(raw: object, path: Path, context: Context, problems: Problems) -> Rule | None:
    """The rule, or None after reporting what is wrong with the document."""
    before = len(problems)
    filters = problems.mapping(raw, FILTER_KEYS, path)
    if filters is None:
        return None
    scope = Scope(_window(filters, path, context, problems), _products(filters, path, problems))
    rules = [
        read_condition(rule, (*path, "rules", place), scope, context, problems)
        for place, rule in enumerate(_rules(filters, path, problems))
    ]
    if len(problems) > before:
        return None
    return joined([rule for rule in rules if rule is not None])


def joined(rules: Sequence[Rule]) -> Rule:
    """All of the rules. A single one stays as it is, so that its sentence has no empty words."""
    return rules[0] if len(rules) == 1 else All(tuple(rules))


def echo(sent: object) -> object:
    """`sent` as it is stored to be answered again. Whole numbers past 64 bits become doubles."""
    match sent:
        case dict():
            return {key: echo(value) for key, value in sent.items()}
        case list():
            return [echo(value) for value in sent]
        case int() if not -_INTEGER_MAX <= sent < _INTEGER_MAX:
            return float(sent)
        case _:
            return sent


def _rules(filters: Mapping[str, object], path: Path, problems: Problems) -> list[object]:
    raw, where = filters.get("rules"), (*path, "rules")
    if "rules" not in filters:
        problems.add("`rules` is required.", where)
    elif not isinstance(raw, list):
        problems.add(f"`rules` must be an array, not {describe_json(raw)}.", where)
    elif not 1 <= len(raw) <= RULES_MAX:
        problems.add(f"`rules` must have from 1 to {RULES_MAX} rules, not {len(raw)}.", where)
    else:
        return raw
    return []


def _products(filters: Mapping[str, object], path: Path, problems: Problems) -> tuple[str, ...]:
    if "productIds" not in filters:
        return ()
    raw, where = filters["productIds"], (*path, "productIds")
    if not isinstance(raw, list):
        problems.add(f"`productIds` must be an array, not {describe_json(raw)}.", where)
        return ()
    if not 1 <= len(raw) <= PRODUCTS_MAX:
        hint = "Leave `productIds` out to mean every product." if not raw else None
        problems.add(f"`productIds` must have from 1 to {PRODUCTS_MAX} ids, not {len(raw)}.", where, hint)
    products: dict[str, None] = {}
    for place, product_id in enumerate(raw[:PRODUCTS_MAX]):
        if isinstance(product_id, str) and UUID.fullmatch(product_id):
            products[product_id.lower()] = None
        else:
            problems.add(f"A product's id is a UUID, not {describe_json(product_id)}.", (*where, place))
    return tuple(products)


def _window(filters: Mapping[str, object], path: Path, context: Context, problems: Problems) -> Window:
    if "dateRange" not in filters:
        return None
    where = (*path, "dateRange")
    sent = problems.mapping(filters["dateRange"], DATE_KEYS, where)
    if sent is None:
        return None
    word = problems.choice(sent, "preset", PRESETS, where)
    days = PRESETS[word] if word is not None else None
    rolling = Last(Duration(days * DAY, f"{days}d")) if days is not None else None
    fixed = _fixed(sent, where, context, problems)
    if rolling is not None and fixed is not None:
        return Overlap((rolling, fixed))
    return rolling or fixed


def _fixed(sent: Mapping[str, object], path: Path, context: Context, problems: Problems) -> Between | None:
    start, end = (_moment(sent, key, path, context, problems) for key in ("from", "to"))
    if start is None and end is None:
        return None
    if start is not None and end is not None and never(start, end):
        problems.add("`to` comes before `from`.", (*path, "to"))
    return Between(start, end)


def _moment(
    sent: Mapping[str, object], key: str, path: Path, context: Context, problems: Problems
) -> Instant | date | None:
    """A bare date is the whole day. A time without an offset is in the workspace's zone."""
    if key not in sent:
        return None
    raw = sent[key]
    if isinstance(raw, str):
        day = parse_date(raw)
        if day is not None:
            return day
        clock = parse_clock(raw)
        at = to_instant(clock, context.zone) if clock is not None else None
        if at is not None:
            return at
    problems.add(
        f"`{key}` must be a date or an instant in ISO 8601, not {describe_json(raw)}.",
        (*path, key),
        "Such as 2026-03-01 or 2026-03-01T09:30:00Z.",
    )
    return None
