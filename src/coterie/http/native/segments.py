"""`/v1/segments`: made, listed, shown, changed, deleted. Their members are in `members.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from coterie.errors import InvalidInput
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import OnceForKey, Rendered
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, SegmentId
from coterie.http.native.translate import page_out, segment_out
from coterie.http.problem_paths import inside, rule_at
from coterie.http.routing import Routes
from coterie.model import UNSET, IdempotencyRecord, Scope, Segment, SegmentKind
from coterie.rules.nodes import Rule
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/segments", tags=["segments"])

KindWanted = Annotated[Literal["dynamic", "static", "system"] | None, Query(description="Only those of this kind.")]


@routes.post("", "Create a segment", scope=Scope.WRITE, status=201, answers=schema.Segment, refuses=(409,))
def create_segment(body: schema.NewSegment, workspace: WorkspaceOfKey, once: OnceForKey) -> Response:
    """When this is answered, its members are known and every one has entered."""
    rule = _rule_of(body, workspace)
    sentence = workspace.sentence(rule) if rule is not None else ""  # before the transaction in which `made` runs

    def write(idempotency: IdempotencyRecord | None) -> Segment:
        kind = SegmentKind(body.kind)
        with rule_at("rule"):
            return workspace.segments.create(
                body.name, rule, kind=kind, description=body.description, idempotency=idempotency
            )

    def made(segment: Segment) -> Rendered:
        return segment_out(segment, lambda _: sentence), 201, {"Location": f"/v1/segments/{segment.id}"}

    return once.write(write, made)


def _rule_of(body: schema.NewSegment, workspace: Workspace) -> Rule | None:
    if body.kind == "static" and body.rule is not None:
        raise InvalidInput(
            "A static segment has no rule.", path=("rule",), hint="Its members are added with /members/add."
        )
    if body.kind == "static":
        return None
    if body.rule is None:
        raise InvalidInput(
            "A dynamic segment needs a rule.", path=("rule",), hint='A list of people is `"kind": "static"`.'
        )
    with inside("rule"):
        return workspace.parse_rule(body.rule)


@routes.get("", "List segments", scope=Scope.READ, answers=schema.SegmentPage, refuses=(400,))
def list_segments(workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, kind: KindWanted = None) -> Response:
    """Oldest first. A segment that stays while you page is seen exactly once."""
    page = workspace.segments.list_after(cursor, limit, SegmentKind(kind) if kind else None)
    return answer(page_out((segment_out(one, workspace.sentence) for one in page.items), page.next, page.total))


@routes.get("/{segment_id}", "Get a segment", scope=Scope.READ, answers=schema.Segment, refuses=(404,))
def get_segment(segment_id: SegmentId, workspace: WorkspaceOfKey) -> Response:
    return answer(segment_out(workspace.segments.get(str(segment_id)), workspace.sentence))


@routes.patch("/{segment_id}", "Change a segment", scope=Scope.WRITE, answers=schema.Segment, refuses=(404, 409))
def change_segment(segment_id: SegmentId, body: schema.SegmentChange, workspace: WorkspaceOfKey) -> Response:
    """What is not named stays. When a new rule is answered, everyone it moves has entered or left."""
    named = body.model_fields_set
    workspace.segments.get(str(segment_id))  # a segment that does not exist is a 404, whatever the rule
    with inside("rule"):
        rule = workspace.parse_rule(body.rule) if "rule" in named else UNSET
    with rule_at("rule"):
        segment = workspace.segments.update(
            str(segment_id),
            name=body.name if "name" in named else UNSET,
            rule=rule,
            description=body.description if "description" in named else UNSET,
        )
    return answer(segment_out(segment, workspace.sentence))


@routes.delete("/{segment_id}", "Delete a segment", scope=Scope.WRITE, refuses=(404, 409))
def delete_segment(segment_id: SegmentId, workspace: WorkspaceOfKey) -> Response:
    """Refused while other segments' rules refer to it; `users` names them."""
    workspace.segments.delete(str(segment_id))
    return no_content()
