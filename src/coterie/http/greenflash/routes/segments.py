"""`/segments`: segments by Greenflash's filters, and analytics of their members' conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import Body, Query
from starlette.responses import Response

from coterie.errors import AccessRefused, InvalidInput, InvalidRule, SegmentLimitReached
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.fields import as_sent
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.analytics import analytics_of
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.from_model import to_created_segment, to_segment, to_summary
from coterie.http.greenflash.grammar import ORIGIN, Context, product
from coterie.http.greenflash.lookups import context_of, segment_by_id
from coterie.http.greenflash.pages import SegmentPagingOfRequest
from coterie.http.greenflash.to_rule import echo, read_filters
from coterie.http.greenflash.wording import Problems
from coterie.http.routing import Routes
from coterie.model import Conversation, Origin, Scope, SegmentKind
from coterie.rules.nodes import Rule
from coterie.workspace import Workspace

NAME_LENGTH_MAX: Final = 255
ICON_LENGTH_MAX: Final = 50
FIELDS: Final = ("name", "description", "icon", "filters")

routes = Routes(ERRORS)


class SegmentsFull(AccessRefused):
    """The workspace has as many segments as it may (`segments_max`)."""

    code = "segments_full"


@routes.post("/segments", "Create a segment", scope=Scope.WRITE, status=201, answers=shapes.GreenflashCreatedSegment)
def create_segment(
    body: Annotated[Any, as_sent(shapes.GreenflashNewSegment), Body(openapi_examples=examples.SEGMENT)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Creates the segment. When this returns, its members are counted and live."""
    context = context_of(workspace)
    name, description, origin, rule = _read(body, context)
    name = name or name_of(workspace.sentence(rule))
    try:
        segment = workspace.segments.create(name, rule, description=description, origin=origin)
    except SegmentLimitReached as error:
        raise SegmentsFull(error.message, hint=error.hint) from error
    except InvalidRule as error:
        raise InvalidInput(error.message, path=("filters",), hint=error.hint) from error
    return answer(to_created_segment(segment, context), 201)


def _read(body: object, context: Context) -> tuple[str | None, str | None, Origin, Rule]:
    """Name, description, origin and rule of a new segment.

    Raises InvalidInput with every problem.
    """
    problems = Problems()
    sent = problems.mapping(body, FIELDS) or {}
    name = problems.text(sent, "name", NAME_LENGTH_MAX)
    if name is not None and not name.strip():
        problems.add("`name` must not be empty.", ("name",), "Leave it out for a name made from the rules.")
    description = problems.text(sent, "description")
    icon = problems.text(sent, "icon", ICON_LENGTH_MAX)
    rule = None
    if isinstance(body, dict):
        problems.required(sent, ("filters",))
    if "filters" in sent:
        rule = read_filters(sent["filters"], ("filters",), context, problems)
    problems.raise_if_any()
    assert rule is not None, "else there were problems"
    return name, description, Origin(ORIGIN, {"filters": echo(sent["filters"]), "icon": icon}), rule


def name_of(sentence: str) -> str:
    """A segment's name made from the sentence of its rule."""
    name = sentence[:1].upper() + sentence[1:]
    return name if len(name) <= NAME_LENGTH_MAX else f"{name[: NAME_LENGTH_MAX - 1]}…"


@routes.get("/segments", "List segments", scope=Scope.READ, answers=list[shapes.GreenflashSegmentSummary])
def list_segments(workspace: WorkspaceOfKey, paging: SegmentPagingOfRequest) -> Response:
    """System segments first, then all others, oldest first, whichever API created them."""
    system = workspace.segments.list(kind=SegmentKind.SYSTEM).items
    first = system[paging.offset : paging.offset + paging.limit]
    others = workspace.segments.list(offset=max(0, paging.offset - len(system)), limit=paging.limit - len(first))
    summaries = [to_summary(segment) for segment in (*first, *others.items)]
    return paging.answer(summaries, len(system) + (others.total or 0))


@routes.get(
    "/segments/{segment_id}", "Get a segment", scope=Scope.READ, answers=shapes.GreenflashSegment, refuses=(404,)
)
def get_segment(segment_id: str, workspace: WorkspaceOfKey) -> Response:
    """`segment_id` is a segment's id or the name of its preset.

    The filters are as they were sent."""
    return answer(to_segment(segment_by_id(workspace, segment_id), context_of(workspace)))


@routes.get(
    "/segments/{segment_id}/analytics",
    "Get a segment's analytics",
    scope=Scope.READ,
    answers=shapes.GreenflashSegmentAnalytics,
    refuses=(404,),
)
def get_segment_analytics(
    segment_id: str,
    workspace: WorkspaceOfKey,
    product_id: Annotated[
        str | None, Query(alias="productId", description="Only conversations of this product.")
    ] = None,
    version_id: Annotated[
        str | None, Query(alias="versionId", description="Only conversations of this version.")
    ] = None,
) -> Response:
    """Aggregates the analyses of the members' conversations, as of now."""
    segment = segment_by_id(workspace, segment_id)
    conversations = _conversations(workspace, segment.id, product_id, version_id)
    return answer(analytics_of(segment.member_count, conversations, workspace.now()))


def _conversations(
    workspace: Workspace, segment_id: str, product_id: str | None, version_id: str | None
) -> Iterator[Conversation]:
    product_id = None if product_id is None else product(product_id)
    for batch in workspace.conversations.of_members(segment_id):
        for conversation in batch:
            if product_id not in (None, conversation.product_id):
                continue
            if version_id in (None, conversation.version_id):
                yield conversation
