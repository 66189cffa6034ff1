"""The operand of an operator, from JSON: read by the shape that the operator takes."""

from __future__ import annotations

from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Operand
from coterie.rules.operands import InvalidOperand, describe_json
from coterie.rules.operators import OPERATORS, Operator
from coterie.rules.values import Kind


def read_operand(operator: Operator, raw: object, limits: RuleLimits, kinds: frozenset[Kind] | None = None) -> Operand:
    """The operand of `operator`, read from a JSON value. Raises InvalidOperand.

    `kinds` narrows the kinds that make sense here.
    """
    try:
        return _read(operator, raw, limits, operator.kinds if kinds is None else kinds & operator.kinds)
    except InvalidOperand as error:
        if error.unsuited:
            names = _suitable(raw, limits)
            error.hint = f"Operators that take {describe_json(raw)}: {', '.join(names)}." if names else None
        raise


def _suitable(raw: object, limits: RuleLimits) -> list[str]:
    """The names of the operators that could take `raw`."""
    return [name for name, operator in OPERATORS.items() if _accepts(operator, raw, limits)]


def _accepts(operator: Operator, raw: object, limits: RuleLimits) -> bool:
    if not operator.takes.suggested:
        return False
    try:
        _read(operator, raw, limits, operator.kinds)
    except InvalidOperand:
        return False
    return True


def _read(operator: Operator, raw: object, limits: RuleLimits, kinds: frozenset[Kind]) -> Operand:
    operand = operator.takes.read(raw, operator.name, kinds, limits)
    if operator.refuses_empty and operand == "":
        raise InvalidOperand(
            f"An empty text is part of every text, so {operator.name} says nothing.", hint="Use is_set."
        )
    return operand
