"""A lowered rule over sets of rows: packed words of all rows, or booleans of a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from coterie.rules.kernel import And, Complement, Leaf, Lowered, Or

Rows = TypeVar("Rows", bound=npt.NDArray[Any])


def leaves_of(rule: Lowered) -> Iterator[Leaf]:
    """Every leaf, as often as it occurs."""
    match rule:
        case And(children=children) | Or(children=children):
            for child in children:
                yield from leaves_of(child)
        case Complement(child=child):
            yield from leaves_of(child)
        case leaf:
            yield leaf


def combined(rule: Lowered, leaf_rows: Callable[[Leaf], Rows], everyone: Rows) -> Rows:
    """The rows that match `rule`.

    `leaf_rows` gives the rows of a leaf, all among `everyone`; neither is changed.
    """
    match rule:
        case And(children=children):
            return _reduced(np.bitwise_and, [combined(child, leaf_rows, everyone) for child in children])
        case Or(children=children):
            return _reduced(np.bitwise_or, [combined(child, leaf_rows, everyone) for child in children])
        case Complement(child=child):
            others: Rows = everyone & ~combined(child, leaf_rows, everyone)
            return others
        case leaf:
            return leaf_rows(leaf)


def _reduced(operation: np.ufunc, sets: list[Rows]) -> Rows:
    if len(sets) == 1:
        return sets[0]
    result: Rows = operation(sets[0], sets[1])
    for other in sets[2:]:
        operation(result, other, out=result)
    return result
