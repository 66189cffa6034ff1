"""When a property changes its type, the segments made here that look at it are read again.

A condition is stored with a value of its field's type: `"42"` on a string property is a text, and would match nobody once the property is a
number. What the client wrote still makes sense, so it is read again under the new type. When one of the segments would no longer be
valid, nothing is changed, and the conflict names it. Segments made elsewhere say in our own language what they mean, and stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from coterie.errors import Conflict, InvalidInput
from coterie.http.sendkit.from_model import ORIGIN
from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.lookups import context_from
from coterie.http.sendkit.to_rule import read_definition
from coterie.model import Property, Segment, Unset
from coterie.rules.nodes import Rule
from coterie.rules.values import Kind
from coterie.rules.walk import properties as used_by
from coterie.workspace import Workspace


def declare_and_follow(
    workspace: Workspace, item: Property, kind: Kind | None, fallback: str | None | Unset
) -> Property:
    """Declare the property as `kind`, and bring the segments along in the same commit. Raises Conflict before anything is changed."""
    zone = ZoneInfo(workspace.zone)

    def follow(segments: Sequence[Segment], properties: Sequence[Property]) -> Mapping[str, Rule]:
        return _following(item, segments, context_from(properties, segments, zone))

    rewrite = follow if kind != item.type else None
    return workspace.properties.declare(item.name, kind, fallback=fallback, rewrite=rewrite).property


def _following(item: Property, segments: Sequence[Segment], context: Context) -> dict[str, Rule]:
    """The rules of the segments made here that use the property, by segment id, as `context` would have them read."""
    following: dict[str, Rule] = {}
    stuck = []
    for segment in segments:
        made_here = segment.origin is not None and segment.origin.dialect == ORIGIN
        if segment.origin is None or segment.rule is None or not made_here or item.name not in used_by(segment.rule):
            continue
        try:
            rule = read_definition(segment.origin.document, context).rule
        except InvalidInput:
            stuck.append(segment.name)
            continue
        if rule != segment.rule:
            following[segment.id] = rule
    if stuck:
        raise Conflict(
            f"The property {item.name} is used by segments that need its type: {', '.join(stuck[:10])}.",
            hint="Change or delete those segments first.",
        )
    return following
