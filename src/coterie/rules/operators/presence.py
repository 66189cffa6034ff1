"""Operators over values of every kind: is there one?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.rules.kernel import IsSet, Lowered, Subject
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import NOTHING
from coterie.rules.operators.declaration import Example, Operator, complement
from coterie.rules.values import Kind, Value


def _is_set(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    return True  # only asked of a value that is present


def _lower_is_set(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    return IsSet(subject)


is_set = Operator(
    name="is_set",
    reads="{subject} is set",
    kinds=frozenset(Kind),
    takes=NOTHING,
    meaning=_is_set,
    lowers=_lower_is_set,
    summary='There is a value, of whatever kind. "", 0, false and [] are values.',
    examples=(
        Example("Ada", None, True),
        Example("", None, True),
        Example(0, None, True),
        Example(False, None, True),
        Example([], None, True),
        Example({"time": "2026-03-01T00:00:00Z"}, None, True),
        Example(None, None, False),
    ),
)

is_not_set = complement(
    "is_not_set",
    of=is_set,
    reads="{subject} is not set",
    summary="There is no value.",
    examples=(Example(None, None, True), Example("", None, False), Example([], None, False)),
)

DECLARED = (is_set, is_not_set)
