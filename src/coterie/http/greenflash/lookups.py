"""What routes ask of the workspace on this dialect's behalf: segments by either id, users, and `Context`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, NotFound
from coterie.http.greenflash.from_model import preset_of
from coterie.http.greenflash.grammar import UUID, Context
from coterie.model import UNSET, Conversation, Organization, Profile, Segment, SegmentKind, Unset
from coterie.workspace import Workspace


def context_of(workspace: Workspace) -> Context:
    """What a translation must know of the workspace, as of now."""

    def has_property(name: str) -> bool:
        return any(one.name == name for one in workspace.properties.list())

    return Context(ZoneInfo(workspace.zone), workspace.settings.rule_limits(), has_property)


def segment_by_id(workspace: Workspace, segment_id: str) -> Segment:
    """By its id, or by the name of its preset. Raises NotFound."""
    if UUID.fullmatch(segment_id):
        return workspace.segments.get(segment_id.lower())
    for one in workspace.segments.list(kind=SegmentKind.SYSTEM).items:
        if preset_of(one) == segment_id:
            return one
    raise NotFound(f"There is no segment {segment_id}.")


def user(workspace: Workspace, external_id: str) -> Profile:
    """By the external id. Raises NotFound."""
    try:
        return workspace.profiles.get(external_id=external_id)
    except NotFound:
        raise NotFound(f"There is no user {external_id}.") from None


def user_by_any_id(workspace: Workspace, user_id: str) -> Profile:
    """By our id or the external one. Raises NotFound."""
    if UUID.fullmatch(user_id):
        try:
            return workspace.profiles.get(user_id.lower())
        except NotFound:
            pass
    return user(workspace, user_id)


def user_if_known(workspace: Workspace, external_id: str) -> Profile | None:
    try:
        return workspace.profiles.get(external_id=external_id)
    except NotFound:
        return None


def conversation_if_known(workspace: Workspace, external_id: str) -> Conversation | None:
    try:
        return workspace.conversations.get(external_id=external_id)
    except NotFound:
        return None


def organization_of(
    workspace: Workspace, organization_id: str | None | Unset, external_id: str | None | Unset
) -> Organization | None | Unset:
    """The organization that is named, made where only its external id is known; None to leave the one before; UNSET where nothing is said.

    Raises InvalidInput for an id that nobody has, and for two that are not of one organization.
    """
    if not organization_id and not external_id:
        silent = isinstance(organization_id, Unset) and isinstance(external_id, Unset)
        return UNSET if silent else None
    if isinstance(organization_id, str):
        try:
            named = workspace.organizations.get(organization_id.lower())
        except NotFound as error:
            raise InvalidInput(error.message, path=("organizationId",)) from error
        if isinstance(external_id, str) and external_id != named.external_id:
            raise InvalidInput(
                "This is not the organization that organizationId names.", path=("externalOrganizationId",)
            )
        return named
    assert isinstance(external_id, str), "else nothing was named"
    return workspace.organizations.put(external_id)
