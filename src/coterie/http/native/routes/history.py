"""`/v1/segments/{id}/difference`, `/changes`, `/sizes`: the past of a segment. Its members at one
instant are `/members?as_of=` (`members.py`)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, From, Limit, SegmentId, To, moment_in
from coterie.http.native.shapes import history, profiles
from coterie.http.routing import Routes
from coterie.model import Action, Scope
from coterie.rules.values import EXACT_INTEGER_MAX, Instant
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/segments/{segment_id}", tags=["history"])

Points = Annotated[
    int,
    Query(ge=2, le=EXACT_INTEGER_MAX, description="The number of instants, both ends included; at most `page_max`."),
]
OfAction = Annotated[
    Literal["enter", "exit"],
    Query(description="`enter`: members at the end only. `exit`: members at the beginning only."),
]


def _span(workspace: Workspace, from_: str, to: str | None) -> tuple[Instant, Instant]:
    return moment_in(from_, workspace, "from"), workspace.now() if to is None else moment_in(to, workspace, "to")


@routes.get(
    "/difference", "Compare the members at two instants", scope=Scope.READ, answers=history.Difference, refuses=(404,)
)
def difference(segment_id: SegmentId, workspace: WorkspaceOfKey, from_: From, to: To = None) -> Response:
    """The number of members at the end that were not members at the beginning, the reverse, and the
    transitions in between by their cause. A segment that has been deleted still answers; before it
    was created it has no members."""
    return answer(history.Difference.of(workspace.segments.difference(str(segment_id), *_span(workspace, from_, to))))


@routes.get(
    "/changes",
    "List who changed between two instants",
    scope=Scope.READ,
    answers=profiles.ProfilePage,
    refuses=(400, 404),
)
def changed_members(
    segment_id: SegmentId,
    workspace: WorkspaceOfKey,
    limit: Limit,
    from_: From,
    action: OfAction,
    to: To = None,
    cursor: Cursor = None,
) -> Response:
    """Oldest profile first, as the profiles are now. Give `to` with every page, so that all pages
    cover one span."""
    start, end = _span(workspace, from_, to)
    page = workspace.segments.changed_members(
        str(segment_id), start, end, action=Action(action), cursor=cursor, limit=limit
    )
    return answer(profiles.ProfilePage.of(page))


@routes.get("/sizes", "Get the size over time", scope=Scope.READ, answers=history.SizeSeries, refuses=(404,))
def sizes(
    segment_id: SegmentId, workspace: WorkspaceOfKey, from_: From, to: To = None, points: Points = 100
) -> Response:
    """The number of members at evenly spaced instants, and how many entered and left between
    them."""
    start, end = _span(workspace, from_, to)
    series = workspace.segments.sizes(str(segment_id), start, end, points=points)
    return answer({"items": [history.SizeAt.of(size) for size in series]})
