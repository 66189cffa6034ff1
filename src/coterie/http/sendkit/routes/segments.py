"""`/segments`: segments by SendKit's filters, their contacts, and previews."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body
from starlette.responses import Response

from coterie.errors import InvalidInput, InvalidRule
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.fields import as_sent
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import preview_to_sendkit, segment_to_sendkit
from coterie.http.sendkit.grammar import ORIGIN
from coterie.http.sendkit.lookups import contact_with_lists, context_of, segment_by_id
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.to_model import segment_change_to_model
from coterie.http.sendkit.to_rule import Definition
from coterie.http.sendkit.wording import read
from coterie.model import UNSET, Origin, Scope, SegmentKind

routes = Routes(ERRORS)


@contextmanager
def _rule_errors_at_filters() -> Iterator[None]:
    """Report the errors of a rule, such as a segment that depends on itself, at `filters`."""
    try:
        yield
    except InvalidRule as error:
        raise InvalidInput(error.message, path=("filters",), hint=error.hint) from error


@routes.post("/segments", "Create a segment", scope=Scope.WRITE, status=201, answers=shapes.SendKitSegment)
def create_segment(
    body: Annotated[Any, as_sent(shapes.SendKitNewSegment), Body(openapi_examples=examples.SEGMENT)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Creates the segment. Its members have entered when this is answered."""
    context = context_of(workspace)
    sent = read(shapes.SendKitNewSegment, body, context)
    definition = Definition(sent.match_type, sent.filters)
    with _rule_errors_at_filters():
        segment = workspace.segments.create(sent.name, definition.rule, origin=Origin(ORIGIN, definition.document))
    return answer(segment_to_sendkit(segment, context), 201)


@routes.get("/segments", "List segments", scope=Scope.READ, answers=shapes.SendKitSegmentPage)
def list_segments(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every segment with a rule, oldest first. Segments without a rule are at `/lists`."""
    context = context_of(workspace)
    page = workspace.segments.list(offset=paging.offset, limit=paging.per_page, kind=SegmentKind.DYNAMIC)
    return answer(paging.envelope([segment_to_sendkit(segment, context) for segment in page.items], page.total or 0))


@routes.post("/segments/preview", "Preview a segment", scope=Scope.READ, answers=shapes.SendKitSegmentPreview)
def preview_segment(
    body: Annotated[Any, as_sent(shapes.SendKitPreviewedSegment), Body(openapi_examples=examples.PREVIEW)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Counts the contacts of an unsaved segment, and those that match each condition alone."""
    context = context_of(workspace)
    sent = read(shapes.SendKitPreviewedSegment, body, context)
    definition = Definition(sent.match_type, sent.filters)
    with _rule_errors_at_filters():
        return answer(preview_to_sendkit(workspace.preview(definition.contacts_rule, sample=0)))


@routes.get("/segments/{id}", "Get a segment", scope=Scope.READ, answers=shapes.SendKitSegment, refuses=(404,))
def get_segment(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """The segment with this id. Its filters are as they were sent."""
    return answer(segment_to_sendkit(segment_by_id(workspace, str(id)), context_of(workspace)))


@routes.put("/segments/{id}", "Update a segment", scope=Scope.WRITE, answers=shapes.SendKitSegment, refuses=(404,))
def update_segment(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitSegmentChange), Body(openapi_examples=examples.SEGMENT_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes the fields in the body; absent fields stay.

    Members have entered and left when this is answered.
    """
    context = context_of(workspace)
    name, definition = segment_change_to_model(body, segment_by_id(workspace, str(id)), context)
    with _rule_errors_at_filters():
        changed = workspace.segments.update(
            str(id),
            name=name,
            rule=definition.rule if definition else UNSET,
            origin=Origin(ORIGIN, definition.document) if definition else UNSET,
        )
    return answer(segment_to_sendkit(changed, context))


@routes.delete("/segments/{id}", "Delete a segment", scope=Scope.WRITE, refuses=(404, 409))
def delete_segment(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the segment. While another segment uses it, that is a conflict."""
    workspace.segments.delete(segment_by_id(workspace, str(id)).id)
    return no_content()


@routes.get(
    "/segments/{id}/contacts",
    "List a segment's contacts",
    scope=Scope.READ,
    answers=shapes.SendKitContactPage,
    refuses=(404,),
)
def list_segment_contacts(id: UUID, workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """The members that are contacts, oldest first, unsubscribed ones included."""
    context = context_of(workspace)
    segment = segment_by_id(workspace, str(id))
    page = workspace.segments.members_at(segment.id, offset=paging.offset, limit=paging.per_page, with_email=True)
    contacts = [contact_with_lists(workspace, profile, context) for profile in page.items]
    return answer(paging.envelope(contacts, page.total or 0))
