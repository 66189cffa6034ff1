"""The law: what a rule means, in slow plain Python. Every faster path has to agree with this one.

A condition is true or false, never unknown. A positive operator is false for a missing value and
for a value of a kind it does not compare; a negative one is the exact opposite of its positive
twin. `actual` gives the value of a condition's subject; `subjects.measure` has the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias, assert_never

from coterie.errors import Path
from coterie.rules.activity import ActivityRow
from coterie.rules.calendar import calendar_range
from coterie.rules.describe import describe
from coterie.rules.kernel import Conversations, EventsNamed, Source
from coterie.rules.moment import Moment
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
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.operators import OPERATORS
from coterie.rules.sampling import bound_of, in_sample, seed_of
from coterie.rules.subjects import change, measure
from coterie.rules.values import Instant, Value, end_of_day, kind_of, start_of_day
from coterie.rules.walk import children


class ProfileView(Protocol):
    """A profile as a rule sees it."""

    @property
    def number(self) -> int:
        """The profile's number, by which samples are drawn."""
        ...

    def value(self, name: str) -> Value | None:
        """The value of a property or a field of the profile; None where it is missing."""
        ...

    def changed_at(self, name: str) -> Instant | None:
        """When the property got the value it has; None where it is missing."""
        ...

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        """All activity of a source, in any order, future activity included."""
        ...

    def is_member(self, segment_id: str) -> bool: ...


Compared: TypeAlias = PropertyCondition | EventCondition | ConversationCondition
"""The conditions that compare a value with an operand."""


def evaluate(rule: Rule, profile: ProfileView, moment: Moment) -> bool:
    """Whether the rule holds for the profile at the moment."""
    match rule:
        case All(below):
            return all(evaluate(child, profile, moment) for child in below)
        case Any(below):
            return any(evaluate(child, profile, moment) for child in below)
        case Not(child):
            return not evaluate(child, profile, moment)
        case PropertyCondition() | EventCondition() | ConversationCondition():
            return _compares(rule, actual(rule, profile, moment), moment)
        case SequenceCondition(steps, window):
            return _followed(steps, window, profile, moment)
        case SegmentCondition(segment):
            return profile.is_member(segment)
        case SampleCondition(percent, salt):
            return in_sample(profile.number, seed_of(salt), bound_of(percent))
        case _:
            assert_never(rule)


def actual(condition: Compared, profile: ProfileView, moment: Moment) -> Value | None:
    """The value that the condition compares: that of its subject, None where it is missing."""
    if isinstance(condition, PropertyCondition):
        of_change = OPERATORS[condition.operator].of_change
        return profile.changed_at(condition.property) if of_change else profile.value(condition.property)
    if condition.measure == "change":
        assert isinstance(condition.window, Last)
        now, length = moment.now, condition.window.length.milliseconds
        candidates = _meeting(condition, profile, moment)
        later = [row for row in candidates if now - length < row.at <= now]
        earlier = [row for row in candidates if now - 2 * length < row.at <= now - length]
        return change(condition.of, later, earlier)
    return measure(condition.measure, condition.of, counted(condition, profile, moment))


def counted(
    condition: EventCondition | ConversationCondition, profile: ProfileView, moment: Moment
) -> list[ActivityRow]:
    """The activity that the measure counts: in the window, and matching `where`."""
    return [row for row in _meeting(condition, profile, moment) if _within(condition.window, row.at, moment)]


def _compares(condition: Compared, value: Value | None, moment: Moment) -> bool:
    operator = OPERATORS[condition.operator]
    positive = (
        value is not None
        and kind_of(value) in operator.kinds
        and operator.meaning(value, condition.operand, condition.case_sensitive, moment)
    )
    return not positive if operator.complement_of else positive


# --- activity ------------------------------------------------------------------------------------


def _meeting(
    condition: EventCondition | ConversationCondition, profile: ProfileView, moment: Moment
) -> list[ActivityRow]:
    """The activity that matches `where`, in the window or not."""
    source = EventsNamed(condition.name) if isinstance(condition, EventCondition) else Conversations()
    return [row for row in profile.activity(source) if condition.where is None or _meets(condition.where, row, moment)]


def _meets(where: Rule, row: ActivityRow, moment: Moment) -> bool:
    """Whether one event or conversation matches: its values are judged as a profile's would be."""
    match where:
        case All(below):
            return all(_meets(child, row, moment) for child in below)
        case Any(below):
            return any(_meets(child, row, moment) for child in below)
        case Not(child):
            return not _meets(child, row, moment)
        case PropertyCondition():
            return _compares(where, row.values.get(where.property), moment)
        case _:
            raise TypeError(f"{type(where).__name__} has no place in a `where`.")


def _within(window: Window, at: Instant, moment: Moment) -> bool:
    """Whether the window contains an instant. Future activity is in no window."""
    if at > moment.now:
        return False
    match window:
        case None:
            return True
        case Last(length):
            return at > moment.now - length.milliseconds
        case Before(length):
            return at <= moment.now - length.milliseconds
        case Calendar(word):
            first, last = calendar_range(word, moment)
            return first <= at <= last
        case Between(start, end):
            first_at = start_of_day(start, moment.zone) if isinstance(start, date) else start
            last_at = end_of_day(end, moment.zone) if isinstance(end, date) else end
            return (first_at is None or first_at <= at) and (last_at is None or at <= last_at)
        case Overlap(windows):
            return all(_within(part, at, moment) for part in windows)
        case _:
            assert_never(window)


def _followed(steps: Sequence[Step], window: Window, profile: ProfileView, moment: Moment) -> bool:
    """Whether each step has an event, later than the step before and soon enough after it."""
    reached: Iterable[Instant] = ()  # the instants at which the steps so far can have been completed
    for place, step in enumerate(steps):
        events = [
            row.at
            for row in profile.activity(EventsNamed(step.name))
            if _within(window, row.at, moment) and (step.where is None or _meets(step.where, row, moment))
        ]
        reached = {at for at in events if place == 0 or any(_follows(at, before, step.within) for before in reached)}
    return bool(reached)


def _follows(at: Instant, before: Instant, within: Duration | None) -> bool:
    return before < at and (within is None or at - before <= within.milliseconds)


# --- explaining -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one node of a rule. `actual` is the value compared; None for other nodes."""

    path: Path
    rule: Rule
    sentence: str
    holds: bool
    actual: Value | None
    children: tuple[Judgement, ...]


def judge(
    rule: Rule, profile: ProfileView, moment: Moment, name_of: Callable[[str], str | None], path: Path = ()
) -> Judgement:
    """Every node of the rule with its verdict. `name_of` gives segment names, for the sentences."""
    return Judgement(
        path=path,
        rule=rule,
        sentence=describe(rule, name_of),
        holds=evaluate(rule, profile, moment),
        actual=actual(rule, profile, moment) if isinstance(rule, Compared) else None,
        children=tuple(judge(child, profile, moment, name_of, path + step) for step, child in children(rule)),
    )
