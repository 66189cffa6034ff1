"""Operators over text: parts of a text, and regular expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from zoneinfo import ZoneInfo

from coterie.rules.kernel import Lowered, Subject, TextMatch
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import PATTERN, SAME
from coterie.rules.operators.declaration import Example, Lowering, Meaning, Operator, complement
from coterie.rules.text import is_found
from coterie.rules.values import Kind, Value, fold


def _comparing(test: Callable[[str, str], bool]) -> Meaning:
    def meaning(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
        assert isinstance(value, str)
        assert isinstance(operand, str)
        return test(value, operand) if case_sensitive else test(fold(value), fold(operand))

    return meaning


def _matching(how: Literal["contains", "starts", "ends"]) -> Lowering:
    def lowers(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
        assert isinstance(operand, str)
        return TextMatch(subject, how, operand if case_sensitive else fold(operand), case_sensitive)

    return lowers


def _matches(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    assert isinstance(value, str)
    assert isinstance(operand, str)
    return is_found(operand, value, case_sensitive)


def _lower_matches(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
    assert isinstance(operand, str)
    return TextMatch(subject, "regex", operand, case_sensitive)


_TEXT = frozenset({Kind.TEXT})

contains = Operator(
    name="contains",
    reads="{subject} contains {operand}",
    kinds=_TEXT,
    takes=SAME,
    meaning=_comparing(lambda text, part: part in text),
    lowers=_matching("contains"),
    case_option=True,
    refuses_empty=True,
    summary="The text has the operand somewhere in it.",
    examples=(
        Example("Acme Corporation", "corp", True),
        Example("Acme", "corp", False),
        Example("", "corp", False),
        Example(["corp"], "corp", False),
        Example(None, "corp", False),
    ),
)

not_contains = complement(
    "not_contains",
    of=contains,
    reads="{subject} does not contain {operand}",
    summary="The text does not have the operand in it, or the value is not a text, or is missing.",
    examples=(
        Example("Acme", "corp", True),
        Example("Acme Corporation", "corp", False),
        Example(5, "corp", True),
        Example(None, "corp", True),
    ),
)

starts_with = Operator(
    name="starts_with",
    reads="{subject} starts with {operand}",
    kinds=_TEXT,
    takes=SAME,
    meaning=_comparing(str.startswith),
    lowers=_matching("starts"),
    case_option=True,
    refuses_empty=True,
    summary="The text begins with the operand.",
    examples=(
        Example("+49 30 1234", "+49", True),
        Example("Straße", "STRA", True),
        Example("0049", "+49", False),
        Example(None, "+49", False),
    ),
)

ends_with = Operator(
    name="ends_with",
    reads="{subject} ends with {operand}",
    kinds=_TEXT,
    takes=SAME,
    meaning=_comparing(str.endswith),
    lowers=_matching("ends"),
    case_option=True,
    refuses_empty=True,
    summary="The text ends with the operand.",
    examples=(
        Example("ada@Example.com", "@example.com", True),
        Example("ada@example.com.au", "@example.com", False),
        Example(None, "@example.com", False),
    ),
)

matches = Operator(
    name="matches",
    reads="{subject} matches {operand}",
    kinds=_TEXT,
    takes=PATTERN,
    meaning=_matches,
    lowers=_lower_matches,
    case_option=True,
    summary="The RE2 regular expression is found anywhere in the text.",
    examples=(
        Example("INV-2026-0042", r"inv-\d{4}", True),
        Example("my INV-2026", r"^inv-", False),
        Example("", r"^$", True),
        Example(None, r".*", False),
    ),
)

DECLARED = (contains, not_contains, starts_with, ends_with, matches)
