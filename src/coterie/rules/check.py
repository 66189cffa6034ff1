"""Checks a rule against a workspace: its segments must exist, its properties should, no cycles.

What cannot be is an error. What is only odd, such as a property that no profile has yet, is a
warning, since data may still come. `check_activity.py` checks the conditions on activity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from coterie.errors import InvalidRule, Path, Problem, none_of
from coterie.rules.check_activity import ActivityCatalogue, check_activity
from coterie.rules.compared import compared_kinds, mismatch, unknown_property
from coterie.rules.nodes import PropertyCondition, Rule, SegmentCondition
from coterie.rules.operators import OPERATORS
from coterie.rules.values import Kind
from coterie.rules.walk import segments, walk

OWN_KINDS = {
    "email": Kind.TEXT,
    "external_id": Kind.TEXT,
    "created_at": Kind.TIME,
    "updated_at": Kind.TIME,
}
"""The profile's own fields, which rules look at like properties."""


class Catalogue(ActivityCatalogue, Protocol):
    """The segments, properties and events of a workspace."""

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        """The kinds of value that profiles have in this property; None for an unknown property."""
        ...

    def declared(self, name: str) -> Kind | None: ...
    def has_segment(self, segment_id: str) -> bool: ...


def check(rule: Rule, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Warnings. Raises InvalidRule naming every segment that does not exist."""
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for path, node in walk(rule):
        if isinstance(node, SegmentCondition) and not catalogue.has_segment(node.segment):
            message = none_of("segment", repr(node.segment))
            errors.append(
                Problem(message, (*path, "segment"), "unknown_segment", "Give the id of a segment that exists.")
            )
        elif isinstance(node, PropertyCondition):
            warnings.extend(_property(node, path, catalogue))
        else:
            warnings.extend(check_activity(node, path, catalogue))
    if errors:
        first, *others = errors
        raise InvalidRule(first.message, path=first.path, hint=first.hint, others=others)
    return tuple(warnings)


def find_cycle(segment_id: str, rule: Rule, rule_of: Callable[[str], Rule | None]) -> tuple[str, ...] | None:
    """The ids on the shortest cycle that `rule` would close for the segment, or None.

    `rule_of` gives the rule of another segment, None for a static one.
    """
    came_from: dict[str, str] = {}
    waiting = [(segment_id, rule)]
    for reached, rule_of_reached in waiting:  # grows as we go: breadth first
        for below in sorted(segments(rule_of_reached)):
            if below == segment_id:
                return (*_route(reached, came_from), segment_id)
            if below in came_from:
                continue
            came_from[below] = reached
            rule_below = rule_of(below)
            if rule_below is not None:
                waiting.append((below, rule_below))
    return None


def _property(condition: PropertyCondition, path: Path, catalogue: Catalogue) -> list[Problem]:
    name = condition.property
    declared = OWN_KINDS.get(name) or catalogue.declared(name)
    kinds = frozenset({declared}) if declared is not None else catalogue.kinds_of(name)
    if kinds is None:
        return [unknown_property("No profile has had a property", name, (*path, "property"))]
    compared = compared_kinds(condition)
    if OPERATORS[condition.operator].of_change or not kinds or compared & kinds:
        return []
    what = f"“{name}” {'is declared as' if declared is not None else 'has only ever been'}"
    return [mismatch(what, kinds, condition, "everyone", (*path, "operator"))]


def _route(to: str, came_from: dict[str, str]) -> tuple[str, ...]:
    route = [to]
    while route[-1] in came_from:
        route.append(came_from[route[-1]])
    return tuple(reversed(route))


__all__ = ["OWN_KINDS", "Catalogue", "check", "compared_kinds", "find_cycle"]
