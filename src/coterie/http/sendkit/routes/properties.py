"""`/properties`: the custom properties of contacts. They are our declared properties; what was only seen is not shown here."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body
from starlette.responses import Response

from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import property_to_sendkit
from coterie.http.sendkit.grammar import KIND_OF_TYPE, fold_key
from coterie.http.sendkit.lookups import context_of, property_by_id
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.retyping import declare_and_follow
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.wording import read
from coterie.model import UNSET, Scope

_declaring = Lock()
"""Held while a key is looked for and then declared, so that two requests cannot both find it free."""

routes = Routes(ERRORS)


@routes.post("/properties", "Create a property", scope=Scope.WRITE, status=201, answers=shapes.SendKitProperty)
def create_property(
    body: Annotated[Any, as_sent(shapes.SendKitNewProperty), Body(openapi_examples=examples.PROPERTY)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Declares a property. One that other dialects have already written values to is declared by its very name; its values are converted."""
    with _declaring:
        sent = read(shapes.SendKitNewProperty, body, context_of(workspace))
        fallback = sent.fallback_value if "fallback_value" in sent.model_fields_set else UNSET
        change = workspace.properties.declare(sent.key, KIND_OF_TYPE[sent.type], fallback=fallback)
    return answer(property_to_sendkit(change.property), 201)


@routes.get("/properties", "List properties", scope=Scope.READ, answers=shapes.SendKitPropertyPage)
def list_properties(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every declared property of a type this API knows, oldest first."""
    items = context_of(workspace).properties
    return answer(paging.envelope([property_to_sendkit(item) for item in paging.slice(items)], len(items)))


@routes.put(
    "/properties/{id}", "Update a property", scope=Scope.WRITE, answers=shapes.SendKitProperty, refuses=(404, 409)
)
def update_property(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitPropertyChange), Body(openapi_examples=examples.PROPERTY_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes the key, the type or the fallback. A key is changed only while no segment uses the property. Segments made here follow a new
    type; when one cannot, that is a conflict, and nothing changes."""
    item = property_by_id(workspace, str(id))
    with _declaring:
        sent = read(shapes.SendKitPropertyChange, body, replace(context_of(workspace), changed=item))
        present = sent.model_fields_set
        if "key" in present and fold_key(sent.key) != fold_key(item.name):
            item = workspace.properties.rename(item.id, sent.key)  # refused while in use, so nothing below can be
        kind = KIND_OF_TYPE[sent.type] if "type" in present else item.type
        changed = declare_and_follow(
            workspace, item, kind, sent.fallback_value if "fallback_value" in present else UNSET
        )
    return answer(property_to_sendkit(changed))


@routes.delete("/properties/{id}", "Delete a property", scope=Scope.WRITE, refuses=(404, 409))
def delete_property(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the property and every value of it. A conflict while a segment uses it."""
    workspace.properties.delete(property_by_id(workspace, str(id)).id)
    return no_content()
