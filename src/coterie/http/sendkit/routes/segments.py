"""`/segments`: segments by SendKit's filters, their contacts, and the preview of one that is not saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.errors import InvalidInput, InvalidRule
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.route import EdgeRoute
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.from_model import ORIGIN, show_segment
from coterie.http.sendkit.lookups import context_of, segment_by_id, shown_contact
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.preview import preview_of
from coterie.http.sendkit.refusals import refusals
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.to_model import LENGTH_MAX, read_change, read_segment
from coterie.http.sendkit.to_rule import read_definition
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import UNSET, Origin, Scope, SegmentKind

router = APIRouter(route_class=EdgeRoute)


@contextmanager
def _told_of_filters() -> Iterator[None]:
    """What the workspace finds wrong with a rule (a segment that would depend on itself) is the filters' problem."""
    try:
        yield
    except InvalidRule as error:
        raise InvalidInput(error.message, path=("filters",), hint=error.hint) from error


@router.post(
    "/segments",
    summary="Create a segment",
    status_code=201,
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.SendKitSegment,
    responses=refusals(body=True),
)
def create_segment(
    body: Annotated[Any, as_sent(shapes.SendKitNewSegment), Body(openapi_examples=examples.SEGMENT)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Makes the segment. Its members are counted and live when this is answered."""
    context = context_of(workspace)
    name, definition = read_segment(body, context)
    with _told_of_filters():
        made = workspace.segments.create(name, definition.rule, origin=Origin(ORIGIN, definition.document))
    return answer(show_segment(made, context), 201)


@router.get(
    "/segments",
    summary="List segments",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitSegmentPage,
    responses=refusals(),
)
def list_segments(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every segment with a rule, whichever way it was made, oldest first. Those without one are `/lists`."""
    context = context_of(workspace)
    page = workspace.segments.list(offset=paging.offset, limit=paging.per_page, kind=SegmentKind.DYNAMIC)
    return answer(paging.envelope([show_segment(one, context) for one in page.items], page.total or 0))


@router.post(
    "/segments/preview",
    summary="Preview a segment",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitSegmentPreview,
    responses=refusals(body=True),
)
def preview_segment(
    body: Annotated[Any, as_sent(shapes.SendKitPreviewedSegment), Body(openapi_examples=examples.PREVIEW)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Counts the contacts that would be in the segment, and those that match each condition alone. Saves nothing."""
    context = context_of(workspace)
    problems = SendKitProblems()
    sent = problems.mapping(php_object(body), ("name", "match_type", "filters")) or {}
    problems.text(sent, "name", longest=LENGTH_MAX, nullable=True)
    definition = read_definition(sent, context, problems)
    problems.raise_if_any()
    assert definition is not None, "else there were faults"
    with _told_of_filters():
        return answer(preview_of(workspace, definition))


@router.get(
    "/segments/{id}",
    summary="Get a segment",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitSegment,
    responses=refusals(404),
)
def get_segment(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """The segment with this id, its filters as they were sent."""
    return answer(show_segment(segment_by_id(workspace, str(id)), context_of(workspace)))


@router.put(
    "/segments/{id}",
    summary="Update a segment",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.SendKitSegment,
    responses=refusals(404, body=True),
)
def update_segment(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitSegmentChange), Body(openapi_examples=examples.SEGMENT_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes what is sent and leaves the rest. Members enter and leave at once."""
    context = context_of(workspace)
    name, definition = read_change(body, segment_by_id(workspace, str(id)), context)
    with _told_of_filters():
        changed = workspace.segments.update(
            str(id),
            name=name,
            rule=definition.rule if definition else UNSET,
            origin=Origin(ORIGIN, definition.document) if definition else UNSET,
        )
    return answer(show_segment(changed, context))


@router.delete(
    "/segments/{id}",
    summary="Delete a segment",
    status_code=204,
    response_class=Response,
    dependencies=[needs(Scope.WRITE)],
    responses=refusals(404, 409),
)
def delete_segment(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the segment. A conflict while another segment uses it."""
    workspace.segments.delete(segment_by_id(workspace, str(id)).id)
    return no_content()


@router.get(
    "/segments/{id}/contacts",
    summary="List a segment's contacts",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.SendKitContactPage,
    responses=refusals(404),
)
def list_segment_contacts(id: UUID, workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """The members that are contacts, unsubscribed ones included, oldest first."""
    context = context_of(workspace)
    segment = segment_by_id(workspace, str(id))
    page = workspace.segments.members_at(segment.id, offset=paging.offset, limit=paging.per_page, with_email=True)
    shown = [shown_contact(workspace, profile, context) for profile in page.items]
    return answer(paging.envelope(shown, page.total or 0))
