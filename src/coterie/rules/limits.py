"""How large a rule may be. `settings.py` shows these in its table; here they are plain data, for `rules` imports nothing above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleLimits:
    depth_max: int = 32
    nodes_max: int = 6_000  # SendKit allows 50 groups of 100 conditions
    operand_values_max: int = 10_000
    pattern_length_max: int = 1_000
    text_length_max: int = 65_536
    property_name_length_max: int = 255


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """How large a value of a profile may be."""

    text_length_max: int = 65_536
    list_length_max: int = 1_000
