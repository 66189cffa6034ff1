"""Equality, over text, number and boolean. Booleans have no operators of their own beside these.

The value must be of the operand's kind: the number 1 equals neither the text "1" nor true.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.rules.kernel import BooleanIs, Lowered, NumberIn, Subject, TextIn
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import SAME, SOME
from coterie.rules.operators.declaration import Example, Operator, complement
from coterie.rules.values import Kind, Value, fold, kind_of


def _same(value: Value, operand: object, case_sensitive: bool) -> bool:
    if isinstance(value, str) and isinstance(operand, str):
        return value == operand if case_sensitive else fold(value) == fold(operand)
    assert isinstance(operand, str | float | bool)
    return kind_of(value) == kind_of(operand) and value == operand


def _equals(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    return _same(value, operand, case_sensitive)


def _is_in(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(operand, tuple)
    return any(_same(value, item, case_sensitive) for item in operand)


def _lower_equals(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    if isinstance(operand, bool):
        return BooleanIs(subject, operand)
    if isinstance(operand, str):
        return TextIn(subject, _texts((operand,), case_sensitive), case_sensitive)
    assert isinstance(operand, float)
    return NumberIn(subject, frozenset({operand}))


def _lower_in(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    assert isinstance(operand, tuple)
    texts = _texts(operand, case_sensitive)
    if texts:
        return TextIn(subject, texts, case_sensitive)
    return NumberIn(subject, frozenset(item for item in operand if isinstance(item, float)))


def _texts(items: tuple[object, ...], case_sensitive: bool) -> frozenset[str]:
    return frozenset(item if case_sensitive else fold(item) for item in items if isinstance(item, str))


equals = Operator(
    name="equals",
    reads="{subject} is {operand}",
    kinds=frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN}),
    takes=SAME,
    meaning=_equals,
    lowers=_lower_equals,
    case_option=True,
    summary="The value is the operand: the same kind and the same value.",
    examples=(
        Example("Enterprise", "enterprise", True),
        Example("", "", True),
        Example(42, 42.0, True),
        Example(0.1, 0.1, True),
        Example(True, True, True),
        Example(False, True, False),
        Example("1", 1, False),
        Example(1, True, False),
        Example("true", True, False),
        Example(["a"], "a", False),
        Example(None, "", False),
    ),
)

not_equals = complement(
    "not_equals",
    of=equals,
    reads="{subject} is not {operand}",
    summary="The value is anything but the operand: another value, another kind, or missing.",
    examples=(
        Example("free", "enterprise", True),
        Example("ENTERPRISE", "enterprise", False),
        Example("42", 42, True),
        Example(1, True, True),
        Example(None, "enterprise", True),
    ),
)

is_in = Operator(
    name="in",
    reads="{subject} is one of {operand}",
    kinds=frozenset({Kind.TEXT, Kind.NUMBER}),
    takes=SOME,
    meaning=_is_in,
    lowers=_lower_in,
    case_option=True,
    summary="The value is one of those listed, which are all texts or all numbers.",
    examples=(
        Example("pro", ["Pro", "enterprise"], True),
        Example("free", ["pro", "enterprise"], False),
        Example(2, [1, 2, 3], True),
        Example("2", [1, 2, 3], False),
        Example(None, ["pro"], False),
    ),
)

not_in = complement(
    "not_in",
    of=is_in,
    reads="{subject} is not one of {operand}",
    summary="The value is none of those listed, or is missing.",
    examples=(
        Example("free", ["pro", "enterprise"], True),
        Example("PRO", ["pro", "enterprise"], False),
        Example("2", [1, 2, 3], True),
        Example(None, ["pro"], True),
    ),
)

DECLARED = (equals, not_equals, is_in, not_in)
