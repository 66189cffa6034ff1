"""`/users`: profiles that have an external id, and the segments they are in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.from_model import show_membership, show_participant
from coterie.http.greenflash.lookups import organization_of, user, user_by_any_id, user_if_known
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.greenflash.refusals import refusals
from coterie.http.greenflash.to_model import user_in
from coterie.http.route import EdgeRoute
from coterie.model import UNSET, Scope
from coterie.rules.nodes import All, PropertyCondition, Rule
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute)

IS_USER = PropertyCondition("external_id", "is_set")


@router.post(
    "/users",
    summary="Create or update a user",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashUserWritten,
    responses=refusals(body=True),
)
def put_user(
    body: Annotated[shapes.GreenflashNewUser, Body(openapi_examples=examples.NEW_USER)], workspace: WorkspaceOfKey
) -> Response:
    """Makes the user, or updates the one with this id. Every segment reflects it when this is answered."""
    return _written(workspace, body.externalUserId, body)


@router.put(
    "/users/{user_id:path}",
    summary="Update a user",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashUserWritten,
    responses=refusals(404, body=True),
)
def update_user(
    user_id: str,
    body: Annotated[shapes.GreenflashUserChange, Body(openapi_examples=examples.USER_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes what is sent and leaves the rest. `user_id` is your own id of the user."""
    user(workspace, user_id)
    return _written(workspace, user_id, body)


def _written(workspace: Workspace, external_id: str, sent: shapes._UserFields) -> Response:
    named = sent.model_fields_set
    organization = organization_of(
        workspace,
        sent.organizationId if "organizationId" in named else UNSET,
        sent.externalOrganizationId if "externalOrganizationId" in named else UNSET,
    )
    known = user_if_known(workspace, external_id)
    held = [one.name for one in workspace.properties.list()] if sent.properties else []
    write = workspace.profiles.put(user_in(external_id, sent, known, held, organization))
    return answer({"success": True, "participant": show_participant(workspace.profiles.get(write.id))})


@router.get(
    "/users",
    summary="List users",
    dependencies=[needs(Scope.READ)],
    response_model=list[shapes.GreenflashParticipant],
    responses=refusals(),
)
def list_users(
    workspace: WorkspaceOfKey,
    paging: PagingOfRequest,
    organization_id: Annotated[
        shapes.Text | None, Query(alias="organizationId", description="Users of this organization.")
    ] = None,
) -> Response:
    """Every profile that has an external id, oldest first."""
    wanted: Rule = IS_USER
    if organization_id is not None:
        wanted = All((IS_USER, PropertyCondition("organization_id", "equals", organization_id)))
    page = workspace.profiles.matching(wanted, offset=paging.offset, limit=paging.limit)
    return paging.answer([show_participant(profile) for profile in page.items], page.total or 0)


@router.get(
    "/users/{user_id:path}/segments",
    summary="List a user's segments",
    dependencies=[needs(Scope.READ)],
    response_model=list[shapes.GreenflashMembership],
    responses=refusals(404),
)
def list_user_segments(user_id: str, workspace: WorkspaceOfKey) -> Response:
    """The segments the user is in, as of now. `user_id` is your own id of the user, or ours."""
    profile = user_by_any_id(workspace, user_id)
    return answer([show_membership(one) for one in workspace.segments.of_profile(profile.id)])
