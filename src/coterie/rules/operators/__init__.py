"""The operators: every declaration, in the order in which menus and the reference show them.

A new operator is declared in the file of its kind and added to that file's `DECLARED`; nothing else
changes. Two files are of no kind: equality, which text, numbers and booleans share, and change,
which compares the instant at which a value of any kind last changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from coterie.rules.operators import change, equality, list, number, presence, text, time
from coterie.rules.operators.declaration import Example, Operator

OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        declared.name: declared
        for room in (equality, text, number, time, change, list, presence)
        for declared in room.DECLARED
    }
)
"""Every operator, by name."""

COMPLEMENTS: Mapping[str, str] = MappingProxyType(
    {
        **{negative.name: negative.complement_of for negative in OPERATORS.values() if negative.complement_of},
        **{negative.complement_of: negative.name for negative in OPERATORS.values() if negative.complement_of},
    }
)
"""The exact opposite of each operator that has one."""

__all__ = ["COMPLEMENTS", "OPERATORS", "Example", "Operator"]
