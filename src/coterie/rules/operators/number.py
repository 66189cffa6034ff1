"""Operators over numbers: order. `between` also takes two times, since it is the same question."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from coterie.rules.kernel import Lowered, NumberIn, NumberRange, Subject, TimeRange
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import RANGE, SAME
from coterie.rules.operators.declaration import Example, Lowering, Meaning, Operator
from coterie.rules.values import Instant, Kind, Value, end_of_day, kind_of, start_of_day


def _comparing(test: Callable[[float, float], bool]) -> Meaning:
    def meaning(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
        assert isinstance(value, float)
        assert isinstance(operand, float)
        return test(value, operand)

    return meaning


def _above(*, open_end: bool) -> Lowering:
    def lowers(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
        assert isinstance(operand, float)
        return NumberRange(subject, low=operand, open_low=open_end)

    return lowers


def _below(*, open_end: bool) -> Lowering:
    def lowers(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
        assert isinstance(operand, float)
        return NumberRange(subject, high=operand, open_high=open_end)

    return lowers


def _bounds(operand: Operand, zone: ZoneInfo) -> tuple[float, float] | tuple[Instant, Instant]:
    """Both ends, inclusive: a low date is its first millisecond, a high date its last."""
    assert isinstance(operand, tuple)
    low, high = operand
    if isinstance(low, float) and isinstance(high, float):
        return low, high
    first = start_of_day(low, zone) if isinstance(low, date) else low
    last = end_of_day(high, zone) if isinstance(high, date) else high
    assert isinstance(first, Instant)
    assert isinstance(last, Instant)
    return first, last


def _between(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    low, high = _bounds(operand, moment.zone)
    if kind_of(value) != kind_of(low):
        return False
    assert isinstance(value, float | Instant)
    return low <= value <= high


def _lower_between(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    low, high = _bounds(operand, zone)
    if isinstance(low, Instant) and isinstance(high, Instant):
        return TimeRange(subject, int(low), int(high))
    return NumberIn(subject, frozenset({low})) if low == high else NumberRange(subject, low, high)


_NUMBER = frozenset({Kind.NUMBER})

greater_than = Operator(
    name="greater_than",
    reads="{subject} is greater than {operand}",
    kinds=_NUMBER,
    takes=SAME,
    meaning=_comparing(operator.gt),
    lowers=_above(open_end=True),
    summary="The number is above the operand.",
    examples=(Example(101, 100, True), Example(100, 100, False), Example("101", 100, False), Example(None, 0, False)),
)

at_least = Operator(
    name="at_least",
    reads="{subject} is at least {operand}",
    kinds=_NUMBER,
    takes=SAME,
    meaning=_comparing(operator.ge),
    lowers=_above(open_end=False),
    summary="The number is the operand or above it.",
    examples=(Example(100, 100, True), Example(99.99, 100, False), Example(True, 1, False), Example(None, 0, False)),
)

less_than = Operator(
    name="less_than",
    reads="{subject} is less than {operand}",
    kinds=_NUMBER,
    takes=SAME,
    meaning=_comparing(operator.lt),
    lowers=_below(open_end=True),
    summary="The number is below the operand. A missing number is not below anything.",
    examples=(Example(-5, 0, True), Example(0, 0, False), Example(False, 1, False), Example(None, 1, False)),
)

at_most = Operator(
    name="at_most",
    reads="{subject} is at most {operand}",
    kinds=_NUMBER,
    takes=SAME,
    meaning=_comparing(operator.le),
    lowers=_below(open_end=False),
    summary="The number is the operand or below it.",
    examples=(Example(0, 0, True), Example(0.5, 0, False), Example("0", 0, False), Example(None, 0, False)),
)

between = Operator(
    name="between",
    reads="{subject} is between {operand}",
    kinds=frozenset({Kind.NUMBER, Kind.TIME}),
    takes=RANGE,
    meaning=_between,
    lowers=_lower_between,
    summary=(
        "The number or time lies between the two ends, both included; a bare date counts from its "
        "first to its last moment."
    ),
    examples=(
        Example(10, [10, 20], True),
        Example(20.5, [10, 20], False),
        Example("15", [10, 20], False),
        Example({"time": "2026-03-31T23:59:59.999Z"}, ["2026-03-01", "2026-03-31"], True),
        Example({"time": "2026-04-01T00:00:00Z"}, ["2026-03-01", "2026-03-31"], False),
        Example({"time": "2026-03-01T09:30:00Z"}, ["2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z"], True),
        Example(15, ["2026-03-01", "2026-03-31"], False),
        Example(None, [10, 20], False),
    ),
)

DECLARED = (greater_than, at_least, less_than, at_most, between)
