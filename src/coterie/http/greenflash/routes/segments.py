"""`/segments`: segments by Greenflash's filters, and what their members say, summed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query
from starlette.responses import Response

from coterie.errors import AccessRefused, InvalidInput, InvalidRule, SegmentLimitReached
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.analytics import analytics_of
from coterie.http.greenflash.from_model import show_created, show_segment, show_summary
from coterie.http.greenflash.grammar import ORIGIN, Context, product
from coterie.http.greenflash.lookups import context_of, segment_by_id
from coterie.http.greenflash.pages import SegmentPagingOfRequest
from coterie.http.greenflash.refusals import refusals
from coterie.http.greenflash.shapes import as_sent
from coterie.http.greenflash.to_rule import echo, read_filters
from coterie.http.greenflash.wording import GreenflashProblems
from coterie.http.route import EdgeRoute
from coterie.model import Conversation, Origin, Scope, SegmentKind
from coterie.rules.nodes import Rule
from coterie.workspace import Workspace

NAME_LENGTH_MAX: Final = 255
ICON_LENGTH_MAX: Final = 50
FIELDS: Final = ("name", "description", "icon", "filters")

router = APIRouter(route_class=EdgeRoute)


class SegmentsFull(AccessRefused):
    """The workspace has as many segments as it may (`segments_max`)."""

    code = "segments_full"


@router.post(
    "/segments",
    summary="Create a segment",
    status_code=201,
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashCreatedSegment,
    responses=refusals(body=True),
)
def create_segment(
    body: Annotated[Any, as_sent(shapes.GreenflashNewSegment), Body(openapi_examples=examples.SEGMENT)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Makes the segment. Its members are counted and live when this is answered."""
    context = context_of(workspace)
    name, description, origin, rule = _read(body, context)
    try:
        made = workspace.segments.create(
            name or name_of(workspace.sentence(rule)), rule, description=description, origin=origin
        )
    except SegmentLimitReached as error:
        raise SegmentsFull(error.message, hint=error.hint) from error
    except InvalidRule as error:
        raise InvalidInput(error.message, path=("filters",), hint=error.hint) from error
    return answer(show_created(made, context), 201)


def _read(body: object, context: Context) -> tuple[str | None, str | None, Origin, Rule]:
    """Name, description, origin and rule of a new segment. Raises InvalidInput with every problem."""
    problems = GreenflashProblems()
    sent = problems.mapping(body, FIELDS) or {}
    name = problems.text_or_none(sent, "name", NAME_LENGTH_MAX)
    if name is not None and not name.strip():
        problems.add("`name` must not be empty.", ("name",), "Leave it out for a name made from the rules.")
    description = problems.text_or_none(sent, "description")
    icon = problems.text_or_none(sent, "icon", ICON_LENGTH_MAX)
    rule = None
    if isinstance(body, dict) and "filters" not in sent:
        problems.add("`filters` is required.", ("filters",))
    elif "filters" in sent:
        rule = read_filters(sent["filters"], ("filters",), context, problems)
    problems.raise_if_any()
    assert rule is not None, "else there were faults"
    return name, description, Origin(ORIGIN, {"filters": echo(sent["filters"]), "icon": icon}), rule


def name_of(sentence: str) -> str:
    """A name made from what the rules say."""
    told = sentence[:1].upper() + sentence[1:]
    return told if len(told) <= NAME_LENGTH_MAX else f"{told[: NAME_LENGTH_MAX - 1]}…"


@router.get(
    "/segments",
    summary="List segments",
    dependencies=[needs(Scope.READ)],
    response_model=list[shapes.GreenflashSegmentSummary],
    responses=refusals(),
)
def list_segments(workspace: WorkspaceOfKey, paging: SegmentPagingOfRequest) -> Response:
    """Every segment: those of the system first, then the others, whichever way they were made, oldest first."""
    system = workspace.segments.list(kind=SegmentKind.SYSTEM).items
    first = list(system[paging.offset : paging.offset + paging.limit])
    others = workspace.segments.list(offset=max(0, paging.offset - len(system)), limit=paging.limit - len(first))
    shown = [show_summary(one) for one in (*first, *others.items)]
    return paging.answer(shown, len(system) + (others.total or 0))


@router.get(
    "/segments/{segment_id}",
    summary="Get a segment",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.GreenflashSegment,
    responses=refusals(404),
)
def get_segment(segment_id: str, workspace: WorkspaceOfKey) -> Response:
    """By its id, or by the name of its preset. The filters are as they were sent."""
    return answer(show_segment(segment_by_id(workspace, segment_id), context_of(workspace)))


@router.get(
    "/segments/{segment_id}/analytics",
    summary="Get a segment's analytics",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.GreenflashSegmentAnalytics,
    responses=refusals(404),
)
def get_segment_analytics(
    segment_id: str,
    workspace: WorkspaceOfKey,
    product_id: Annotated[str | None, Query(alias="productId", description="Conversations of this product.")] = None,
    version_id: Annotated[str | None, Query(alias="versionId", description="Conversations of this version.")] = None,
) -> Response:
    """Summed up from the analyses of the members' conversations, as of now."""
    segment = segment_by_id(workspace, segment_id)
    return answer(
        analytics_of(
            segment.member_count, _conversations(workspace, segment.id, product_id, version_id), workspace.now()
        )
    )


def _conversations(
    workspace: Workspace, segment_id: str, product_id: str | None, version_id: str | None
) -> Iterator[Conversation]:
    for batch in workspace.conversations.of_members(segment_id):
        for one in batch:
            if (product_id is None or one.product_id == product(product_id)) and (
                version_id is None or one.version_id == version_id
            ):
                yield one
