"""`/organizations`: their names and properties. A user's organization is set with the user."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.from_model import to_organization
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.routing import Routes
from coterie.model import UNSET, Organization, Scope
from coterie.rules.names import UUID
from coterie.workspace import Workspace

routes = Routes(ERRORS)


@routes.post(
    "/organizations",
    "Create or update an organization",
    scope=Scope.WRITE,
    answers=shapes.GreenflashOrganizationWritten,
)
def put_organization(
    body: Annotated[shapes.GreenflashNewOrganization, Body(openapi_examples=examples.NEW_ORGANIZATION)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Creates the organization, or updates the one with this id."""
    return _put(workspace, body.externalOrganizationId, body)


@routes.put(
    "/organizations/{organization_id:path}",
    "Update an organization",
    scope=Scope.WRITE,
    answers=shapes.GreenflashOrganizationWritten,
    refuses=(404,),
)
def update_organization(
    organization_id: str,
    body: Annotated[shapes.GreenflashOrganizationChange, Body(openapi_examples=examples.ORGANIZATION_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes the fields that are sent and keeps the rest. `organization_id` is your own id of the
    organization, or Coterie's."""
    return _put(workspace, _organization_by_any_id(workspace, organization_id).external_id, body)


def _organization_by_any_id(workspace: Workspace, organization_id: str) -> Organization:
    """Raises NotFound."""
    try:
        return workspace.organizations.get(external_id=organization_id)
    except NotFound:
        if not UUID.fullmatch(organization_id):
            raise
        return workspace.organizations.get(organization_id.lower())


def _put(workspace: Workspace, external_id: str, body: shapes.GreenflashOrganizationChange) -> Response:
    name = body.name if "name" in body.model_fields_set else UNSET
    organization = workspace.organizations.put(external_id, name=name, properties=body.properties)
    return answer({"success": True, "organization": to_organization(organization)})


@routes.get("/organizations", "List organizations", scope=Scope.READ, answers=list[shapes.GreenflashOrganization])
def list_organizations(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Oldest first."""
    page = workspace.organizations.list(offset=paging.offset, limit=paging.limit)
    return paging.answer([to_organization(organization) for organization in page.items], page.total or 0)
