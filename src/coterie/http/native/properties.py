"""`/v1/properties`: the catalogue. A property is addressed by its name, which may hold any character, slashes too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.native import schema
from coterie.http.native.responses import READS, WRITES, refusals
from coterie.http.native.translate import change_out, property_out, summary_out
from coterie.http.route import EdgeRoute
from coterie.model import UNSET, Scope
from coterie.rules.values import Kind

router = APIRouter(route_class=EdgeRoute, prefix="/properties", tags=["properties"])

PropertyName = Annotated[str, Path(description="The property's name, percent-encoded.", examples=["plan"])]


@router.get(
    "",
    summary="List properties",
    dependencies=[needs(Scope.READ)],
    response_model=schema.PropertyList,
    responses=refusals(*READS),
)
def list_properties(workspace: WorkspaceOfKey) -> Response:
    return answer({"items": [property_out(known) for known in workspace.properties.list()]})


@router.get(
    "/{name:path}",
    summary="Describe a property",
    dependencies=[needs(Scope.READ)],
    response_model=schema.PropertySummary,
    responses=refusals(*READS, 404),
)
def describe_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """Its declared type, and of each kind of value: how many profiles have one, how many distinct, the most frequent or the range."""
    return answer(summary_out(workspace.properties.describe(name)))


@router.put(
    "/{name:path}",
    summary="Declare a property",
    dependencies=[needs(Scope.WRITE)],
    response_model=schema.PropertyChanged,
    responses=refusals(*WRITES, 404, 409),
)
def declare_property(name: PropertyName, body: schema.PropertyDeclaration, workspace: WorkspaceOfKey) -> Response:
    """From now on its values are converted to `type`, or refused. The answer counts what became of the stored ones."""
    named = body.model_fields_set
    kind = Kind(body.type) if body.type is not None else None
    change = workspace.properties.declare(
        name,
        kind if "type" in named else UNSET,
        fallback=body.fallback if "fallback" in named else UNSET,
    )
    return answer(change_out(change))


@router.delete(
    "/{name:path}",
    summary="Delete a property and all its values",
    dependencies=[needs(Scope.WRITE)],
    status_code=204,
    responses=refusals(*READS, 404, 409),
)
def delete_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """Refused while a segment's rule looks at it; `users` names those segments."""
    known = next((known for known in workspace.properties.list() if known.name == name), None)
    if known is None:
        raise NotFound("There is no property of this name.")
    workspace.properties.delete(known.id)
    return no_content()
