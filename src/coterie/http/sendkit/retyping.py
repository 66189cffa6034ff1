"""When a property changes its type, the segments made here that look at it are read again.

A condition is stored with a value of its field's type: `"42"` on a string property is a text, and would match nobody once the property is a
number. What the client wrote still makes sense, so it is read again under the new type. When one of the segments would no longer be
valid, nothing is changed, and the conflict names it. Segments made elsewhere say in our own language what they mean, and stay.
"""

from __future__ import annotations

from dataclasses import replace

from coterie.errors import Conflict, InvalidInput
from coterie.http.sendkit.from_model import ORIGIN
from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.lookups import context_of
from coterie.http.sendkit.to_rule import read_definition
from coterie.model import Property, Segment, Unset
from coterie.rules.nodes import Rule
from coterie.rules.values import Kind
from coterie.rules.walk import properties
from coterie.workspace import Workspace


def declare_and_follow(
    workspace: Workspace, item: Property, kind: Kind | None, fallback: str | None | Unset
) -> Property:
    """Declare the property as `kind`, and bring the segments along. Raises Conflict before anything is changed."""
    following: list[tuple[Segment, Rule]] = []
    if kind != item.type:
        context = context_of(workspace)
        changed = [replace(one, type=kind) if one.id == item.id else one for one in context.properties]
        following = _following(workspace, item, replace(context, load_properties=lambda: changed))
    change = workspace.properties.declare(item.name, kind, fallback=fallback)
    for segment, rule in following:
        workspace.segments.update(segment.id, rule=rule, origin=segment.origin)
    return change.property


def _following(workspace: Workspace, item: Property, context: Context) -> list[tuple[Segment, Rule]]:
    """The segments made here that use the property, and their rules as `context` would have them read."""
    following, stuck = [], []
    for segment in workspace.segments.list().items:
        made_here = segment.origin is not None and segment.origin.dialect == ORIGIN
        if segment.origin is None or segment.rule is None or not made_here or item.name not in properties(segment.rule):
            continue
        try:
            rule = read_definition(segment.origin.document, context).rule
        except InvalidInput:
            stuck.append(segment.name)
            continue
        if rule != segment.rule:
            following.append((segment, rule))
    if stuck:
        raise Conflict(
            f"The property {item.name} is used by segments that need its type: {', '.join(stuck[:10])}.",
            hint="Change or delete those segments first.",
        )
    return following
