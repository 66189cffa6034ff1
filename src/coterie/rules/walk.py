"""Walks of a rule: every node with its path, and the names that a rule uses.

A path leads to the node in the rule's canonical JSON (`write.py`): `("all", 1, "not")`. A `where`
is a rule over activity, not over the profile, so it belongs to its condition and is not walked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from coterie.errors import Path
from coterie.rules.kernel import AT, ChangedAt, Followed, Leaf, Lowered, Measured, MemberOf, Sampled, Source
from coterie.rules.lower import leaves
from coterie.rules.nodes import (
    All,
    Any,
    ConversationCondition,
    EventCondition,
    Not,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
)


def children(rule: Rule) -> tuple[tuple[Path, Rule], ...]:
    """The nodes directly below this one, each with the step that leads to it."""
    match rule:
        case All(below):
            return tuple((("all", place), child) for place, child in enumerate(below))
        case Any(below):
            return tuple((("any", place), child) for place, child in enumerate(below))
        case Not(child):
            return ((("not",), child),)
        case (
            PropertyCondition()
            | EventCondition()
            | ConversationCondition()
            | SequenceCondition()
            | SegmentCondition()
            | SampleCondition()
        ):
            return ()
        case _:
            assert_never(rule)


def walk(rule: Rule) -> Iterator[tuple[Path, Rule]]:
    """Every node, parents first, in the order in which they are written."""
    waiting: list[tuple[Path, Rule]] = [((), rule)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        waiting.extend((path + step, child) for step, child in reversed(children(node)))


def properties(rule: Rule) -> frozenset[str]:
    """The names of the profile's properties that the rule compares, or compares the changes of."""
    return frozenset(node.property for _, node in walk(rule) if isinstance(node, PropertyCondition))


def segments(rule: Rule) -> frozenset[str]:
    """The ids of the segments that the rule refers to."""
    return frozenset(node.segment for _, node in walk(rule) if isinstance(node, SegmentCondition))


# --- of a lowered rule ----------------------------------------------------------------------------


def sources(lowered: Lowered) -> frozenset[Source]:
    """The sources of activity that the rule uses."""
    return frozenset(source for leaf in leaves(lowered) for source, _ in _parts(leaf))


def columns(lowered: Lowered) -> frozenset[tuple[Source, str]]:
    """The columns of activity that the rule uses, by source and name, except for the instants."""
    return frozenset(
        (source, name) for leaf in leaves(lowered) for source, names in _parts(leaf) for name in names - {AT}
    )


def changes(lowered: Lowered) -> frozenset[str]:
    """The properties whose last change the rule compares."""
    return frozenset(
        leaf.property.property
        for leaf in leaves(lowered)
        if not isinstance(leaf, MemberOf | Sampled) and isinstance(leaf.property, ChangedAt)
    )


def _parts(leaf: Leaf) -> Iterator[tuple[Source, frozenset[str]]]:
    """Each source of the leaf, with the columns that it uses."""
    subject = None if isinstance(leaf, MemberOf | Sampled) else leaf.property
    match subject:
        case Measured(source, _, of, _, where):
            yield source, _names(where) | ({of} if of is not None else frozenset())
        case Followed(steps, _):
            for step in steps:
                yield step.source, _names(step.where)
        case _:
            return


def _names(where: Lowered | None) -> frozenset[str]:
    if where is None:
        return frozenset()
    return frozenset(
        leaf.property
        for leaf in leaves(where)
        if not isinstance(leaf, MemberOf | Sampled) and isinstance(leaf.property, str)
    )
