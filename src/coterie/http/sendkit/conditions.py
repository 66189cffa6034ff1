"""One condition of SendKit's grammar to a rule of ours, and to the form in which it is echoed.

The echo has five keys in SendKit's order: the value as it was sent, and for a property `field` and `property_id` both filled in. To add
an operator: `grammar.OPERATORS`, a line in the function of its type here, and one in `from_rule.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coterie.errors import CoterieError, InvalidValue, Path
from coterie.http.problem_collector import ProblemCollector
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.grammar import (
    ALL_OPERATORS,
    CONDITION_KEYS,
    OPERATORS,
    RESERVED,
    Context,
    Field,
    FieldType,
    field_of,
    fold_key,
)  # fmt: skip
from coterie.http.sendkit.operand import SentValue, as_uuid
from coterie.http.sendkit.wording import php_object
from coterie.model import Property
from coterie.rules.nodes import Any, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.operators import OPERATORS as RULE_OPERATORS

TYPES: Final = ("reserved", "property", "custom")
"""`custom` is another word for `property`, and is stored as that."""

_AS_OURS: Final = {"greater_than_or_equal": "at_least", "less_than_or_equal": "at_most"}


def read_condition(
    raw: object, path: Path, context: Context, problems: ProblemCollector
) -> tuple[Rule, dict[str, object]] | None:
    """The rule and the echo. None when the condition is at fault, which has then been recorded."""
    sent = problems.mapping(php_object(raw), CONDITION_KEYS, path)
    if sent is None:
        return None
    kind = problems.choice(sent, "type", TYPES, path=path, required=True)
    operator = _operator(sent, path, problems)
    field: Field | None = None
    shown: dict[str, object] = {
        "field": sent.get("field"),
        "type": kind,
        "operator": operator,
        "value": sent.get("value"),
    }
    if kind == "reserved":
        name = problems.choice(sent, "field", tuple(RESERVED), path=path, required=True)
        field = RESERVED[name] if name else None
        shown["property_id"] = None
    elif kind is not None and (item := _property(sent, path, context, problems)) is not None:
        field = field_of(item)
        shown |= {"field": sent.get("field") or item.name, "type": "property", "property_id": item.id}
    if field is None or operator is None:
        return None
    try:
        return _rule(field, operator, SentValue(sent.get("value"), (*path, "value"), context), path), shown
    except CoterieError as error:
        problems.add_error(error, error.path)
        return None


def _operator(sent: Mapping[str, object], path: Path, problems: ProblemCollector) -> str | None:
    raw = sent.get("operator")
    if isinstance(raw, str) and raw:
        return raw
    where = (*path, "operator")
    problems.add(f"The {dotted(where)} field {'must be a string' if 'operator' in sent else 'is required'}.", where)
    return None


def _property(sent: Mapping[str, object], path: Path, context: Context, problems: ProblemCollector) -> Property | None:
    """The property that `property_id` and `field` name between them. Null and the empty string name none."""
    by_id, key = sent.get("property_id") or None, sent.get("field") or None
    found: Property | None = None
    if by_id is not None:
        found = context.property_by_id(as_uuid(by_id) or "")
        if found is None:
            _unknown((*path, "property_id"), problems)
            return None
    if key is None:
        if found is None:
            problems.add(f"The {dotted((*path, 'field'))} field is required without property_id.", (*path, "field"))
        return found
    named = context.property_by_key(key) if isinstance(key, str) else None
    if named is None or not isinstance(key, str):
        _unknown((*path, "field"), problems)
        return None
    if found is not None and fold_key(found.name) != fold_key(key):
        where = (*path, "property_id")
        problems.add(f"The {dotted(where)} field names the property {found.name}, but field says {key}.", where)
        return None
    return found or named


def _unknown(where: Path, problems: ProblemCollector) -> None:
    problems.add(f"The {dotted(where)} field names no property.", where, "Properties are made with POST /properties.")


def _rule(field: Field, operator: str, value: SentValue, path: Path) -> Rule:
    suited = OPERATORS[field.type]
    if operator not in suited:
        what = f"does not suit a {field.type} field" if operator in ALL_OPERATORS else "is not known"
        raise InvalidValue(
            f"The operator {operator} {what}; use one of: {', '.join(suited)}.", path=(*path, "operator")
        )
    if operator in ("is_set", "is_not_set"):
        value.nothing()
        return PropertyCondition(field.name, operator)
    value.something()
    match field.type:
        case FieldType.TEXT:
            return _text_rule(field.name, operator, value)
        case FieldType.NUMBER:
            return _number_rule(field.name, operator, value)
        case FieldType.DATE:
            return _date_rule(field.name, operator, value)
        case FieldType.BOOLEAN:
            return _boolean_rule(field.name, operator, value)
        case FieldType.LIST | FieldType.SEGMENT:
            return _member_rule(operator, value, lists=field.type is FieldType.LIST)


def _text_rule(name: str, operator: str, value: SentValue) -> Rule:
    if operator in ("in", "not_in"):
        return PropertyCondition(name, operator, value.each(value.text))
    text = value.text(value.raw)
    if RULE_OPERATORS[operator].refuses_empty and not text:
        raise value.wrong("must not be empty for this operator", "Every text has the empty text in it; use is_set.")
    return PropertyCondition(name, operator, text)


def _number_rule(name: str, operator: str, value: SentValue) -> Rule:
    operand = value.each(value.number) if operator in ("in", "not_in") else value.number(value.raw)
    return PropertyCondition(name, _AS_OURS.get(operator, operator), operand)


def _date_rule(name: str, operator: str, value: SentValue) -> Rule:
    match operator:
        case "equals":
            return PropertyCondition(name, "on", value.day())
        case "not_equals":
            return Not(PropertyCondition(name, "on", value.day()))
        case "in_last_days" | "not_in_last_days":
            return PropertyCondition(name, operator.removesuffix("_days"), value.days())
        case _:
            return PropertyCondition(name, operator, value.when())


def _boolean_rule(name: str, operator: str, value: SentValue) -> Rule:
    """A contact of which nothing is known has not unsubscribed: absent is false, so both are asked as questions about true."""
    asks_for_true = value.boolean() == (operator == "equals")
    return PropertyCondition(name, "equals" if asks_for_true else "not_equals", True)


def _member_rule(operator: str, value: SentValue, *, lists: bool) -> Rule:
    read = value.list_id if lists else value.segment_id
    ids = value.each(read) if operator in ("in", "not_in") else (read(value.raw),)
    members = tuple(SegmentCondition(one) for one in dict.fromkeys(ids))
    rule = members[0] if len(members) == 1 else Any(members)
    return Not(rule) if operator.startswith("not_") else rule
