"""One condition of SendKit's grammar to a rule of ours, and to the form in which it is echoed.

The echo has five keys in SendKit's order: the value as it was sent, and for a property both `field`
and `property_id`. To add an operator, add it to `grammar.OPERATORS`, to the function of its type
here, and to `from_rule.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coterie.http.sendkit.grammar import (
    ALL_OPERATORS,
    CONDITION_TYPES,
    OPERATORS,
    RESERVED,
    Context,
    Field,
    FieldType,
    field_of,
    fold_key,
)  # fmt: skip
from coterie.http.sendkit.operand import SentValue
from coterie.http.sendkit.wording import Problems, wrong
from coterie.model import Property
from coterie.rules.names import canonical_uuid
from coterie.rules.nodes import Any, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.operators import OPERATORS as RULE_OPERATORS

Echo = dict[str, object]

_AS_OURS: Final = {"greater_than_or_equal": "at_least", "less_than_or_equal": "at_most"}


def read_condition(sent: Mapping[str, object], context: Context, problems: Problems) -> tuple[Rule, Echo] | None:
    """Return the rule and the echo of a condition, or add what is wrong with it and return None.

    The shape has already reported a `type` or an `operator` that is wrong by itself.
    """
    kind, operator, raw_field = sent.get("type"), sent.get("operator"), sent.get("field")
    echo: Echo = {
        "field": raw_field,
        "type": kind,
        "operator": operator,
        "value": sent.get("value"),
        "property_id": None,
    }
    if kind == "reserved":
        field = _reserved_field(sent, problems)
    elif kind in CONDITION_TYPES and (item := _property(sent, context, problems)) is not None:
        field = field_of(item)
        echo |= {"field": raw_field or item.name, "type": "property", "property_id": item.id}
    else:
        field = None
    if field is None or not isinstance(operator, str) or not operator:
        return None
    if not _suits(operator, field, problems):
        return None
    with problems.collect("value"):
        return _rule(field, operator, SentValue(sent.get("value"), context)), echo
    return None


def _reserved_field(sent: Mapping[str, object], problems: Problems) -> Field | None:
    name = sent.get("field")
    if isinstance(name, str) and name in RESERVED:
        return RESERVED[name]
    problems.add_predicate(f"must be one of: {', '.join(RESERVED)}" if "field" in sent else "is required", "field")
    return None


def _property(sent: Mapping[str, object], context: Context, problems: Problems) -> Property | None:
    """The property named by `property_id`, by `field`, or by both.

    Null and the empty string name none.
    """
    property_id, key = sent.get("property_id") or None, sent.get("field") or None
    by_id = context.property_by_id(canonical_uuid(property_id) or "")
    if property_id is not None and by_id is None:
        _add_unknown_property("property_id", problems)
        return None
    if key is None:
        if by_id is None:
            problems.add_predicate("is required without property_id", "field")
        return by_id
    by_key = context.property_by_key(key) if isinstance(key, str) else None
    if by_key is None:
        _add_unknown_property("field", problems)
        return None
    if by_id is not None and fold_key(by_id.name) != fold_key(by_key.name):
        problems.add_predicate(f"names the property {by_id.name}, but field says {key}", "property_id")
        return None
    return by_id or by_key


def _add_unknown_property(key: str, problems: Problems) -> None:
    problems.add_predicate("names no property", key, hint="Properties are made with POST /properties.")


def _suits(operator: str, field: Field, problems: Problems) -> bool:
    suited = OPERATORS[field.type]
    if operator in suited:
        return True
    what = f"does not suit a {field.type} field" if operator in ALL_OPERATORS else "is not known"
    problems.add(f"The operator {operator} {what}; use one of: {', '.join(suited)}.", ("operator",))
    return False


def _rule(field: Field, operator: str, value: SentValue) -> Rule:
    if operator in ("is_set", "is_not_set"):
        value.require_none()
        return PropertyCondition(field.name, operator)
    value.require()
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
        raise wrong("must not be empty for this operator", "Every text has the empty text in it; use is_set.")
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
            return PropertyCondition(name, operator, value.date_or_instant())


def _boolean_rule(name: str, operator: str, value: SentValue) -> Rule:
    """A missing value means false, so both questions are asked about true."""
    asks_for_true = value.boolean() == (operator == "equals")
    return PropertyCondition(name, "equals" if asks_for_true else "not_equals", True)


def _member_rule(operator: str, value: SentValue, *, lists: bool) -> Rule:
    read = value.list_id if lists else value.segment_id
    ids = value.each(read) if operator in ("in", "not_in") else (read(value.raw),)
    members = tuple(SegmentCondition(segment_id) for segment_id in dict.fromkeys(ids))
    rule = members[0] if len(members) == 1 else Any(members)
    return Not(rule) if operator.startswith("not_") else rule
