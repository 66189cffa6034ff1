"""From a rule to the kernel. Everything below `rules` evaluates what comes out of here and never hears of an operator.

What comes out is canonical: groups of one are their child, nested groups of the same sort are one group, repetitions are dropped, a
complement of a complement is what it was, and two conditions that mean the same give equal leaves. So leaves can be cached by equality.
"""

from __future__ import annotations

from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.errors import NotYet
from coterie.rules.kernel import And, Complement, Leaf, Lowered, MemberOf, Or
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
from coterie.rules.operators import OPERATORS


def lower(rule: Rule, zone: ZoneInfo) -> Lowered:
    """The rule in the kernel's shapes, with bare dates cut in `zone`. Raises NotYet for events and conversations."""
    match rule:
        case All(children):
            return _group(And, tuple(lower(child, zone) for child in children))
        case Any(children):
            return _group(Or, tuple(lower(child, zone) for child in children))
        case Not(child):
            return _complement(lower(child, zone))
        case PropertyCondition(name, operator, operand, case_sensitive):
            declared = OPERATORS[operator]
            positive = declared.lowers(name, operand, case_sensitive, zone)
            return _complement(positive) if declared.complement_of else positive
        case SegmentCondition(segment):
            return MemberOf(segment)
        case EventCondition() | ConversationCondition():
            raise not_yet(rule)
        case _:
            assert_never(rule)


def leaves(lowered: Lowered) -> frozenset[Leaf]:
    """Every leaf, once."""
    match lowered:
        case And(children) | Or(children):
            return frozenset[Leaf]().union(*(leaves(child) for child in children))
        case Complement(child):
            return leaves(child)
        case leaf:
            return frozenset({leaf})


def not_yet(rule: EventCondition | ConversationCondition) -> NotYet:
    """What evaluating this condition raises: it is understood, and there is nothing yet to evaluate it on."""
    what = "events" if isinstance(rule, EventCondition) else "conversations"
    return NotYet(
        f"Conditions on {what} are understood, but this version cannot evaluate them yet.",
        hint="Leave the condition out, or send what it measures as a property.",
    )


def _group(kind: type[And] | type[Or], children: tuple[Lowered, ...]) -> Lowered:
    flat: dict[Lowered, None] = {}  # a set that keeps the order
    for child in children:
        flat.update(dict.fromkeys(child.children if isinstance(child, And | Or) and type(child) is kind else (child,)))
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _complement(lowered: Lowered) -> Lowered:
    return lowered.child if isinstance(lowered, Complement) else Complement(lowered)
