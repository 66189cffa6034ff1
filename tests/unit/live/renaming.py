"""Replaces the placeholders that random rules use for segments by ids of existing segments."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.rules.nodes import All, Any, Not, Rule, SegmentCondition


def renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    """The rule with its segments renamed by `names`; others stay."""
    match rule:
        case All(children):
            return All(tuple(renamed(child, names) for child in children))
        case Any(children):
            return Any(tuple(renamed(child, names) for child in children))
        case Not(child):
            return Not(renamed(child, names))
        case SegmentCondition(segment):
            return SegmentCondition(names.get(segment, segment))
        case _:
            return rule
