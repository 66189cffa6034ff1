"""A rule of ours to SendKit's filters, where the grammar can express it exactly. Pure.

Segments that were made elsewhere, in our own API or by the library, are answered this way. Nothing
is approximated: a segment that the grammar cannot express becomes the condition "is in the segment
with this id" (`opaque`), which the grammar accepts back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from coterie.http.sendkit.grammar import (
    CONDITIONS_MAX,
    DAYS_MAX,
    GROUPS_MAX,
    OPERATORS,
    RESERVED,
    Context,
    Field,
    FieldType,
    field_of,
    opposite,
)  # fmt: skip
from coterie.http.sendkit.operand import VALUES_MAX
from coterie.rules.nodes import All, Any, Duration, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.values import DAY, Instant, json_number

Condition = dict[str, object]
Group = tuple[str, Sequence[Rule]]

_NUMBER_WORDS: Final = {"at_least": "greater_than_or_equal", "at_most": "less_than_or_equal"}
_DATE_WORDS: Final = {
    "on": "equals", "before": "before", "after": "after", "in_last": "in_last_days", "not_in_last": "not_in_last_days",
}  # fmt: skip


def opaque(segment_id: str) -> dict[str, object]:
    """The document of a segment that the grammar cannot express."""
    condition = _condition("segment", "reserved", "equals", segment_id, None)
    return {"match_type": "all", "filters": {"groups": [{"match_type": "all", "conditions": [condition]}]}}


def write_definition(rule: Rule, context: Context) -> dict[str, object] | None:
    """`match_type` and `filters` with exactly the meaning of the rule, or None."""
    match_type, groups = _groups(rule)
    if len(groups) > GROUPS_MAX:
        return None
    written = []
    for group_match_type, rules in groups:
        conditions = [write_condition(child, context) for child in rules]
        if len(conditions) > CONDITIONS_MAX or None in conditions:
            return None
        written.append({"match_type": group_match_type, "conditions": conditions})
    return {"match_type": match_type, "filters": {"groups": written}}


def _groups(rule: Rule) -> tuple[str, list[Group]]:
    """The two levels of a rule. Conditions beside groups become groups, joined as they were."""
    if not isinstance(rule, All | Any):
        return "all", [("all", [rule])]
    own = _word(rule)
    if not any(isinstance(child, All | Any) for child in rule.children):
        return "all", [(own, rule.children)]
    groups: list[Group] = []
    loose: list[Rule] = []
    for child in rule.children:
        if isinstance(child, All | Any):
            if loose:
                groups.append((own, loose))
                loose = []
            groups.append((_word(child), child.children))
        else:
            loose.append(child)
    return own, [*groups, (own, loose)] if loose else groups


def _word(group: All | Any) -> str:
    return "all" if isinstance(group, All) else "any"


def write_condition(rule: Rule, context: Context) -> Condition | None:
    """One condition; None when the grammar cannot express it."""
    match rule:
        case Not(child=child):
            return _negated(write_condition(child, context))
        case SegmentCondition(segment=segment_id):
            return _condition(
                "list" if context.is_list(segment_id) else "segment", "reserved", "equals", segment_id, None
            )
        case PropertyCondition(case_sensitive=False):
            return _of_property(rule, context)
        case _:
            return None


def _negated(condition: Condition | None) -> Condition | None:
    word = opposite(str(condition["operator"])) if condition else None
    return {**condition, "operator": word} if condition and word else None


def _of_property(rule: PropertyCondition, context: Context) -> Condition | None:
    field, name, property_id = _named(rule.property, context)
    comparison = _comparison(rule, field) if field else None
    if field is None or comparison is None or comparison[0] not in OPERATORS[field.type]:
        return None
    operator, value = comparison
    return _condition(name, "reserved" if property_id is None else "property", operator, value, property_id)


def _named(property_name: str, context: Context) -> tuple[Field | None, str, str | None]:
    """The field for this property of ours, its name in the grammar, and its id if it is custom."""
    for name, field in RESERVED.items():
        if field.name == property_name:
            return field, name, None
    item = context.property_by_name(property_name)
    return (field_of(item), item.name, item.id) if item else (None, "", None)


def _comparison(rule: PropertyCondition, field: Field) -> tuple[str, object] | None:
    """SendKit's operator and value; None where they would mean something else."""
    if rule.operator in ("is_set", "is_not_set"):
        return rule.operator, None
    match field.type, rule.operand:
        case FieldType.TEXT, str(text):
            return rule.operator, text
        case FieldType.TEXT | FieldType.NUMBER, tuple(items):
            return _several(rule.operator, items, str if field.type is FieldType.TEXT else float)
        case FieldType.NUMBER, float(number):
            return _NUMBER_WORDS.get(rule.operator, rule.operator), json_number(number)
        case FieldType.BOOLEAN, True:  # not False: in our rules a missing value does not equal false
            return rule.operator, True
        case FieldType.DATE, Duration(milliseconds=length) if length % DAY == 0 and length <= DAYS_MAX * DAY:
            return _DATE_WORDS.get(rule.operator, ""), length // DAY
        case FieldType.DATE, (Instant() | date()) as when:
            return _DATE_WORDS.get(rule.operator, ""), date_to_sendkit(when)
        case _:
            return None


def _several(operator: str, items: tuple[object, ...], kind: type[str | float]) -> tuple[str, object] | None:
    if operator not in ("in", "not_in") or len(items) > VALUES_MAX or not all(isinstance(item, kind) for item in items):
        return None
    return operator, [json_number(item) if isinstance(item, float) else item for item in items]


def _condition(field: str, kind: str, operator: str, value: object, property_id: str | None) -> Condition:
    return {"field": field, "type": kind, "operator": operator, "value": value, "property_id": property_id}


def date_to_sendkit(when: date | Instant) -> str:
    """The date of a condition, with milliseconds where it has any."""
    if not isinstance(when, Instant):
        return when.isoformat()
    precision = "milliseconds" if int(when) % 1000 else "seconds"
    return when.moment().replace(tzinfo=None).isoformat(sep=" ", timespec=precision)
