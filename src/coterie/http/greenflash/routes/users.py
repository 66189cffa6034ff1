"""`/users`: profiles with an external id, and the segments they are in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.from_model import to_membership, to_participant
from coterie.http.greenflash.lookups import find_user, organization_of, user_by_any_id, user_by_external_id
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.greenflash.to_model import to_profile_input
from coterie.http.routing import Routes
from coterie.model import UNSET, ProfileWrite, PutInOrganization, Scope, Unset
from coterie.rules.nodes import All, PropertyCondition, Rule
from coterie.workspace import Workspace

routes = Routes(ERRORS)

IS_USER = PropertyCondition("external_id", "is_set")


@routes.post("/users", "Create or update a user", scope=Scope.WRITE, answers=shapes.GreenflashUserWritten)
def put_user(
    body: Annotated[shapes.GreenflashNewUser, Body(openapi_examples=examples.NEW_USER)], workspace: WorkspaceOfKey
) -> Response:
    """Creates the user, or updates the one with this id.

    When this returns, every segment reflects it."""
    return _put(workspace, body.externalUserId, body)


@routes.put(
    "/users/{user_id:path}",
    "Update a user",
    scope=Scope.WRITE,
    answers=shapes.GreenflashUserWritten,
    refuses=(404,),
)
def update_user(
    user_id: str,
    body: Annotated[shapes.GreenflashUserChange, Body(openapi_examples=examples.USER_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes the fields that are sent and keeps the rest. `user_id` is your own id of the user."""
    user_by_external_id(workspace, user_id)
    return _put(workspace, user_id, body)


def _put(workspace: Workspace, external_id: str, body: shapes.UserFields) -> Response:
    sent = body.model_fields_set
    organization = organization_of(
        workspace,
        body.organizationId if "organizationId" in sent else UNSET,
        body.externalOrganizationId if "externalOrganizationId" in sent else UNSET,
    )
    user = find_user(workspace, external_id)
    stored_names = [stored.name for stored in workspace.properties.list()] if body.properties else []
    profile = to_profile_input(external_id, body, user, stored_names)
    fact = profile if isinstance(organization, Unset) else PutInOrganization(profile, organization)
    (write,) = workspace.put_together([fact])
    assert isinstance(write, ProfileWrite), "the result of a profile"
    return answer({"success": True, "participant": to_participant(workspace.profiles.get(write.id))})


@routes.get("/users", "List users", scope=Scope.READ, answers=list[shapes.GreenflashParticipant])
def list_users(
    workspace: WorkspaceOfKey,
    paging: PagingOfRequest,
    organization_id: Annotated[
        shapes.Text | None, Query(alias="organizationId", description="Only users of this organization.")
    ] = None,
) -> Response:
    """Every profile that has an external id, oldest first."""
    rule: Rule = IS_USER
    if organization_id is not None:
        rule = All((IS_USER, PropertyCondition("organization_id", "equals", organization_id)))
    page = workspace.profiles.matching(rule, offset=paging.offset, limit=paging.limit)
    return paging.answer([to_participant(profile) for profile in page.items], page.total or 0)


@routes.get(
    "/users/{user_id:path}/segments",
    "List a user's segments",
    scope=Scope.READ,
    answers=list[shapes.GreenflashMembership],
    refuses=(404,),
)
def list_user_segments(user_id: str, workspace: WorkspaceOfKey) -> Response:
    """The segments the user is in now. `user_id` is your own id of the user, or Coterie's."""
    profile = user_by_any_id(workspace, user_id)
    return answer([to_membership(segment) for segment in workspace.segments.of_profile(profile.id)])
