"""`/organizations`: what is known of them. Who belongs to one says so when the user is sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.from_model import show_organization
from coterie.http.greenflash.grammar import UUID
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.greenflash.refusals import refusals
from coterie.http.route import EdgeRoute
from coterie.model import UNSET, Organization, Scope
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute)


@router.post(
    "/organizations",
    summary="Create or update an organization",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashOrganizationWritten,
    responses=refusals(body=True),
)
def put_organization(
    body: Annotated[shapes.GreenflashNewOrganization, Body(openapi_examples=examples.NEW_ORGANIZATION)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Makes the organization, or updates the one with this id."""
    return _written(workspace, body.externalOrganizationId, body)


@router.put(
    "/organizations/{organization_id:path}",
    summary="Update an organization",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashOrganizationWritten,
    responses=refusals(404, body=True),
)
def update_organization(
    organization_id: str,
    body: Annotated[shapes.GreenflashOrganizationChange, Body(openapi_examples=examples.ORGANIZATION_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes what is sent and leaves the rest. `organization_id` is your own id of the organization, or ours."""
    return _written(workspace, _find(workspace, organization_id).external_id, body)


def _find(workspace: Workspace, organization_id: str) -> Organization:
    """By the external id, or ours. Raises NotFound."""
    try:
        return workspace.organizations.get(external_id=organization_id)
    except NotFound:
        if not UUID.fullmatch(organization_id):
            raise
        return workspace.organizations.get(organization_id.lower())


def _written(workspace: Workspace, external_id: str, sent: shapes.GreenflashOrganizationChange) -> Response:
    name = sent.name if "name" in sent.model_fields_set else UNSET
    written = workspace.organizations.put(external_id, name=name, properties=sent.properties)
    return answer({"success": True, "organization": show_organization(written)})


@router.get(
    "/organizations",
    summary="List organizations",
    dependencies=[needs(Scope.READ)],
    response_model=list[shapes.GreenflashOrganization],
    responses=refusals(),
)
def list_organizations(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Oldest first."""
    page = workspace.organizations.list(offset=paging.offset, limit=paging.limit)
    return paging.answer([show_organization(one) for one in page.items], page.total or 0)
