"""`/v1/transitions`: the feed, page by page. `stream.py` has it as a stream."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Limit
from coterie.http.native.shapes import transitions
from coterie.http.routing import Routes
from coterie.model import Action, Cause, Page, Scope, Transition
from coterie.rules.values import EXACT_INTEGER_MAX
from coterie.workspace import Workspace

routes = Routes(ERRORS, tags=["transitions"])

After = Annotated[int, Query(ge=0, le=EXACT_INTEGER_MAX, description="Only transitions with a greater sequence.")]
OfSegment = Annotated[UUID | None, Query(description="Only transitions of this segment.")]
OfProfile = Annotated[UUID | None, Query(description="Only transitions of this profile.")]
OfAction = Annotated[Literal["enter", "exit"] | None, Query(description="Only transitions with this action.")]
OfCause = Annotated[
    Literal["facts", "time", "definition", "profile_deleted", "merge"] | None,
    Query(description="Only transitions with this cause."),
]


@routes.get("/transitions", "List transitions", scope=Scope.READ, answers=transitions.TransitionPage, refuses=(404,))
def list_transitions(
    workspace: WorkspaceOfKey,
    limit: Limit,
    after: After = 0,
    segment: OfSegment = None,
    profile: OfProfile = None,
    action: OfAction = None,
    cause: OfCause = None,
) -> Response:
    """Who entered and who left, in order. Sequences have no gaps: a reader that stores the last
    sequence it saw and continues `after` it misses nothing and sees nothing twice."""
    page = read_page(workspace, segment, profile, action, cause, limit=limit, after=after)
    return answer(transitions.TransitionPage.of(page))


def read_page(
    workspace: Workspace,
    segment: UUID | None,
    profile: UUID | None,
    action: str | None,
    cause: str | None,
    *,
    limit: int,
    after: int,
) -> Page[Transition]:
    """The transitions after a sequence that pass the filters. Raises NotFound."""
    return workspace.transitions.list(
        after=after,
        limit=limit,
        segment_id=str(segment) if segment is not None else None,
        profile_id=str(profile) if profile is not None else None,
        action=Action(action) if action else None,
        cause=Cause(cause) if cause else None,
    )
