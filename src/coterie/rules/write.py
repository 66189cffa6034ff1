"""Writes a rule as canonical JSON values: keys in one order, no defaults, instants in UTC.

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
    OneWindow,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.operand_shapes import NOTHING
from coterie.rules.operands import write_operand
from coterie.rules.operators import OPERATORS
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
            name = {} if rule.name is None else {"name": rule.name}
            return {"event": {**name, **_subject(rule)}, **_comparison(rule)}
        case ConversationCondition():
            return {"conversation": _subject(rule), **_comparison(rule)}
        case SequenceCondition(steps, window):
            return {"sequence": [_step(step) for step in steps], **_windowed(window)}
        case SegmentCondition(segment):
            return {"segment": segment}
        case SampleCondition(percent, salt):
            return {"sample": {"percent": write_operand(percent), **({"salt": salt} if salt else {})}}
        case _:
            assert_never(rule)


def _comparison(rule: PropertyCondition | EventCondition | ConversationCondition) -> Document:
    written: Document = {"operator": rule.operator}
    shape = OPERATORS[rule.operator].takes
    if shape is not NOTHING:
        written["value"] = shape.write(rule.operand)
    if rule.case_sensitive:
        written["case_sensitive"] = True
    return written


def _subject(rule: EventCondition | ConversationCondition) -> Document:
    written: Document = {"measure": rule.measure}
    if rule.of is not None:
        written["of"] = rule.of
    written |= _windowed(rule.window)
    if rule.where is not None:
        written["where"] = write_rule(rule.where)
    return written


def _step(step: Step) -> Document:
    event: Document = {"name": step.name}
    if step.where is not None:
        event["where"] = write_rule(step.where)
    return {"event": event, **({} if step.within is None else {"within": step.within.text})}


def _windowed(window: Window) -> Document:
    return {} if window is None else {"window": _window(window)}


def _window(window: OneWindow | Overlap) -> Document:
    match window:
        case Last(length):
            return {"last": length.text}
        case Before(length):
            return {"before": length.text}
        case Calendar(word):
            return {"calendar": word}
        case Between(start, end):
            return {**_end("from", start), **_end("to", end)}
        case Overlap(windows):
            return {"all": [_window(each) for each in windows]}
        case _:
            assert_never(window)


def _end(key: str, moment: Instant | date | None) -> Document:
    return {} if moment is None else {key: write_operand(moment)}
