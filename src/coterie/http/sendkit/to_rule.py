"""SendKit's filters to a rule of ours. Pure.

The grammar has exactly two levels: the segment's `match_type` joins the groups, and a group's
`match_type` joins its conditions (`conditions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coterie.errors import CHANGE_USERS_FIRST, Conflict, InvalidInput
from coterie.http.sendkit.grammar import ORIGIN, Context
from coterie.http.sendkit.shapes import SendKitFilters, SendKitPreviewedSegment
from coterie.http.sendkit.wording import read
from coterie.model import Property, Segment
from coterie.rules.nodes import All, Any, PropertyCondition, Rule
from coterie.rules.walk import properties

IS_CONTACT: Final = PropertyCondition("email", "is_set")


@dataclass(frozen=True, slots=True)
class Definition:
    """The checked definition of a segment."""

    match_type: str
    filters: SendKitFilters

    @property
    def rule(self) -> Rule:
        groups = self.filters.groups
        return _joined(
            self.match_type,
            [_joined(group.match_type, [condition.rule for condition in group.conditions]) for group in groups],
        )

    @property
    def contacts_rule(self) -> Rule:
        """The rule restricted to contacts, which are the profiles with an email.

        Its tree repeats the filters, and every condition is restricted too, so that a preview of it
        counts the contacts of each condition.
        """
        groups = [
            _join(group.match_type, [All((IS_CONTACT, condition.rule)) for condition in group.conditions])
            for group in self.filters.groups
        ]
        return All((IS_CONTACT, _join(self.match_type, groups)))

    @property
    def document(self) -> dict[str, object]:
        """`match_type` and `filters` as every answer echoes them."""
        groups = [
            {"match_type": group.match_type, "conditions": [condition.echo for condition in group.conditions]}
            for group in self.filters.groups
        ]
        return {"match_type": self.match_type, "filters": {"groups": groups}}


def read_definition(document: Mapping[str, object], context: Context) -> Definition:
    """The `match_type` and `filters` of a segment. Raises InvalidInput with every problem."""
    sent = read(SendKitPreviewedSegment, document, context)
    return Definition(sent.match_type, sent.filters)


def rewritten_rules(item: Property, segments: Sequence[Segment], context: Context) -> dict[str, Rule]:
    """The rules that change when the property gets a new type, by the id of their segment.

    A condition is stored with a value of its field's type: `"42"` on a string property is a text
    and would match no number. So the filters of segments that were made here are read again, in a
    `context` that has the new type. Segments made elsewhere have no filters and stay. Raises
    Conflict, with the names of the segments that are invalid under the new type.
    """
    rules: dict[str, Rule] = {}
    invalid: list[str] = []
    for segment in segments:
        origin = segment.origin
        if segment.rule is None or item.name not in properties(segment.rule):
            continue
        if origin is None or origin.dialect != ORIGIN:
            continue
        try:
            rule = read_definition(origin.document, context).rule
        except InvalidInput:
            invalid.append(segment.name)
            continue
        if rule != segment.rule:
            rules[segment.id] = rule
    if invalid:
        raise Conflict(
            f"The property {item.name} is used by segments that need its type: {', '.join(invalid[:10])}.",
            hint=CHANGE_USERS_FIRST,
        )
    return rules


def _joined(match_type: str, rules: Sequence[Rule]) -> Rule:
    """All or any of them. A single rule stays itself, and its sentence short."""
    return rules[0] if len(rules) == 1 else _join(match_type, rules)


def _join(match_type: str, rules: Sequence[Rule]) -> Rule:
    return All(tuple(rules)) if match_type == "all" else Any(tuple(rules))
