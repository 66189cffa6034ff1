"""The kinds that a condition compares, and the warnings where no value has one of them."""

from __future__ import annotations

from coterie.errors import Path, Problem
from coterie.rules.nodes import ConversationCondition, EventCondition, PropertyCondition
from coterie.rules.operators import OPERATORS
from coterie.rules.values import Kind, kind_of

Comparing = PropertyCondition | EventCondition | ConversationCondition

MAY_COME = "Check the spelling; if the data is yet to come, all is well."


def compared_kinds(condition: Comparing) -> frozenset[Kind]:
    """The kinds of value for which the condition's positive sense can hold at all."""
    operator = OPERATORS[condition.operator]
    if not operator.takes.of_its_kinds or Kind.LIST in operator.kinds:
        return operator.kinds
    operand = condition.operand[0] if isinstance(condition.operand, tuple) else condition.operand
    kinds = frozenset({kind_of(operand)}) if isinstance(operand, str | float | int) else frozenset({Kind.TIME})
    return kinds & operator.kinds


def unknown_property(beginning: str, name: str, path: Path) -> Problem:
    """The warning about an unknown property. `beginning` starts its sentence."""
    return Problem(f"{beginning} “{name}” so far.", path, "unknown_property", MAY_COME)


def mismatch(what: str, kinds: frozenset[Kind], condition: Comparing, everyone: str, path: Path) -> Problem:
    """The warning that `what` is of `kinds`, none of which the condition compares.

    So the condition is true for `everyone`, or for no one.
    """
    outcome = everyone if OPERATORS[condition.operator].complement_of else "no one"
    return Problem(
        f"{what} {kind_words(kinds)}, and this compares {kind_words(compared_kinds(condition))}, "
        f"so it is true for {outcome}.",
        path,
        "kind_mismatch",
        "A condition compares only with values of its own kind.",
    )


def kind_words(kinds: frozenset[Kind]) -> str:
    return " or ".join(kind.value for kind in Kind if kind in kinds)
