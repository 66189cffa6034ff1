"""`/lists`: SendKit makes lists in its dashboard; here they are made by this call. A list is a static segment of ours."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.route import EdgeRoute
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.from_model import show_list
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.refusals import refusals
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import Scope, SegmentKind

NAME_LENGTH_MAX: Final = 255

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
    return answer(paging.envelope([show_list(one) for one in page.items], page.total or 0))


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
    problems = SendKitProblems()
    sent = problems.mapping(php_object(body), ("name",)) or {}
    name = problems.text(sent, "name", longest=NAME_LENGTH_MAX, required=True)
    problems.raise_if_any()
    assert isinstance(name, str), "else there were faults"
    return answer(show_list(workspace.segments.create(name, kind=SegmentKind.STATIC)), 201)
