"""`/properties`: the custom properties of contacts. They are our declared properties; what was only seen is not shown here."""

from __future__ import annotations

import re
from threading import Lock
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.problem_collector import ProblemCollector
from coterie.http.route import EdgeRoute
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.from_model import show_property
from coterie.http.sendkit.grammar import KIND_OF_TYPE, fold_key, key_is_taken
from coterie.http.sendkit.lookups import context_of, property_by_id
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.refusals import refusals
from coterie.http.sendkit.retyping import declare_and_follow
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import Scope
from coterie.workspace import Workspace

KEY_LENGTH_MAX: Final = 255
FALLBACK_LENGTH_MAX: Final = 1_000
FIELDS: Final = ("key", "type", "fallback_value")

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_declaring = Lock()
"""Held while a key is looked for and then declared, so that two requests cannot both find it free."""

router = APIRouter(route_class=EdgeRoute)


@router.post(
    "/properties",
    summary="Create a property",
    status_code=201,
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.SendKitProperty,
    responses=refusals(body=True),
)
def create_property(
    body: Annotated[Any, as_sent(shapes.SendKitNewProperty), Body(openapi_examples=examples.PROPERTY)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Declares a property. One that other dialects have already written values to is declared by its very name; its values are converted."""
    problems = SendKitProblems()
    sent = problems.mapping(php_object(body), FIELDS) or {}
    key = problems.text(sent, "key", longest=KEY_LENGTH_MAX, required=True)
    kind = problems.choice(sent, "type", tuple(KIND_OF_TYPE), required=True)
    fallback = problems.text(sent, "fallback_value", longest=FALLBACK_LENGTH_MAX, nullable=True)
    with _declaring:
        if isinstance(key, str):
            _check_key(key, workspace, problems, adopting=True)
        problems.raise_if_any()
        assert isinstance(key, str), "else there were faults"
        assert kind is not None, "else there were faults"
        change = workspace.properties.declare(key, KIND_OF_TYPE[kind], fallback=fallback)
    return answer(show_property(change.property), 201)


def _check_key(key: str, workspace: Workspace, problems: ProblemCollector, *, adopting: bool) -> None:
    """Whether a property may have this key. One of the very name that was only seen may be adopted, where that is what is wanted."""
    if not _KEY.fullmatch(key):
        problems.add("The key field must begin with a letter and hold letters, digits and underscores only.", ("key",))
    if key_is_taken(key):
        problems.add(f"The key {key} is a field of every contact.", ("key",))
        return
    for item in workspace.properties.list():
        if fold_key(item.name) != fold_key(key):
            continue
        if item.type is not None:
            problems.add(
                "The key has already been taken.",
                ("key",),
                f"By the property {item.name}; case does not tell keys apart.",
            )
            return
        if item.name != key or not adopting:
            problems.add("The key has already been taken.", ("key",), f"Values were sent as {item.name}.")
            return


@router.get(
    "/properties",
    summary="List properties",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitPropertyPage,
    responses=refusals(),
)
def list_properties(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every declared property of a type this API knows, oldest first."""
    items = context_of(workspace).properties
    return answer(paging.envelope([show_property(item) for item in paging.slice(items)], len(items)))


@router.put(
    "/properties/{id}",
    summary="Update a property",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.SendKitProperty,
    responses=refusals(404, 409, body=True),
)
def update_property(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitPropertyChange), Body(openapi_examples=examples.PROPERTY_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes the key, the type or the fallback. A key is changed only while no segment uses the property. Segments made here follow a new
    type; when one cannot, that is a conflict, and nothing changes."""
    item = property_by_id(context_of(workspace), str(id))
    problems = SendKitProblems()
    sent = problems.mapping(php_object(body), FIELDS) or {}
    key = problems.text(sent, "key", longest=KEY_LENGTH_MAX)
    kind = problems.choice(sent, "type", tuple(KIND_OF_TYPE), required=False)
    fallback = problems.text(sent, "fallback_value", longest=FALLBACK_LENGTH_MAX, nullable=True)
    with _declaring:
        renamed = isinstance(key, str) and fold_key(key) != fold_key(item.name)
        if isinstance(key, str) and renamed:
            _check_key(key, workspace, problems, adopting=False)
        problems.raise_if_any()
        if isinstance(key, str) and renamed:
            item = workspace.properties.rename(item.id, key)  # refused while a segment uses it, so nothing below can be
        changed = declare_and_follow(workspace, item, KIND_OF_TYPE[kind] if kind else item.type, fallback)
    return answer(show_property(changed))


@router.delete(
    "/properties/{id}",
    summary="Delete a property",
    status_code=204,
    response_class=Response,
    dependencies=[needs(Scope.WRITE)],
    responses=refusals(404, 409),
)
def delete_property(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the property and every value of it. A conflict while a segment uses it."""
    workspace.properties.delete(property_by_id(context_of(workspace), str(id)).id)
    return no_content()
