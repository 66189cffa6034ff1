"""Translates a rule to Greenflash's `filters`, where the grammar can express it exactly. Pure.

Serves segments made elsewhere. A rule that the grammar cannot express is not approximated: answers
then hold the rule itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from coterie.http.greenflash.conditions import Scope, seen_within
from coterie.http.greenflash.grammar import (
    COUNT_OPERATORS,
    FLAGS,
    KEY,
    PRESETS,
    PROPERTY_OPERATORS,
    SCORE_OPERATORS,
    SCORES,
    SEEN_VALUE,
    Context,
    conversation_key,
    sent_key,
)  # fmt: skip
from coterie.http.greenflash.to_rule import PRODUCTS_MAX, RULES_MAX
from coterie.rules.names import UUID
from coterie.rules.nodes import (
    All,
    Any,
    Between,
    ConversationCondition,
    Duration,
    Last,
    Not,
    Overlap,
    PropertyCondition,
    Rule,
    Window,
)
from coterie.rules.operands import write_operand
from coterie.rules.values import DAY, Instant

Document = dict[str, object]


def _inverted(words: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({value: key for key, value in words.items()})


_FLAGS: Final = _inverted(FLAGS)
_SCORES: Final = _inverted(SCORES)
_SCORE_OPERATORS: Final = _inverted(SCORE_OPERATORS)
_COUNT_OPERATORS: Final = _inverted(COUNT_OPERATORS)
_PROPERTY_OPERATORS: Final = _inverted(PROPERTY_OPERATORS)
_DAYS: Final = MappingProxyType({days * DAY: word for word, days in PRESETS.items() if days is not None})


@dataclass(frozen=True, slots=True)
class ScopedRule:
    """A rule in Greenflash's grammar, and its scope; None for rules not on conversations."""

    rule: Document
    scope: Scope | None = None


def write_filters(rule: Rule, context: Context) -> Document | None:
    """`filters` that mean exactly what the rule means, or None."""
    children = rule.children if isinstance(rule, All) else (rule,)
    if len(children) > RULES_MAX:
        return None
    scoped_rules: list[ScopedRule] = []
    for child in children:
        scoped = _scoped_rule(child, context)
        if scoped is None:
            return None
        scoped_rules.append(scoped)
    scopes = {scoped.scope for scoped in scoped_rules if scoped.scope is not None}
    if len(scopes) > 1:
        return None
    bounds = _bounds(scopes.pop()) if scopes else {}
    return None if bounds is None else {"rules": [scoped.rule for scoped in scoped_rules], **bounds}


def _bounds(scope: Scope) -> Document | None:
    """`dateRange` and `productIds` for the scope, or None where they cannot express it."""
    dates = _dates(scope.window)
    if dates is None or len(scope.products) > PRODUCTS_MAX or not all(map(UUID.fullmatch, scope.products)):
        return None
    return {
        **({"dateRange": dates} if dates else {}),
        **({"productIds": list(scope.products)} if scope.products else {}),
    }


def _dates(window: Window) -> Document | None:
    match window:
        case None:
            return {}
        case Last(length) if length.milliseconds in _DAYS:
            return {"preset": _DAYS[length.milliseconds]}
        case Between(start, end):
            return {**_bound("from", start), **_bound("to", end)}
        case Overlap((Last() as rolling, Between() as fixed)) | Overlap((Between() as fixed, Last() as rolling)):
            preset = _dates(rolling)
            return None if preset is None else {**preset, **(_dates(fixed) or {})}
        case _:
            return None


def _bound(key: str, moment: Instant | date | None) -> Document:
    return {} if moment is None else {key: write_operand(moment)}


def _scoped_rule(rule: Rule, context: Context) -> ScopedRule | None:
    match rule:
        case PropertyCondition():
            return _property(rule, context)
        case ConversationCondition(measure="mean" | "count"):
            return _measure(rule)
        case ConversationCondition(measure="any" | "none"):
            return _quantifier(rule)
        case Not(child=ConversationCondition(measure="any" | "none") as child):
            return _quantifier(child, negated=True)
        case Any():
            return _last_seen(rule, "within")
        case Not(child=Any() as child):
            return _last_seen(child, "before")
        case _:
            return None


def _property(rule: PropertyCondition, context: Context) -> ScopedRule | None:
    key = sent_key(rule.property)
    key = rule.property if key is None else key
    if context.name_of_key(key) != rule.property or not KEY.fullmatch(key):
        return None
    words = _comparison(rule)
    return None if words is None else ScopedRule({"type": "property", "key": key, **words})


def _comparison(rule: PropertyCondition) -> Document | None:
    """`operator` and `value`."""
    operator = _PROPERTY_OPERATORS.get(rule.operator)
    if operator is None or rule.case_sensitive or not isinstance(rule.operand, str | float | bool):
        return None
    return {"operator": operator, "value": write_operand(rule.operand)}


def _measure(rule: ConversationCondition) -> ScopedRule | None:
    scope = _scope(rule.window, rule.where)
    if scope is None or not isinstance(rule.operand, float):
        return None
    value = write_operand(rule.operand)
    if rule.measure == "count":
        operator = _COUNT_OPERATORS.get(rule.operator)
        if operator is None or not rule.operand.is_integer() or rule.operand < 0:
            return None
        return ScopedRule({"type": "conversation_count", "operator": operator, "value": value}, scope)
    field, operator = _SCORES.get(rule.of or ""), _SCORE_OPERATORS.get(rule.operator)
    if field is None or operator is None:
        return None
    return ScopedRule({"type": "analysis", "field": field, "operator": operator, "value": value}, scope)


def _quantifier(rule: ConversationCondition, *, negated: bool = False) -> ScopedRule | None:
    """At least one conversation matches a condition, or none does."""
    if rule.operator not in ("equals", "not_equals") or not isinstance(rule.operand, bool):
        return None
    any_ = [rule.measure == "any", rule.operator == "equals", rule.operand, not negated].count(False) % 2 == 0
    condition, scope = _split(rule.where, rule.window)
    if condition is None or scope is None:
        return None
    flag = _FLAGS.get(condition.property)
    if flag is not None:
        plain = condition.operator == "equals" and condition.operand is True
        return ScopedRule({"type": "analysis_flag", "field": flag, "value": any_}, scope) if plain else None
    key, words = conversation_key(condition.property), _comparison(condition)
    if key is None or not KEY.fullmatch(key) or words is None or words["operator"] == "neq":
        return None
    if not any_:
        if words["operator"] != "eq":
            return None
        words["operator"] = "neq"
    return ScopedRule({"type": "conversation_property", "key": key, **words}, scope)


def _split(where: Rule | None, window: Window) -> tuple[PropertyCondition | None, Scope | None]:
    """The condition on a conversation and the scope beside it; None where either is missing."""
    match where:
        case PropertyCondition():
            return where, _scope(window, None)
        case All(children=(PropertyCondition() as condition, PropertyCondition() as product)):
            return condition, _scope(window, product)
        case _:
            return None, None


def _scope(window: Window, where: Rule | None) -> Scope | None:
    """The scope in canonical form, so that equal ones compare equal. None for any other `where`."""
    if isinstance(window, Last) and window.length.milliseconds in _DAYS:
        window = Last(Duration(window.length.milliseconds, _DAYS[window.length.milliseconds]))
    match where:
        case None:
            return Scope(window)
        case PropertyCondition("product_id", "in", tuple(ids), False):
            return Scope(
                window, tuple(dict.fromkeys(product_id.lower() for product_id in ids if isinstance(product_id, str)))
            )
        case PropertyCondition("product_id", "equals", str(product_id), False):
            return Scope(window, (product_id.lower(),))
        case _:
            return None


def _last_seen(rule: Any, operator: str) -> ScopedRule | None:
    """A `last_seen` rule from the three conditions of `conditions.seen_within`."""
    last = rule.children[-1]
    if not isinstance(last, PropertyCondition) or not isinstance(last.operand, Duration):
        return None
    length = last.operand
    if rule != seen_within(length) or not SEEN_VALUE.fullmatch(length.text):
        return None
    return ScopedRule({"type": "last_seen", "operator": operator, "value": length.text})
