"""Going through a rule: every node with its path, and what a rule looks at.

A path leads to the node in the rule's canonical JSON (`write.py`): `("all", 1, "not")`. The `where` of an event or a conversation is a
rule over something else than the profile, so it belongs to its condition and is not walked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from coterie.errors import Path
from coterie.rules.nodes import (
    All,
    Any,
    ConversationCondition,
    EventCondition,
    Not,
    PropertyCondition,
    Rule,
    SegmentCondition,
)


def children(rule: Rule) -> tuple[tuple[Path, Rule], ...]:
    """The nodes right below this one, each with the step that leads to it."""
    match rule:
        case All(below):
            return tuple((("all", place), child) for place, child in enumerate(below))
        case Any(below):
            return tuple((("any", place), child) for place, child in enumerate(below))
        case Not(child):
            return ((("not",), child),)
        case PropertyCondition() | EventCondition() | ConversationCondition() | SegmentCondition():
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
    """The names of the profile's properties that the rule looks at."""
    return frozenset(node.property for _, node in walk(rule) if isinstance(node, PropertyCondition))


def segments(rule: Rule) -> frozenset[str]:
    """The ids of the segments that the rule refers to."""
    return frozenset(node.segment for _, node in walk(rule) if isinstance(node, SegmentCondition))


def needs_events(rule: Rule) -> bool:
    """Whether the rule looks at events or conversations."""
    return any(isinstance(node, EventCondition | ConversationCondition) for _, node in walk(rule))
