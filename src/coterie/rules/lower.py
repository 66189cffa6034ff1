"""From a rule to the kernel, which is all that the rooms below `rules` evaluate.

The result is canonical: a group of one is its child, nested groups of one sort are one group,
repetitions are dropped, a double complement cancels, and two conditions that mean the same give
equal leaves. So leaves can be cached by equality.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.rules.kernel import (
    AT,
    And,
    BooleanIs,
    ChangedAt,
    Complement,
    Conversations,
    EventsNamed,
    Followed,
    Leaf,
    Lowered,
    LoweredStep,
    Measured,
    MemberOf,
    Or,
    Sampled,
    Subject,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
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
    Operand,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Window,
)
from coterie.rules.operators import OPERATORS
from coterie.rules.sampling import bound_of, seed_of
from coterie.rules.values import end_of_day, start_of_day

_THEIR_OWN_CHANGE = frozenset({"created_at", "updated_at"})
_SO_FAR = TimeAround(AT, None, 0)


def lower(rule: Rule, zone: ZoneInfo) -> Lowered:
    """The rule in the kernel's shapes, with bare dates cut in `zone`."""
    match rule:
        case All(children):
            return _group(And, tuple(lower(child, zone) for child in children))
        case Any(children):
            return _group(Or, tuple(lower(child, zone) for child in children))
        case Not(child):
            return _complement(lower(child, zone))
        case PropertyCondition(name, operator, operand, case_sensitive):
            subject = _changed(name) if OPERATORS[operator].of_change else name
            return _condition(subject, operator, operand, case_sensitive, zone)
        case EventCondition() | ConversationCondition():
            operand = rule.operand
            if rule.measure == "none" and isinstance(operand, bool):
                operand = not operand
            return _condition(_measured(rule, zone), rule.operator, operand, rule.case_sensitive, zone)
        case SequenceCondition():
            return BooleanIs(_followed(rule, zone), True)
        case SegmentCondition(segment):
            return MemberOf(segment)
        case SampleCondition(percent, salt):
            return Sampled(seed_of(salt), bound_of(percent))
        case _:
            assert_never(rule)


def leaves(lowered: Lowered) -> frozenset[Leaf]:
    """Every leaf, once, except the leaves inside subjects."""
    match lowered:
        case And(children) | Or(children):
            return frozenset[Leaf]().union(*(leaves(child) for child in children))
        case Complement(child):
            return leaves(child)
        case leaf:
            return frozenset({leaf})


# --- subjects -------------------------------------------------------------------------------------


def _changed(name: str) -> Subject:
    """When a property changed. `created_at` and `updated_at` are themselves that instant."""
    return name if name in _THEIR_OWN_CHANGE else ChangedAt(name)


def _measured(rule: EventCondition | ConversationCondition, zone: ZoneInfo) -> Measured:
    return Measured(
        source=EventsNamed(rule.name) if isinstance(rule, EventCondition) else Conversations(),
        measure="any" if rule.measure == "none" else rule.measure,
        of=rule.of,
        window=_window(rule.window, zone),
        where=_where(rule.where, zone),
    )


def _followed(rule: SequenceCondition, zone: ZoneInfo) -> Followed:
    return Followed(
        tuple(
            LoweredStep(
                EventsNamed(step.name),
                _where(step.where, zone),
                None if step.within is None else step.within.milliseconds,
            )
            for step in rule.steps
        ),
        _window(rule.window, zone),
    )


def _where(where: Rule | None, zone: ZoneInfo) -> Lowered | None:
    return None if where is None else lower(where, zone)


def _window(window: Window, zone: ZoneInfo) -> tuple[TimeRange | TimeAround | TimeInCalendar, ...]:
    """The leaves that all match an instant in the window. Together they exclude the future."""
    match window:
        case None:
            return (_SO_FAR,)
        case Last(length):
            return (TimeAround(AT, 1 - length.milliseconds, 0),)
        case Before(length):
            return (TimeAround(AT, None, -length.milliseconds),)
        case Calendar(word):
            return TimeInCalendar(AT, word), _SO_FAR
        case Between(start, end):
            low = start_of_day(start, zone) if isinstance(start, date) else start
            high = end_of_day(end, zone) if isinstance(end, date) else end
            return TimeRange(AT, None if low is None else int(low), None if high is None else int(high)), _SO_FAR
        case Overlap(windows):
            return tuple(sorted({leaf for part in windows for leaf in _window(part, zone)}, key=repr))
        case _:
            assert_never(window)


# --- shapes ---------------------------------------------------------------------------------------


def _condition(subject: Subject, operator: str, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    declared = OPERATORS[operator]
    positive = declared.lowers(subject, operand, case_sensitive, zone)
    if isinstance(positive, BooleanIs) and not positive.value and _never_missing(subject):
        positive = Complement(BooleanIs(subject, True))
    return _complement(positive) if declared.complement_of else positive


def _never_missing(subject: Subject) -> bool:
    return isinstance(subject, Measured) and subject.measure == "any"


def _group(kind: type[And] | type[Or], children: tuple[Lowered, ...]) -> Lowered:
    flat: dict[Lowered, None] = {}  # a set that keeps the order
    for child in children:
        flat.update(dict.fromkeys(child.children if isinstance(child, And | Or) and type(child) is kind else (child,)))
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _complement(lowered: Lowered) -> Lowered:
    return lowered.child if isinstance(lowered, Complement) else Complement(lowered)
