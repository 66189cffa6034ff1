"""From a rule to its canonical JSON values: keys in one order, defaults left out, instants in UTC with milliseconds.

Reading what was written gives the same rule.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from coterie.rules.nodes import (
    All,
    Any,
    Before,
    Between,
    Calendar,
    ConversationCondition,
    EventCondition,
    Last,
    Not,
    PropertyCondition,
    Rule,
    SegmentCondition,
)
from coterie.rules.operands import write_operand
from coterie.rules.operators import OPERATORS, Takes
from coterie.rules.values import Instant

Document = dict[str, object]


def write_rule(rule: Rule) -> Document:
    """The rule as JSON values."""
    match rule:
        case All(children):
            return {"all": [write_rule(child) for child in children]}
        case Any(children):
            return {"any": [write_rule(child) for child in children]}
        case Not(child):
            return {"not": write_rule(child)}
        case PropertyCondition():
            return {"property": rule.property, **_comparison(rule)}
        case EventCondition():
            return {"event": {"name": rule.name, **_subject(rule)}, **_comparison(rule)}
        case ConversationCondition():
            return {"conversation": _subject(rule), **_comparison(rule)}
        case SegmentCondition(segment):
            return {"segment": segment}
        case _:
            assert_never(rule)


def _comparison(rule: PropertyCondition | EventCondition | ConversationCondition) -> Document:
    written: Document = {"operator": rule.operator}
    if OPERATORS[rule.operator].takes is not Takes.NOTHING:
        written["value"] = write_operand(rule.operand)
    if rule.case_sensitive:
        written["case_sensitive"] = True
    return written


def _subject(rule: EventCondition | ConversationCondition) -> Document:
    written: Document = {"measure": rule.measure}
    if rule.of is not None:
        written["of"] = rule.of
    if rule.window is not None:
        written["window"] = _window(rule.window)
    if rule.where is not None:
        written["where"] = write_rule(rule.where)
    return written


def _window(window: Last | Before | Between | Calendar) -> Document:
    match window:
        case Last(length):
            return {"last": length.text}
        case Before(length):
            return {"before": length.text}
        case Calendar(word):
            return {"calendar": word}
        case Between(start, end):
            return {**_end("from", start), **_end("to", end)}
        case _:
            assert_never(window)


def _end(key: str, moment: Instant | date | None) -> Document:
    return {} if moment is None else {key: write_operand(moment)}
