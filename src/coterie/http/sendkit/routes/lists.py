"""`/lists`: SendKit makes lists in its dashboard; here they are made by this call. A list is a static segment of ours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.route import EdgeRoute
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.from_model import list_to_sendkit
from coterie.http.sendkit.lookups import context_of
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.refusals import refusals
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.wording import read
from coterie.model import Scope, SegmentKind

router = APIRouter(route_class=EdgeRoute)


@router.get(
    "/lists",
    summary="List lists",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitListPage,
    responses=refusals(),
)
def list_lists(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every list, oldest first."""
    page = workspace.segments.list(offset=paging.offset, limit=paging.per_page, kind=SegmentKind.STATIC)
    return answer(paging.envelope([list_to_sendkit(item) for item in page.items], page.total or 0))


@router.post(
    "/lists",
    summary="Create a list",
    status_code=201,
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.SendKitList,
    responses=refusals(body=True),
)
def create_list(
    body: Annotated[Any, as_sent(shapes.SendKitNewList), Body(openapi_examples=examples.LIST)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Makes an empty list."""
    name = read(shapes.SendKitNewList, body, context_of(workspace)).name
    return answer(list_to_sendkit(workspace.segments.create(name, kind=SegmentKind.STATIC)), 201)
