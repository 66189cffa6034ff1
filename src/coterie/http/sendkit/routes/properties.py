"""`/properties`: the custom properties of contacts. They are declared properties of profiles."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Body
from starlette.responses import Response

from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.fields import as_sent
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import property_to_sendkit
from coterie.http.sendkit.grammar import KIND_OF_TYPE, Context, fold_key
from coterie.http.sendkit.lookups import context_of, property_by_id
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.to_rule import rewritten_rules
from coterie.http.sendkit.wording import read
from coterie.model import UNSET, Property, RewriteRules, Scope
from coterie.workspace import Workspace

_declaring = Lock()
"""Held from the check of a key to its declaration, so that two requests cannot take one key."""

routes = Routes(ERRORS)


@routes.post("/properties", "Create a property", scope=Scope.WRITE, status=201, answers=shapes.SendKitProperty)
def create_property(
    body: Annotated[Any, as_sent(shapes.SendKitNewProperty), Body(openapi_examples=examples.PROPERTY)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Declares a property.

    A name under which other dialects have already written values must be spelled as they spell it.
    The values are converted.
    """
    with _declaring:
        sent = read(shapes.SendKitNewProperty, body, context_of(workspace))
        fallback = sent.fallback_value if "fallback_value" in sent.model_fields_set else UNSET
        change = workspace.properties.declare(sent.key, KIND_OF_TYPE[sent.type], fallback=fallback)
    return answer(property_to_sendkit(change.property), 201)


@routes.get("/properties", "List properties", scope=Scope.READ, answers=shapes.SendKitPropertyPage)
def list_properties(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every property declared with a type of this API, oldest first."""
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
    """Changes the key, the type or the fallback.

    The key can change only while no segment uses the property. Segments made through this API
    adopt a new type. If one of them would be invalid, that is a conflict and nothing changes.
    """
    item = property_by_id(workspace, str(id))
    with _declaring:
        sent = read(shapes.SendKitPropertyChange, body, replace(context_of(workspace), changed=item))
        present = sent.model_fields_set
        renamed = "key" in present and fold_key(sent.key) != fold_key(item.name)
        kind = KIND_OF_TYPE[sent.type] if "type" in present else item.type
        fallback = sent.fallback_value if "fallback_value" in present else UNSET
        after = replace(item, name=sent.key) if renamed else item
        change = workspace.properties.declare(
            item.name,
            kind,
            fallback=fallback,
            rename=after.name if renamed else None,
            rewrite=_rewrite(after, workspace) if kind != item.type else None,
        )
    return answer(property_to_sendkit(change.property))


def _rewrite(item: Property, workspace: Workspace) -> RewriteRules:
    zone = ZoneInfo(workspace.zone)
    return lambda segments, properties: rewritten_rules(item, segments, Context.of(properties, segments, zone))


@routes.delete("/properties/{id}", "Delete a property", scope=Scope.WRITE, refuses=(404, 409))
def delete_property(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the property and its values. While a segment uses it, that is a conflict."""
    workspace.properties.delete(property_by_id(workspace, str(id)).id)
    return no_content()
