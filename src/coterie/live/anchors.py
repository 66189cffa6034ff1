"""By what is a `where` found? By the leaves of it that are the rarest to hold, so that an event meets few of a thousand of them."""

from __future__ import annotations

from coterie.rules.kernel import (
    And,
    BooleanIs,
    Complement,
    Leaf,
    ListIncludes,
    Lowered,
    NumberIn,
    Or,
    TextIn,
    TextMatch,
)


def anchors(where: Lowered) -> frozenset[Leaf]:
    """Leaves of which one at least holds wherever `where` does, as few and as rare as may be: of a conjunction one part is enough, and an
    equality says more than a range. Empty where it can hold while no leaf does."""
    match where:
        case And(children):
            found = [some for child in children if (some := anchors(child))]
            return min(found, key=_commonness, default=frozenset[Leaf]())
        case Or(children):
            each = [anchors(child) for child in children]
            return frozenset[Leaf]().union(*each) if all(each) else frozenset[Leaf]()
        case Complement():
            return frozenset()
        case leaf:
            return frozenset({leaf})


def _commonness(some: frozenset[Leaf]) -> int:
    """The rarer to hold, the smaller: equalities before patterns before ranges, few of them before many."""
    equalities = sum(isinstance(leaf, TextIn | NumberIn | ListIncludes) for leaf in some)
    patterns = sum(isinstance(leaf, TextMatch | BooleanIs) for leaf in some)
    return equalities + 10 * patterns + 100 * (len(some) - equalities - patterns)
