"""SendKit's filters to a rule of ours. Pure: what the workspace has comes in as `Context`.

The grammar has exactly two levels: groups joined by the segment's `match_type`, each joining its
conditions (`conditions.py`) by its own. Beside the rule stands the document as it will be echoed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.shapes import SendKitFilters, SendKitPreviewedSegment
from coterie.http.sendkit.wording import read
from coterie.rules.nodes import All, Any, PropertyCondition, Rule

IS_CONTACT: Final = PropertyCondition("email", "is_set")


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of a segment, checked."""

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
        """The same among contacts, which are the profiles with an email. Its tree has the shape of the
        filters: the condition, then the groups and their conditions, joined even where one is alone."""
        groups = [
            _join(group.match_type, [All((IS_CONTACT, condition.rule)) for condition in group.conditions])
            for group in self.filters.groups
        ]
        return All((IS_CONTACT, _join(self.match_type, groups)))

    @property
    def document(self) -> dict[str, object]:
        """`match_type` and `filters` as every answer shows them."""
        groups = [
            {"match_type": group.match_type, "conditions": [condition.echo for condition in group.conditions]}
            for group in self.filters.groups
        ]
        return {"match_type": self.match_type, "filters": {"groups": groups}}


def read_definition(document: Mapping[str, object], context: Context) -> Definition:
    """The `match_type` and `filters` of a segment. Raises InvalidInput with every problem."""
    sent = read(SendKitPreviewedSegment, document, context)
    return Definition(sent.match_type, sent.filters)


def _joined(match_type: str, rules: Sequence[Rule]) -> Rule:
    """All or any of them; one alone is itself, so that its sentence has no empty words in it."""
    return rules[0] if len(rules) == 1 else _join(match_type, rules)


def _join(match_type: str, rules: Sequence[Rule]) -> Rule:
    return All(tuple(rules)) if match_type == "all" else Any(tuple(rules))
