"""Questions about rules and membership: preview, explain, and the feed of transitions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import INTEGER_MAX, Limit, ProfileId, SegmentId
from coterie.http.native.translate import explanation_out, preview_out, transition_out
from coterie.http.problem_paths import inside, rule_at
from coterie.http.routing import Routes
from coterie.model import Action, Cause, Scope

routes = Routes(ERRORS)

After = Annotated[int, Query(ge=0, le=INTEGER_MAX, description="Only those with a greater sequence.")]
OfSegment = Annotated[UUID | None, Query(description="Only those of this segment.")]
OfProfile = Annotated[UUID | None, Query(description="Only those of this profile.")]
ActionWanted = Annotated[Literal["enter", "exit"] | None, Query(description="Only these.")]
CauseWanted = Annotated[
    Literal["facts", "time", "definition", "profile_deleted", "merge"] | None,
    Query(description="Only those so caused."),
]


@routes.post(
    "/preview",
    "Count a rule without saving it",
    scope=Scope.READ,
    answers=schema.Preview,
    refuses=(404,),
    tags=["segments"],
)
def preview(body: schema.PreviewAsked, workspace: WorkspaceOfKey) -> Response:
    """How many profiles it holds for, and each of its nodes on its own; some of them; the rule as a sentence; what looks like a mistake."""
    with inside("rule"):
        rule = workspace.parse_rule(body.rule)
    compare_to = str(body.compare_to) if body.compare_to is not None else None
    with rule_at("rule"):
        previewed = workspace.preview(rule, compare_to=compare_to, sample=body.sample)
    return answer(preview_out(previewed))


@routes.get(
    "/segments/{segment_id}/explain/{profile_id}",
    "Why a profile is in a segment, or is not",
    scope=Scope.READ,
    answers=schema.Explanation,
    refuses=(404,),
    tags=["members"],
)
def explain(segment_id: SegmentId, profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    """Every condition, with its verdict, the value that was looked at, and the events or conversations that counted; and when the answer next
    changes if nothing happens but time."""
    return answer(explanation_out(workspace.explain(str(profile_id), str(segment_id))))


@routes.get(
    "/transitions",
    "Who entered and who left, in order",
    scope=Scope.READ,
    answers=schema.TransitionPage,
    refuses=(404,),
    tags=["transitions"],
)
def list_transitions(
    workspace: WorkspaceOfKey,
    limit: Limit,
    after: After = 0,
    segment: OfSegment = None,
    profile: OfProfile = None,
    action: ActionWanted = None,
    cause: CauseWanted = None,
) -> Response:
    """Sequences have no gaps: a reader that keeps the last one it saw and asks `after` it misses nothing and sees nothing twice."""
    page = workspace.transitions.list(
        after=after,
        limit=limit,
        segment_id=str(segment) if segment is not None else None,
        profile_id=str(profile) if profile is not None else None,
        action=Action(action) if action else None,
        cause=Cause(cause) if cause else None,
    )
    items = [transition_out(transition) for transition in page.items]
    return answer({"items": items, "next": int(page.next) if page.next is not None else None})
