"""How many contacts a definition matches, and each of its conditions alone.

The workspace counts the nodes of a rule, over all profiles. A contact is a profile with an email; so every condition, and the whole, is joined with "email is set"
before it is asked, and the counts are those of contacts.
"""

from __future__ import annotations

from coterie.http.sendkit.to_rule import Definition
from coterie.rules.nodes import All, Any, PropertyCondition, Rule
from coterie.workspace import Workspace

IS_CONTACT = PropertyCondition("email", "is_set")


def preview_of(workspace: Workspace, definition: Definition) -> dict[str, object]:
    """`count`, and for each condition its path in the body and its own count."""
    groups = [_join(group.match_type, [All((IS_CONTACT, one)) for one in group.rules]) for group in definition.groups]
    counted = workspace.preview(All((IS_CONTACT, _join(definition.match_type, groups))), sample=0)
    _, whole = counted.tree.children
    return {
        "count": counted.count,
        "conditions": [
            {"path": f"filters.groups.{place}.conditions.{index}", "count": condition.count}
            for place, group in enumerate(whole.children)
            for index, condition in enumerate(group.children)
        ],
    }


def _join(match_type: str, rules: list[Rule]) -> Rule:
    """Joined even when it is one alone, so that the tree of counts has the shape of the body."""
    return All(tuple(rules)) if match_type == "all" else Any(tuple(rules))
