"""`/v1/segments/{id}/difference`, `/changes`, `/sizes`: what a segment was. Who was in it at an instant is `/members?as_of=` (`members.py`)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import INTEGER_MAX, Cursor, From, Limit, SegmentId, To, moment_in
from coterie.http.native.translate import page_out, profile_out
from coterie.http.native.translate_history import difference_out, sizes_out
from coterie.http.routing import Routes
from coterie.model import Action, Scope
from coterie.rules.values import Instant
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/segments/{segment_id}", tags=["history"])

Points = Annotated[int, Query(ge=2, le=INTEGER_MAX, description="How many, both ends included; at most `page_max`.")]
ActionWanted = Annotated[
    Literal["enter", "exit"], Query(description="Who is in at the end only, or at the beginning only.")
]


def _span(workspace: Workspace, from_: str, to: str | None) -> tuple[Instant, Instant]:
    return moment_in(from_, workspace, "from"), workspace.now() if to is None else moment_in(to, workspace, "to")


@routes.get(
    "/difference",
    "What changed between two instants, and why",
    scope=Scope.READ,
    answers=schema.Difference,
    refuses=(404,),
)
def difference(segment_id: SegmentId, workspace: WorkspaceOfKey, from_: From, to: To = None) -> Response:
    """How many are in at the end and were not at the beginning, the other way round, and the transitions in between by their cause. A segment that
    was deleted since still answers; before it existed nobody was in it."""
    return answer(difference_out(workspace.segments.difference(str(segment_id), *_span(workspace, from_, to))))


@routes.get(
    "/changes", "Who changed between two instants", scope=Scope.READ, answers=schema.ProfilePage, refuses=(400, 404)
)
def changed_members(
    segment_id: SegmentId,
    workspace: WorkspaceOfKey,
    limit: Limit,
    from_: From,
    action: ActionWanted,
    to: To = None,
    cursor: Cursor = None,
) -> Response:
    """Oldest profile first, as they are now. Give `to` when you page, so that every page is of the same span."""
    start, end = _span(workspace, from_, to)
    page = workspace.segments.changed_members(
        str(segment_id), start, end, action=Action(action), cursor=cursor, limit=limit
    )
    return answer(page_out((profile_out(profile) for profile in page.items), page.next, page.total))


@routes.get("/sizes", "How many were in, over time", scope=Scope.READ, answers=schema.SizeSeries, refuses=(404,))
def sizes(
    segment_id: SegmentId, workspace: WorkspaceOfKey, from_: From, to: To = None, points: Points = 100
) -> Response:
    """At evenly spaced instants, and how many came and went between them."""
    start, end = _span(workspace, from_, to)
    return answer(sizes_out(workspace.segments.sizes(str(segment_id), start, end, points=points)))
