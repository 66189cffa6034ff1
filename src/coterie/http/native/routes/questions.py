"""Questions about rules and membership: the preview of a rule, and the explanation of a verdict."""

from __future__ import annotations

from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import ProfileId, SegmentId
from coterie.http.native.shapes import questions
from coterie.http.problem_paths import inside, rule_at
from coterie.http.routing import Routes
from coterie.model import Scope

routes = Routes(ERRORS)


@routes.post(
    "/preview",
    "Preview a rule without storing it",
    scope=Scope.READ,
    answers=questions.Preview,
    refuses=(404,),
    tags=["segments"],
)
def preview(body: questions.PreviewAsked, workspace: WorkspaceOfKey) -> Response:
    """The number of profiles the rule matches, and each of its nodes on its own; some of these
    profiles; the rule as a sentence; and warnings about likely mistakes."""
    with inside("rule"):
        rule = workspace.parse_rule(body.rule)
    compare_to = str(body.compare_to) if body.compare_to is not None else None
    with rule_at("rule"):
        result = workspace.preview(rule, compare_to=compare_to, sample=body.sample)
    return answer(questions.Preview.of(result))


@routes.get(
    "/segments/{segment_id}/explain/{profile_id}",
    "Explain why a profile is in a segment, or is not",
    scope=Scope.READ,
    answers=questions.Explanation,
    refuses=(404,),
    tags=["members"],
)
def explain(segment_id: SegmentId, profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    """Every condition with its verdict, the value that decided it, and the events or conversations
    that contributed; and when the membership next changes if only time passes."""
    return answer(questions.Explanation.of(workspace.explain(str(profile_id), str(segment_id))))
