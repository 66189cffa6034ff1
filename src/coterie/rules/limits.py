"""How large a rule may be: plain data, since `rules` does not import `settings.py`."""

from __future__ import annotations

from dataclasses import dataclass

DEPTH_MAX_MAX = 100
"""Walks recurse, a few Python frames for a level; this keeps them far from Python's own limit."""


@dataclass(frozen=True, slots=True)
class RuleLimits:
    """The limits that reading a rule enforces, each under the name of its setting."""

    depth_max: int = 32
    nodes_max: int = 6_000  # SendKit allows 50 groups of 100 conditions
    operand_values_max: int = 10_000
    pattern_length_max: int = 1_000
    text_length_max: int = 65_536
    property_name_length_max: int = 255

    def __post_init__(self) -> None:
        if not 1 <= self.depth_max <= DEPTH_MAX_MAX:
            raise ValueError(f"rule_depth_max is {self.depth_max}; it has to be from 1 to {DEPTH_MAX_MAX}.")


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """How large a value of a profile may be."""

    text_length_max: int = 65_536
    list_length_max: int = 1_000
