"""The JSON schema of rules, made from the declarations of operators and of operand shapes.

It is Draft 2020-12, as in OpenAPI 3.1. A schema cannot express all that the reader refuses (a
pattern that RE2 refuses, a range upside down), but it never refuses what the reader takes.
"""

from __future__ import annotations

from itertools import groupby

from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.limits import RuleLimits
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.measures import WINDOWS_MAX
from coterie.rules.operand_shapes import NOTHING, Schema
from coterie.rules.operand_shapes.times import DATE_PATTERN
from coterie.rules.operators import OPERATORS, Operator
from coterie.rules.sequences import STEPS_MAX, STEPS_MIN

_FORMS = ("Property", "Event", "Conversation", "Sequence", "Segment", "Sample")
_OF_VALUES = [operator for operator in OPERATORS.values() if not operator.of_change]

_INSTANT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
)
_DURATION = "^[1-9][0-9]{0,12}[smhdw]$"
_NULL: Schema = {"type": "null"}


def rule_schema(limits: RuleLimits | None = None, *, refs: str = "#/$defs/") -> Schema:
    """The schema of a rule: a reference, and its definitions, which will live at `refs`."""
    return {**_ref(refs, "Rule"), "$defs": definitions(limits or RuleLimits(), refs)}


def definitions(limits: RuleLimits, refs: str) -> dict[str, Schema]:
    """Every definition by name, to be placed at `refs`."""
    rule, where = _ref(refs, "Rule"), _ref(refs, "Where")
    return {
        "Rule": {
            "title": "A rule: a group, or one condition",
            "anyOf": [*_groups(rule), *(_ref(refs, f"{form}Condition") for form in _FORMS)],
            "examples": [_EXAMPLE],
        },
        "Where": {
            "title": "A rule over the properties of an event or a conversation",
            "anyOf": [*_groups(where), _ref(refs, "WhereCondition")],
        },
        **_comparisons(where, limits, refs),
        "SequenceCondition": _sequence(where, limits, refs),
        "SegmentCondition": _object(
            {"segment": {"type": "string", "minLength": 1, "maxLength": limits.property_name_length_max}},
            ("segment",),
            "Members of another segment, by its id",
        ),
        "SampleCondition": _sample(limits),
        **_TIMES,
    }


def _comparisons(where: Schema, limits: RuleLimits, refs: str) -> dict[str, Schema]:
    """The conditions that have an operator and a value."""

    def of(what: str, subject: str, schema: Schema, operators: list[Operator] = _OF_VALUES) -> Schema:
        described = operators is not _OF_VALUES
        return _conditions(f"A condition on {what}", subject, schema, limits, refs, operators, described=described)

    events, conversations = (_subject(event, where, limits, refs) for event in (True, False))
    return {
        "WhereCondition": of("a property of an event or a conversation", "property", _name(limits)),
        "PropertyCondition": of("a property", "property", _name(limits), list(OPERATORS.values())),
        "EventCondition": of("events", "event", events),
        "ConversationCondition": of("conversations", "conversation", conversations),
    }


_EXAMPLE: Schema = {
    "all": [
        {"property": "plan", "operator": "equals", "value": "enterprise"},
        {"property": "signed_up_at", "operator": "in_last", "value": "30d"},
    ]
}

_TIMES: dict[str, Schema] = {
    "Moment": {
        "title": "An instant, or a date for the whole day in the workspace's zone",
        "type": "string",
        "anyOf": [{"pattern": DATE_PATTERN}, {"pattern": _INSTANT}],
        "examples": ["2026-03-01T09:30:00Z", "2026-03-01"],
    },
    "Duration": {
        "title": "An exact length of time",
        "type": "string",
        "pattern": _DURATION,
        "examples": ["30m", "24h", "7d", "4w"],
    },
    "CalendarWord": {"type": "string", "enum": list(CALENDAR_WORDS)},
}


def operand_schema(operator: Operator, limits: RuleLimits, refs: str) -> Schema:
    """The schema of the operator's operand."""
    return operator.takes.schema(operator.kinds, limits, lambda name: _ref(refs, name))


def _ref(refs: str, name: str) -> Schema:
    return {"$ref": f"{refs}{name}"}


def _name(limits: RuleLimits) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": limits.property_name_length_max}


def _groups(rule: Schema) -> list[Schema]:
    several: Schema = {"type": "array", "items": rule, "minItems": 1}
    return [
        _object({"all": several}, ("all",), "Every one holds"),
        _object({"any": several}, ("any",), "At least one holds"),
        _object({"not": rule}, ("not",), "It does not hold"),
    ]


def _conditions(
    title: str,
    subject: str,
    subject_schema: Schema,
    limits: RuleLimits,
    refs: str,
    operators: list[Operator],
    described: bool = False,
) -> Schema:
    """A branch for all operators that take the same operand, described once in the whole schema."""

    def shape(operator: Operator) -> str:
        return repr((operator.takes.name, sorted(operator.kinds), operator.case_option))

    branches: list[Schema] = []
    for _, alike in groupby(sorted(operators, key=shape), key=shape):
        several = list(alike)
        takes_value = several[0].takes is not NOTHING
        summaries = "\n".join(f"`{operator.name}`: {operator.summary}" for operator in several)
        description: Schema = {"description": summaries} if described else {}
        properties: Schema = {
            subject: subject_schema,
            "operator": {"enum": [operator.name for operator in several], **description},
            "value": operand_schema(several[0], limits, refs),
            "case_sensitive": {"type": "boolean"} if several[0].case_option else {"const": False},
        }
        branches.append(_object(properties, (subject, "operator", *(("value",) if takes_value else ()))))
    return {"title": title, "anyOf": branches}


def _subject(event: bool, where: Schema, limits: RuleLimits, refs: str) -> Schema:
    shared: Schema = {
        "measure": {
            "enum": list(MEASURES),
            "description": "\n".join(
                f"`{measure.name}`{' (of a property, `of`)' if measure.of_property else ''}: {measure.summary}"
                for measure in MEASURES.values()
            ),
        },
        "of": {"anyOf": [_name(limits), _NULL]},
        "window": {"anyOf": [*_windows(refs), _NULL]},
        "where": {"anyOf": [where, _NULL]},
    }
    if event:
        name = {**_name(limits), "description": "Left out, it means events of every name."}
        return _object({"name": name, **shared}, ("measure",))
    return _object(shared, ("measure",))


def _sequence(where: Schema, limits: RuleLimits, refs: str) -> Schema:
    name, duration = _name(limits), _ref(refs, "Duration")
    event = _object({"name": name, "where": {"anyOf": [where, _NULL]}}, ("name",))
    within = {"anyOf": [duration, _NULL], "description": "How soon after the step before; the first has none."}
    step = _object({"event": {"anyOf": [event, name]}, "within": within}, ("event",))
    several: Schema = {"type": "array", "items": step, "minItems": STEPS_MIN, "maxItems": STEPS_MAX}
    window: Schema = {"anyOf": [*_windows(refs), _NULL]}
    return _object({"sequence": several, "window": window}, ("sequence",), "Events that follow one another")


def _sample(limits: RuleLimits) -> Schema:
    percent: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
    salt: Schema = {"type": "string", "maxLength": limits.property_name_length_max}
    return _object(
        {"sample": _object({"percent": percent, "salt": salt}, ("percent",))},
        ("sample",),
        "A stable share of all profiles; another salt draws others",
    )


def _windows(refs: str) -> list[Schema]:
    duration = _ref(refs, "Duration")
    end: Schema = {"anyOf": [_ref(refs, "Moment"), _NULL]}
    each: list[Schema] = [
        _object({"last": duration}, ("last",)),
        _object({"before": duration}, ("before",)),
        _object({"calendar": _ref(refs, "CalendarWord")}, ("calendar",)),
        {**_object({"from": end, "to": end}, ()), "anyOf": [{"required": ["from"]}, {"required": ["to"]}]},
    ]
    several: Schema = {"type": "array", "items": {"anyOf": each}, "minItems": 2, "maxItems": WINDOWS_MAX}
    return [*each, _object({"all": several}, ("all",), "In all of these windows")]


def _object(properties: Schema, required: tuple[str, ...], title: str | None = None) -> Schema:
    named: Schema = {"title": title} if title else {}
    return {
        **named,
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
