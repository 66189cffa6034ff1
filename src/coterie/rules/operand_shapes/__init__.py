"""The shapes of operands, in the order of the reference. See `declaration.py`."""

from __future__ import annotations

from coterie.rules.operand_shapes import pattern, times, values
from coterie.rules.operand_shapes.declaration import OperandShape, Ref, Schema
from coterie.rules.operand_shapes.pattern import PATTERN
from coterie.rules.operand_shapes.times import DATE, DAYS, DURATION, INSTANT, WORD
from coterie.rules.operand_shapes.values import NOTHING, RANGE, SAME, SOME

SHAPES: tuple[OperandShape, ...] = (*values.DECLARED, *times.DECLARED, *pattern.DECLARED)
"""Every shape, in the order of the reference."""

__all__ = [
    "DATE", "DAYS", "DURATION", "INSTANT", "NOTHING", "PATTERN", "RANGE", "SAME", "SHAPES", "SOME", "WORD",
    "OperandShape", "Ref", "Schema",
]  # fmt: skip
