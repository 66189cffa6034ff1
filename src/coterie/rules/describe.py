"""A rule as one English sentence: `plan is enterprise and (mrr is greater than 100 or signed up at is in the last 30 days)`.

The sentence is for people: long texts and long lists are shortened in it, and underscores in names become spaces. It does not depend on
the workspace's zone: instants are told in UTC, dates as dates. Words come from the operators' declarations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import assert_never

from coterie.rules.nodes import (
    All,
    Any,
    Before,
    Between,
    Calendar,
    ConversationCondition,
    Duration,
    EventCondition,
    Last,
    Not,
    Operand,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.operators import COMPLEMENTS, OPERATORS, Takes
from coterie.rules.values import Instant

NameOf = Callable[[str], str | None]

_SHOWN_CHARACTERS = 80
_SHOWN_ITEMS = 10
_PLAIN_NAME = re.compile(r"\w+(?: \w+)*")
_PLAIN_TEXT = re.compile(r"[\w.@+/-]+")
_NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?", re.IGNORECASE)
_WORDS_OF_OURS = {"and", "or", "not", "true", "false", "of", "is", "the"}
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_MEASURES = {
    "count": "the number of", "sum": "the sum of", "mean": "the mean of", "min": "the lowest", "max": "the highest",
    "distinct": "the number of different values of", "first": "the first", "last": "the last", "change": "the change in the mean of",
    "first_at": "the time of the first", "last_at": "the time of the last", "any": "having any", "none": "having no",
}  # fmt: skip


def describe(rule: Rule, name_of: NameOf) -> str:
    """The sentence, without a full stop. `name_of` gives a segment's name for its id, None where there is no such segment."""
    match rule:
        case All(children):
            return _joined(children, " and ", name_of)
        case Any(children):
            return _joined(children, " or ", name_of)
        case Not(child):
            return _opposite(child, name_of)
        case PropertyCondition():
            return _condition(_name(rule.property), rule.operator, rule.operand, rule.case_sensitive)
        case EventCondition() | ConversationCondition():
            if _asks_presence(rule):
                return _presence(rule, name_of)
            return _condition(_measured(rule, name_of), rule.operator, rule.operand, rule.case_sensitive)
        case SequenceCondition():
            return f"has {_sequence(rule, ', ', name_of)}"
        case SegmentCondition(segment):
            return f"is in the segment {_segment(segment, name_of)}"
        case SampleCondition():
            return f"is in {_sample(rule)}"
        case _:
            assert_never(rule)


def _joined(children: Sequence[Rule], word: str, name_of: NameOf) -> str:
    if len(children) == 1:
        return describe(children[0], name_of)
    return word.join(_in_group(child, name_of) for child in children)


def _in_group(rule: Rule, name_of: NameOf) -> str:
    """Groups inside groups stand in brackets, unless they have one child and so need none."""
    sentence = describe(rule, name_of)
    while isinstance(rule, All | Any) and len(rule.children) == 1:
        rule = rule.children[0]
    return f"({sentence})" if isinstance(rule, All | Any) else sentence


def _opposite(rule: Rule, name_of: NameOf) -> str:
    match rule:
        case PropertyCondition() if rule.operator in COMPLEMENTS:
            return _condition(_name(rule.property), COMPLEMENTS[rule.operator], rule.operand, rule.case_sensitive)
        case EventCondition() | ConversationCondition() if _asks_presence(rule):
            return _presence(rule, name_of, opposite=True)
        case SequenceCondition():
            return f"does not have {_sequence(rule, ' ', name_of)}"
        case SegmentCondition(segment):
            return f"is not in the segment {_segment(segment, name_of)}"
        case SampleCondition():
            return f"is not in {_sample(rule)}"
        case _:
            return f"not ({describe(rule, name_of)})"


def _segment(segment: str, name_of: NameOf) -> str:
    name = name_of(segment)
    return _quoted(segment if name is None else name)


# --- conditions -------------------------------------------------------------------------------------------------------


def _condition(subject: str, operator: str, operand: Operand, case_sensitive: bool) -> str:
    declared = OPERATORS[operator]
    told = _operand(operand, declared.takes)
    return declared.reads.format(subject=subject, operand=told) + (" (in exactly this case)" if case_sensitive else "")


def _asks_presence(rule: EventCondition | ConversationCondition) -> bool:
    return rule.measure in ("any", "none") and isinstance(rule.operand, bool)


def _presence(rule: EventCondition | ConversationCondition, name_of: NameOf, *, opposite: bool = False) -> str:
    """`any is true` as people say it."""
    turns = (rule.measure == "none", not rule.operand, OPERATORS[rule.operator].complement_of is not None, opposite)
    return f"has {'no ' if sum(turns) % 2 else ''}{_things(rule, name_of)}"


def _measured(rule: EventCondition | ConversationCondition, name_of: NameOf) -> str:
    of = f"{_name(rule.of)} of " if rule.of is not None else ""
    return f"{_MEASURES[rule.measure]} {of}{_things(rule, name_of, one=rule.measure in ('first_at', 'last_at'))}"


def _things(rule: EventCondition | ConversationCondition, name_of: NameOf, *, one: bool = False) -> str:
    thing = _event(rule.name) if isinstance(rule, EventCondition) else "conversation"
    when = _compared_windows(rule.window) if rule.measure == "change" else _window(rule.window)
    return f"{thing}{'' if one else 's'}{when}{_where(rule.where, name_of)}"


def _event(name: str | None) -> str:
    return "event" if name is None else f"{_name(name)} event"


def _where(where: Rule | None, name_of: NameOf) -> str:
    return "" if where is None else f" where {_in_group(where, name_of)}"


def _sequence(rule: SequenceCondition, comma: str, name_of: NameOf) -> str:
    """`comma` stands between the steps."""
    steps = [f"{_an(_event(step.name))}{_where(step.where, name_of)}" for step in rule.steps]
    told = steps[0] + "".join(
        f"{comma}followed{_soon(step)} by {words}" for step, words in zip(rule.steps[1:], steps[1:], strict=True)
    )
    return told if rule.window is None else f"{told}, all{_window(rule.window)}"


def _soon(step: Step) -> str:
    return "" if step.within is None else f" within {_duration(step.within)}"


def _an(thing: str) -> str:
    return f"{'an' if thing[0].lower() in 'aeiou' else 'a'} {thing}"


def _sample(rule: SampleCondition) -> str:
    share = f"{_single(rule.percent)}% sample"
    return f"the {share} {_quoted(rule.salt)}" if rule.salt else f"the {share}"


def _compared_windows(window: Window) -> str:
    """The two windows of `change`."""
    assert isinstance(window, Last)
    length = _duration(window.length)
    return f" from the {length} before to the last {length}"


def _window(window: Window) -> str:
    match window:
        case None:
            return ""
        case Last(length):
            return f" in the last {_duration(length)}"
        case Before(length):
            return f" at least {_duration(length)} ago"
        case Calendar(word):
            return f" {_spaced(word)}"
        case Between(start, None):
            assert start is not None
            return f" from {_moment(start)} on"
        case Between(None, end):
            assert end is not None
            return f" until {_moment(end)}"
        case Between(start, end):
            assert start is not None
            assert end is not None
            return f" from {_moment(start)} to {_moment(end)}"
        case Overlap(windows):
            return " and".join(_window(each) for each in windows)
        case _:
            assert_never(window)


def _operand(operand: Operand, takes: Takes) -> str:
    match operand:
        case None:
            return ""
        case tuple():
            items = [_single(item) for item in operand[:_SHOWN_ITEMS]]
            if takes is Takes.RANGE:
                return " and ".join(items)
            if len(operand) > _SHOWN_ITEMS:
                items.append(f"{len(operand) - _SHOWN_ITEMS:,} more")
            return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
        case str() if takes is Takes.WORD:
            return _spaced(operand)
        case str() if takes is Takes.PATTERN:
            return f"/{_shortened(operand)}/"
        case _:
            return _single(operand)


def _single(operand: str | float | bool | Instant | date | Duration) -> str:
    match operand:
        case bool():
            return "true" if operand else "false"
        case str():
            return _text(operand)
        case Duration():
            return _duration(operand)
        case Instant() | date():
            return _moment(operand)
        case _:
            return f"{operand:.0f}" if operand.is_integer() and abs(operand) < 1e15 else repr(operand)


# --- words ------------------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    spaced = _spaced(name)
    return spaced if _PLAIN_NAME.fullmatch(spaced) else _quoted(name)


def _text(text: str) -> str:
    bare = _PLAIN_TEXT.fullmatch(text) and not _NUMBER.fullmatch(text) and text.lower() not in _WORDS_OF_OURS
    return _shortened(text) if bare else _quoted(text)


def _quoted(text: str) -> str:
    return f"“{_shortened(text)}”"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def _duration(length: Duration) -> str:
    count, unit = int(length.text[:-1]), _UNITS[length.text[-1]]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _moment(moment: Instant | date) -> str:
    if not isinstance(moment, Instant):
        return f"{moment.day} {moment:%B} {moment.year}"
    at = moment.moment()
    seconds = f":{at:%S}" if int(moment) % 60_000 else ""
    milliseconds = f".{int(moment) % 1000:03d}" if int(moment) % 1000 else ""
    return f"{at.day} {at:%B} {at.year} {at:%H:%M}{seconds}{milliseconds} UTC"
