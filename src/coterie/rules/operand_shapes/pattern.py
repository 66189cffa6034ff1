"""Operands that are regular expressions."""

from __future__ import annotations

from coterie.errors import InvalidRule
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes.declaration import OperandShape, Ref, Schema
from coterie.rules.operands import InvalidOperand, check_operand_text, describe_json, operand_over_limit
from coterie.rules.text import regex
from coterie.rules.values import Kind
from coterie.rules.words import shortened


def _read_pattern(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if not isinstance(raw, str):
        raise InvalidOperand(f"{taker} takes a regular expression as text, not {describe_json(raw)}.")
    if not raw:
        raise InvalidOperand(f"Every text matches an empty expression, so {taker} says nothing.", hint="Use is_set.")
    if len(raw) > limits.pattern_length_max:
        raise operand_over_limit(
            "The regular expression", len(raw), "characters", limits.pattern_length_max, "pattern_length_max"
        )
    check_operand_text(raw, limits)
    try:
        regex(raw, True)  # whether it ignores case has no bearing on whether it compiles
    except InvalidRule as error:
        raise InvalidOperand(error.message, hint=error.hint) from None
    return raw


def _pattern_schema(kinds: frozenset[Kind], limits: RuleLimits, ref: Ref) -> Schema:
    length = {"minLength": 1, "maxLength": limits.pattern_length_max}
    return {"type": "string", **length, "description": "An RE2 regular expression."}


def _pattern_words(operand: Operand) -> str:
    assert isinstance(operand, str)
    return f"/{shortened(operand)}/"


PATTERN = OperandShape(
    name="pattern",
    wanted="a regular expression",
    meaning="a regular expression as RE2 takes it, found anywhere in the text",
    read=_read_pattern,
    schema=_pattern_schema,
    words=_pattern_words,
    samples=("a", "^a", "b$", "^$", "a|b", "[a-c]+", r"\d", ".", ".*", "ß", "(?-i)A", r"\bk\b"),
    suggested=False,  # any text is a pattern, which helps nobody
)

DECLARED = (PATTERN,)
