"""`/v1/properties`: the catalogue. A property is addressed by its name, which may hold any character, slashes too."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.translate import change_out, property_out, summary_out
from coterie.http.routing import Routes
from coterie.model import UNSET, Scope
from coterie.rules.values import Kind

routes = Routes(ERRORS, prefix="/properties", tags=["properties"])

PropertyName = Annotated[str, Path(description="The property's name, percent-encoded.", examples=["plan"])]


@routes.get("", "List properties", scope=Scope.READ, answers=schema.PropertyList)
def list_properties(workspace: WorkspaceOfKey) -> Response:
    return answer({"items": [property_out(known) for known in workspace.properties.list()]})


@routes.get("/{name:path}", "Describe a property", scope=Scope.READ, answers=schema.PropertySummary, refuses=(404,))
def describe_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """Its declared type, and of each kind of value: how many profiles have one, how many distinct, the most frequent or the range."""
    return answer(summary_out(workspace.properties.describe(name)))


@routes.put("/{name:path}", "Declare a property", scope=Scope.WRITE, answers=schema.PropertyChanged, refuses=(404, 409))
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


@routes.delete("/{name:path}", "Delete a property and all its values", scope=Scope.WRITE, refuses=(404, 409))
def delete_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """Refused while a segment's rule looks at it; `users` names those segments."""
    known = next((known for known in workspace.properties.list() if known.name == name), None)
    if known is None:
        raise NotFound("There is no property of this name.")
    workspace.properties.delete(known.id)
    return no_content()
