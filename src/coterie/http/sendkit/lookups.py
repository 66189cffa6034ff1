"""What routes ask of the workspace on this dialect's behalf: contacts, lists and segments as this dialect sees them, and `Context`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from coterie.errors import NotFound
from coterie.http.sendkit.from_model import show_contact
from coterie.http.sendkit.grammar import Context, visible
from coterie.model import Profile, Property, Segment, SegmentKind
from coterie.workspace import Workspace


def context_of(workspace: Workspace) -> Context:
    """What a translation must know of the workspace, as of now."""

    def kind_of_segment(segment_id: str) -> SegmentKind | None:
        try:
            return workspace.segments.get(segment_id).kind
        except NotFound:
            return None

    return _context(workspace.properties.list(), ZoneInfo(workspace.zone), kind_of_segment)


def context_from(properties: Iterable[Property], segments: Iterable[Segment], zone: ZoneInfo) -> Context:
    """The context of a workspace that has these properties and segments."""
    return _context(properties, zone, {segment.id: segment.kind for segment in segments}.get)


def _context(
    properties: Iterable[Property], zone: ZoneInfo, kind_of_segment: Callable[[str], SegmentKind | None]
) -> Context:
    return Context(
        properties=sorted(filter(visible, properties), key=lambda item: (item.created_at, item.id)),
        zone=zone,
        is_list=lambda segment_id: kind_of_segment(segment_id) is SegmentKind.STATIC,
        is_segment=lambda segment_id: kind_of_segment(segment_id) is not None,
    )


def contact(workspace: Workspace, profile_id: str) -> Profile:
    """The profile, when it is a contact: one that has an email. Raises NotFound."""
    profile = workspace.profiles.get(profile_id)
    if profile.email is None:
        raise NotFound(f"There is no contact {profile_id}.")
    return profile


def list_by_id(workspace: Workspace, list_id: str) -> Segment:
    """Lists are our static segments. Raises NotFound."""
    found = workspace.segments.get(list_id)
    if found.kind is not SegmentKind.STATIC:
        raise NotFound(f"There is no list {list_id}.")
    return found


def segment_by_id(workspace: Workspace, segment_id: str) -> Segment:
    """Segments of this dialect are those with a rule. Raises NotFound."""
    found = workspace.segments.get(segment_id)
    if found.kind is SegmentKind.STATIC:
        raise NotFound(f"There is no segment {segment_id}.")
    return found


def property_by_id(context: Context, property_id: str) -> Property:
    """Raises NotFound for properties that this dialect does not show."""
    found = context.property_by_id(property_id)
    if found is None:
        raise NotFound(f"There is no property {property_id}.")
    return found


def lists_of(workspace: Workspace, profile: Profile) -> list[Segment]:
    """The lists the profile is in, oldest first; one that was deleted this very moment is left out."""
    found = []
    for list_id in profile.lists:
        try:
            found.append(workspace.segments.get(list_id))
        except NotFound:
            continue
    return sorted(found, key=lambda one: (one.created_at, one.id))


def shown_contact(workspace: Workspace, profile: Profile, context: Context) -> dict[str, object]:
    return show_contact(profile, lists_of(workspace, profile), context)
