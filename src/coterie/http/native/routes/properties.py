"""`/v1/properties`: the catalogue. A property is addressed by its name, which may contain any
character, slashes included."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from coterie.errors import not_found
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native.envelope import ERRORS
from coterie.http.native.shapes import properties
from coterie.http.routing import Routes
from coterie.model import UNSET, Scope
from coterie.rules.values import Kind

routes = Routes(ERRORS, prefix="/properties", tags=["properties"])

PropertyName = Annotated[str, Path(description="The property's name, percent-encoded.", examples=["plan"])]


@routes.get("", "List properties", scope=Scope.READ, answers=properties.PropertyList)
def list_properties(workspace: WorkspaceOfKey) -> Response:
    return answer({"items": [properties.Property.of(prop) for prop in workspace.properties.list()]})


@routes.get("/{name:path}", "Describe a property", scope=Scope.READ, answers=properties.PropertySummary, refuses=(404,))
def describe_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """Its declared type, and for each kind of value: how many profiles have one, how many values
    are distinct, and the most frequent values or their range."""
    return answer(properties.PropertySummary.of(workspace.properties.describe(name)))


@routes.put(
    "/{name:path}",
    "Declare a property",
    scope=Scope.WRITE,
    answers=properties.PropertyChanged,
    refuses=(404, 409),
)
def declare_property(name: PropertyName, body: properties.PropertyDeclaration, workspace: WorkspaceOfKey) -> Response:
    """From now on its values are converted to `type`, or refused. The answer counts the stored
    values that were converted, and those that were removed."""
    sent = body.model_fields_set
    kind = Kind(body.type) if body.type is not None else None
    change = workspace.properties.declare(
        name,
        kind if "type" in sent else UNSET,
        fallback=body.fallback if "fallback" in sent else UNSET,
    )
    return answer(properties.PropertyChanged.of(change))


@routes.delete("/{name:path}", "Delete a property and its values", scope=Scope.WRITE, refuses=(404, 409))
def delete_property(name: PropertyName, workspace: WorkspaceOfKey) -> Response:
    """A conflict while the rule of a segment uses it; `users` names these segments."""
    property_id = next((prop.id for prop in workspace.properties.list() if prop.name == name), None)
    if property_id is None:
        raise not_found("property", name)
    workspace.properties.delete(property_id)
    return no_content()
