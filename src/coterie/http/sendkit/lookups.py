"""Lookups of the routes: contacts, lists, segments and properties, and the `Context`.

Each raises NotFound for what the workspace has but this dialect does not: a profile without an
email, an undeclared property.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.errors import NotFound, not_found
from coterie.http.sendkit.from_model import contact_to_sendkit
from coterie.http.sendkit.grammar import Context, visible
from coterie.model import Profile, Property, Segment, SegmentKind
from coterie.workspace import Workspace


def context_of(workspace: Workspace) -> Context:
    """The context of a request."""

    def kind_of_segment(segment_id: str) -> SegmentKind | None:
        try:
            return workspace.segments.get(segment_id).kind
        except NotFound:
            return None

    return Context(
        load_properties=workspace.properties.list,
        zone=ZoneInfo(workspace.zone),
        is_list=lambda segment_id: kind_of_segment(segment_id) is SegmentKind.STATIC,
        is_segment=lambda segment_id: kind_of_segment(segment_id) is not None,
    )


def contact_by_id(workspace: Workspace, profile_id: str) -> Profile:
    """The profile with this id, if it has an email. Raises NotFound."""
    profile = workspace.profiles.get(profile_id)
    if profile.email is None:
        raise not_found("contact", profile_id)
    return profile


def list_by_id(workspace: Workspace, list_id: str) -> Segment:
    """The static segment with this id. Raises NotFound."""
    segment = workspace.segments.get(list_id)
    if segment.kind is not SegmentKind.STATIC:
        raise not_found("list", list_id)
    return segment


def segment_by_id(workspace: Workspace, segment_id: str) -> Segment:
    """The segment with this id, if it has a rule. Raises NotFound."""
    segment = workspace.segments.get(segment_id)
    if segment.kind is SegmentKind.STATIC:
        raise not_found("segment", segment_id)
    return segment


def property_by_id(workspace: Workspace, property_id: str) -> Property:
    """The property with this id, if it is visible in this dialect. Raises NotFound."""
    item = workspace.properties.get(property_id)
    if not visible(item):
        raise not_found("property", property_id)
    return item


def lists_of(workspace: Workspace, profile: Profile) -> list[Segment]:
    """The lists the profile is in, oldest first. A list that was deleted meanwhile is left out."""
    lists = []
    for list_id in profile.lists:
        try:
            lists.append(workspace.segments.get(list_id))
        except NotFound:
            continue
    return sorted(lists, key=lambda item: (item.created_at, item.id))


def contact_with_lists(workspace: Workspace, profile: Profile, context: Context) -> dict[str, object]:
    return contact_to_sendkit(profile, lists_of(workspace, profile), context)
