"""`/lists`: a list is a static segment. SendKit itself creates lists in its dashboard only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.fields import as_sent
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import list_to_sendkit
from coterie.http.sendkit.lookups import context_of
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.wording import read
from coterie.model import Scope, SegmentKind

routes = Routes(ERRORS)


@routes.get("/lists", "List lists", scope=Scope.READ, answers=shapes.SendKitListPage)
def list_lists(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every list, oldest first."""
    page = workspace.segments.list(offset=paging.offset, limit=paging.per_page, kind=SegmentKind.STATIC)
    return answer(paging.envelope([list_to_sendkit(item) for item in page.items], page.total or 0))


@routes.post("/lists", "Create a list", scope=Scope.WRITE, status=201, answers=shapes.SendKitList)
def create_list(
    body: Annotated[Any, as_sent(shapes.SendKitNewList), Body(openapi_examples=examples.LIST)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Creates an empty list."""
    name = read(shapes.SendKitNewList, body, context_of(workspace)).name
    return answer(list_to_sendkit(workspace.segments.create(name, kind=SegmentKind.STATIC)), 201)
