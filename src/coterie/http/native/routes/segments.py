"""`/v1/segments`: create, list, get, change, delete. Members are in `members.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from coterie.errors import InvalidInput
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import Idempotency, Rendered
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, SegmentId
from coterie.http.native.shapes import segments
from coterie.http.problem_paths import inside, rule_at
from coterie.http.routing import Routes
from coterie.model import UNSET, IdempotencyRecord, Scope, Segment, SegmentKind
from coterie.rules.normalize import NormalRule
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/segments", tags=["segments"])

OfKind = Annotated[Literal["dynamic", "static", "system"] | None, Query(description="Only segments of this kind.")]


@routes.post("", "Create a segment", scope=Scope.WRITE, status=201, answers=segments.Segment, refuses=(409,))
def create_segment(body: segments.NewSegment, workspace: WorkspaceOfKey, idempotency: Idempotency) -> Response:
    """When this is answered, its members are known and every one of them has entered."""
    rule = _rule_of(body, workspace)
    sentence = (
        workspace.sentence(rule.rule) if rule is not None else ""
    )  # before the transaction in which `render` runs

    def create(record: IdempotencyRecord | None) -> Segment:
        kind = SegmentKind(body.kind)
        with rule_at("rule"):
            return workspace.segments.create(
                body.name, rule, kind=kind, description=body.description, idempotency=record
            )

    def render(segment: Segment) -> Rendered:
        document = segments.Segment.of(segment, lambda _: sentence)
        return document, 201, {"Location": f"/v1/segments/{segment.id}"}

    return idempotency.write(create, render)


def _rule_of(body: segments.NewSegment, workspace: Workspace) -> NormalRule | None:
    """The rule of a new segment; None for a static one. Raises InvalidInput."""
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


@routes.get("", "List segments", scope=Scope.READ, answers=segments.SegmentPage, refuses=(400,))
def list_segments(workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, kind: OfKind = None) -> Response:
    """Oldest first. Every segment that exists throughout the paging appears exactly once."""
    page = workspace.segments.list_after(cursor, limit, SegmentKind(kind) if kind else None)
    return answer(segments.SegmentPage.of(page, workspace.sentence))


@routes.get("/{segment_id}", "Get a segment", scope=Scope.READ, answers=segments.Segment, refuses=(404,))
def get_segment(segment_id: SegmentId, workspace: WorkspaceOfKey) -> Response:
    return answer(segments.Segment.of(workspace.segments.get(str(segment_id)), workspace.sentence))


@routes.patch("/{segment_id}", "Change a segment", scope=Scope.WRITE, answers=segments.Segment, refuses=(404, 409))
def change_segment(segment_id: SegmentId, body: segments.SegmentChange, workspace: WorkspaceOfKey) -> Response:
    """Fields that are left out stay as they are. When a new rule is answered, every member it adds
    has entered and every member it removes has left."""
    sent = body.model_fields_set
    workspace.segments.get(str(segment_id))  # a segment that does not exist is a 404, whatever the rule
    with inside("rule"):
        rule = workspace.parse_rule(body.rule) if "rule" in sent else UNSET
    with rule_at("rule"):
        segment = workspace.segments.update(
            str(segment_id),
            name=body.name if "name" in sent else UNSET,
            rule=rule,
            description=body.description if "description" in sent else UNSET,
        )
    return answer(segments.Segment.of(segment, workspace.sentence))


@routes.delete("/{segment_id}", "Delete a segment", scope=Scope.WRITE, refuses=(404, 409))
def delete_segment(segment_id: SegmentId, workspace: WorkspaceOfKey) -> Response:
    """A conflict while the rules of other segments use it; `users` names these segments."""
    workspace.segments.delete(str(segment_id))
    return no_content()
