"""What routes ask the workspace for: segments and users by either id, and the `Context`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, NotFound, not_found
from coterie.http.greenflash.from_model import preset_of
from coterie.http.greenflash.grammar import Context
from coterie.model import UNSET, Conversation, Profile, Segment, SegmentKind, Unset
from coterie.rules.names import UUID
from coterie.workspace import Workspace


def context_of(workspace: Workspace) -> Context:
    """What a translation needs of the workspace, as of now."""

    def has_property(name: str) -> bool:
        try:
            workspace.properties.named(name)
        except NotFound:
            return False
        return True

    return Context(ZoneInfo(workspace.zone), workspace.settings.rule_limits(), has_property)


def segment_by_id(workspace: Workspace, segment_id: str) -> Segment:
    """The segment with this id or preset. Raises NotFound."""
    if UUID.fullmatch(segment_id):
        return workspace.segments.get(segment_id.lower())
    for segment in workspace.segments.list(kind=SegmentKind.SYSTEM).items:
        if preset_of(segment) == segment_id:
            return segment
    raise not_found("segment", segment_id)


def user_by_external_id(workspace: Workspace, external_id: str) -> Profile:
    """Raises NotFound."""
    user = find_user(workspace, external_id)
    if user is None:
        raise not_found("user", external_id)
    return user


def user_by_any_id(workspace: Workspace, user_id: str) -> Profile:
    """The user with this id, Coterie's or the external one. Raises NotFound."""
    if UUID.fullmatch(user_id):
        try:
            return workspace.profiles.get(user_id.lower())
        except NotFound:
            pass
    return user_by_external_id(workspace, user_id)


def find_user(workspace: Workspace, external_id: str) -> Profile | None:
    """The user with this external id, None without one."""
    try:
        return workspace.profiles.get(external_id=external_id)
    except NotFound:
        return None


def find_conversation(workspace: Workspace, external_id: str) -> Conversation | None:
    """The conversation with this external id, None without one."""
    try:
        return workspace.conversations.get(external_id=external_id)
    except NotFound:
        return None


def organization_of(
    workspace: Workspace, organization_id: str | None | Unset, external_id: str | None | Unset
) -> str | None | Unset:
    """The external id of a user's organization, by the fields of a request.

    No organization may have it yet. None takes the user out of its organization; UNSET, where
    neither field was sent, changes nothing. Raises InvalidInput for an unknown `organization_id`,
    and for two ids of different organizations.
    """
    if not organization_id and not external_id:
        absent = isinstance(organization_id, Unset) and isinstance(external_id, Unset)
        return UNSET if absent else None
    if isinstance(organization_id, str):
        try:
            organization = workspace.organizations.get(organization_id.lower())
        except NotFound as error:
            raise InvalidInput(error.message, path=("organizationId",)) from error
        if isinstance(external_id, str) and external_id != organization.external_id:
            raise InvalidInput(
                "This is not the organization that organizationId names.", path=("externalOrganizationId",)
            )
        return organization.external_id
    return external_id
