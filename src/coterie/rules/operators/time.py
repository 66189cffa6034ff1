"""Operators over time: against fixed instants and dates, against now, and by the calendar.

All arithmetic is in whole milliseconds. `in_last`, `more_than_ago` and `in_next` move with the
clock to the millisecond; calendar words and anniversaries move at midnight in the workspace's zone.
It is long because every operator brings its examples.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from coterie.rules.calendar import anniversary_days, calendar_range, month_and_day
from coterie.rules.kernel import Anniversary, Lowered, Subject, TimeAround, TimeInCalendar, TimeRange
from coterie.rules.moment import Moment
from coterie.rules.nodes import Duration, Operand
from coterie.rules.operand_shapes import DATE, DAYS, DURATION, INSTANT, WORD
from coterie.rules.operators.declaration import Example, Operator, complement
from coterie.rules.values import DAY, Instant, Kind, Value, end_of_day, start_of_day

_TIME = frozenset({Kind.TIME})
_NOW = "2026-03-15T12:00:00Z"


def _at(clock: str) -> dict[str, str]:
    return {"time": clock}


# --- against instants and dates -------------------------------------------------------------------


def _first(operand: Operand, zone: ZoneInfo) -> int:
    if isinstance(operand, date):
        return start_of_day(operand, zone)
    assert isinstance(operand, Instant)
    return operand


def _last(operand: Operand, zone: ZoneInfo) -> int:
    if isinstance(operand, date):
        return end_of_day(operand, zone)
    assert isinstance(operand, Instant)
    return operand


def _before(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return value < _first(operand, moment.zone)


def _after(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return value > _last(operand, moment.zone)


def _on(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return _first(operand, moment.zone) <= value <= _last(operand, moment.zone)


def _lower_before(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeRange(subject, high=_first(operand, zone) - 1)


def _lower_after(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeRange(subject, low=_last(operand, zone) + 1)


def _lower_on(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeRange(subject, int(_first(operand, zone)), int(_last(operand, zone)))


before = Operator(
    name="before",
    reads="{subject} is before {operand}",
    kinds=_TIME,
    takes=INSTANT,
    meaning=_before,
    lowers=_lower_before,
    summary="The time is earlier than the instant, or than the whole of the date.",
    examples=(
        Example(_at("2026-02-28T23:59:59.999Z"), "2026-03-01", True),
        Example(_at("2026-03-01T00:00:00Z"), "2026-03-01", False),
        Example(_at("2026-03-01T09:29:59.999Z"), "2026-03-01T09:30:00Z", True),
        Example(_at("2026-03-01T09:30:00Z"), "2026-03-01T10:30:00+01:00", False),
        Example(1_000, "2026-03-01", False),
        Example(None, "2026-03-01", False),
    ),
)

after = Operator(
    name="after",
    reads="{subject} is after {operand}",
    kinds=_TIME,
    takes=INSTANT,
    meaning=_after,
    lowers=_lower_after,
    summary="The time is later than the instant, or than the whole of the date.",
    examples=(
        Example(_at("2026-03-02T00:00:00Z"), "2026-03-01", True),
        Example(_at("2026-03-01T23:59:59.999Z"), "2026-03-01", False),
        Example(_at("2026-03-01T09:30:00.001Z"), "2026-03-01T09:30:00Z", True),
        Example(_at("2026-03-01T09:30:00Z"), "2026-03-01T09:30:00Z", False),
        Example(None, "2026-03-01", False),
    ),
)

on = Operator(
    name="on",
    reads="{subject} is on {operand}",
    kinds=_TIME,
    takes=DATE,
    meaning=_on,
    lowers=_lower_on,
    summary="The time falls on that day, in the workspace's time zone.",
    examples=(
        Example(_at("2026-03-01T00:00:00Z"), "2026-03-01", True),
        Example(_at("2026-03-01T23:59:59.999Z"), "2026-03-01", True),
        Example(_at("2026-03-02T00:00:00Z"), "2026-03-01", False),
        Example("2026-03-01", "2026-03-01", False),
        Example(None, "2026-03-01", False),
    ),
)


# --- against now ----------------------------------------------------------------------------------


def _length(operand: Operand) -> int:
    assert isinstance(operand, Duration)
    return operand.milliseconds


def _in_last(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return moment.now - _length(operand) < value <= moment.now


def _more_than_ago(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return value <= moment.now - _length(operand)


def _in_next(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return moment.now < value <= moment.now + _length(operand)


def _lower_in_last(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeAround(subject, low=1 - _length(operand), high=0)


def _lower_more_than_ago(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeAround(subject, high=-_length(operand))


def _lower_in_next(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return TimeAround(subject, low=1, high=_length(operand))


in_last = Operator(
    name="in_last",
    reads="{subject} is in the last {operand}",
    kinds=_TIME,
    takes=DURATION,
    meaning=_in_last,
    lowers=_lower_in_last,
    summary="The time is no longer ago than that; now is included, the far end is not.",
    examples=(
        Example(_at("2026-03-15T12:00:00Z"), "7d", True, _NOW),
        Example(_at("2026-03-08T12:00:00.001Z"), "7d", True, _NOW),
        Example(_at("2026-03-08T12:00:00Z"), "7d", False, _NOW),
        Example(_at("2026-03-15T12:00:00.001Z"), "7d", False, _NOW),
        Example(None, "7d", False, _NOW),
    ),
)

not_in_last = complement(
    "not_in_last",
    of=in_last,
    reads="{subject} is not in the last {operand}",
    summary="The time is longer ago, or in the future, or there is none.",
    examples=(
        Example(_at("2026-03-08T12:00:00Z"), "7d", True, _NOW),
        Example(_at("2026-03-08T12:00:00.001Z"), "7d", False, _NOW),
        Example(_at("2026-03-15T12:00:00.001Z"), "7d", True, _NOW),
        Example(None, "7d", True, _NOW),
    ),
)

more_than_ago = Operator(
    name="more_than_ago",
    reads="{subject} is at least {operand} ago",
    kinds=_TIME,
    takes=DURATION,
    meaning=_more_than_ago,
    lowers=_lower_more_than_ago,
    summary="The time is that long ago or longer: from the instant at which `in_last` stops holding.",
    examples=(
        Example(_at("2026-03-08T12:00:00Z"), "7d", True, _NOW),
        Example(_at("2026-03-08T12:00:00.001Z"), "7d", False, _NOW),
        Example(None, "7d", False, _NOW),
    ),
)

in_next = Operator(
    name="in_next",
    reads="{subject} is in the next {operand}",
    kinds=_TIME,
    takes=DURATION,
    meaning=_in_next,
    lowers=_lower_in_next,
    summary="The time is still to come, and no further off than that; now is not included, the far end is.",
    examples=(
        Example(_at("2026-03-15T12:00:00.001Z"), "24h", True, _NOW),
        Example(_at("2026-03-16T12:00:00Z"), "24h", True, _NOW),
        Example(_at("2026-03-15T12:00:00Z"), "24h", False, _NOW),
        Example(_at("2026-03-16T12:00:00.001Z"), "24h", False, _NOW),
        Example(None, "24h", False, _NOW),
    ),
)


# --- by the calendar ------------------------------------------------------------------------------


def _in_calendar(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(operand, str)
    assert isinstance(value, Instant)
    first, last = calendar_range(operand, moment)
    return first <= value <= last


def _lower_in_calendar(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    assert isinstance(operand, str)
    return TimeInCalendar(subject, operand)


def _anniversary(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, Instant)
    return month_and_day(value, moment.zone) in anniversary_days(_length(operand) // DAY, moment)


def _lower_anniversary(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return Anniversary(subject, _length(operand) // DAY)


in_calendar = Operator(
    name="in_calendar",
    reads="{subject} is {operand}",
    kinds=_TIME,
    takes=WORD,
    meaning=_in_calendar,
    lowers=_lower_in_calendar,
    summary=(
        "The time is within the day, week (from Monday), month, quarter or year named, in the workspace's time zone."
    ),
    examples=(
        Example(_at("2026-03-15T00:00:00Z"), "today", True, _NOW),
        Example(_at("2026-03-16T00:00:00Z"), "today", False, _NOW),
        Example(_at("2026-03-09T00:00:00Z"), "this_week", True, _NOW),
        Example(_at("2026-03-08T23:59:59.999Z"), "last_week", True, _NOW),
        Example(_at("2026-02-28T23:59:59.999Z"), "last_month", True, _NOW),
        Example(_at("2025-12-31T23:59:59.999Z"), "last_quarter", True, _NOW),
        Example(_at("2027-01-01T00:00:00Z"), "next_year", True, _NOW),
        Example(None, "today", False, _NOW),
    ),
)

not_in_calendar = complement(
    "not_in_calendar",
    of=in_calendar,
    reads="{subject} is not {operand}",
    summary="The time is outside the period named, or there is none.",
    examples=(
        Example(_at("2026-03-16T00:00:00Z"), "today", True, _NOW),
        Example(_at("2026-03-15T12:00:00Z"), "today", False, _NOW),
        Example(None, "today", True, _NOW),
    ),
)

anniversary_in_next = Operator(
    name="anniversary_in_next",
    reads="{subject} has its anniversary in the next {operand}",
    kinds=_TIME,
    takes=DAYS,
    meaning=_anniversary,
    lowers=_lower_anniversary,
    summary=(
        "The month and day of the time, whatever its year, come up within that many days, today being "
        "the first of them. "
        "29 February is kept on 28 February in years that have none."
    ),
    examples=(
        Example(_at("1990-03-15T08:00:00Z"), "1d", True, _NOW),
        Example(_at("1990-03-21T08:00:00Z"), "7d", True, _NOW),
        Example(_at("1990-03-22T08:00:00Z"), "7d", False, _NOW),
        Example(_at("1990-03-14T08:00:00Z"), "7d", False, _NOW),
        Example(_at("2000-02-29T08:00:00Z"), "1d", True, "2026-02-28T12:00:00Z"),
        Example(_at("2000-02-29T08:00:00Z"), "1d", False, "2028-02-28T12:00:00Z"),
        Example(_at("2000-02-29T08:00:00Z"), "1d", True, "2028-02-29T12:00:00Z"),
        Example(None, "7d", False, _NOW),
    ),
)

DECLARED = (
    before, after, on,
    in_last, not_in_last, more_than_ago, in_next,
    in_calendar, not_in_calendar, anniversary_in_next,
)  # fmt: skip
