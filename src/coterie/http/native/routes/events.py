"""`/v1/events`: one event or many, and the names of events; `/v1/profiles/{id}/events`: the
timeline of one profile."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.bodies import JSON, NDJSON
from coterie.http.idempotency import Idempotency, Rendered
from coterie.http.native.batch_answers import batch_answer, joined, of_profile, rejections_of_profile
from coterie.http.native.batch_bodies import BatchKind, Body, batch_of, described, read_one_or_many
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, ProfileId, SettingsOfServer
from coterie.http.native.shapes import events
from coterie.http.routing import Routes
from coterie.model import EventInput, EventOutcome, EventWrite, Rejected, Scope

routes = Routes(ERRORS, tags=["events"])

EVENTS = BatchKind("events", events.NewEvent, events.NewEvent.to_model)
EXAMPLES = {
    JSON: events.NEW,
    NDJSON: '{"name":"page_viewed","profile":{"external_id":"user-1"},"at":"2026-03-01T09:30:00Z"}\n',
}

EventName = Annotated[str, Path(description="The name of the events, percent-encoded.", examples=["order_placed"])]
OfName = Annotated[str | None, Query(description="Only events with this name.")]


@routes.post(
    "/events",
    "Store one event or many",
    scope=Scope.WRITE,
    answers=events.EventWritten | events.EventBatchAnswer,
    example=events.WRITTEN,
    refuses=(404, 409),
    openapi_extra=described("NewEvent", EXAMPLES, plural="events"),
)
def put_events(
    body: Annotated[Body, Depends(batch_of)],
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    idempotency: Idempotency,
) -> Response:
    """One event as an object; or a batch: an array, `{"events": [...]}`, or NDJSON, up to
    `batch_rows_max` items and `body_bytes_max` bytes after decompression. A batch is one
    transaction, and an invalid item does not affect the others. Unknown profiles are created.

    When this is answered, every segment reflects it. An event whose `message_id` is already stored
    is a `duplicate` and changes nothing."""
    sent = read_one_or_many(body, EVENTS, rows_max=settings.batch_rows_max)
    if isinstance(sent, EventInput):
        with of_profile():
            return idempotency.write(
                lambda record: workspace.events.put(sent, idempotency=record),
                lambda write: (events.EventWritten.of(write), 200, {}),
            )
    valid = [item for item in sent if isinstance(item, EventInput)]

    def render(results: list[EventWrite | Rejected]) -> Rendered:
        outcomes = joined(sent, rejections_of_profile(results))
        return batch_answer(outcomes, events.EventWritten, EventOutcome, {"profile_id": None}), 200, {}

    return idempotency.write(lambda record: workspace.events.put_many(valid, idempotency=record), render)


@routes.get("/events", "List the names of events", scope=Scope.READ, answers=events.EventNameList)
def list_event_names(workspace: WorkspaceOfKey) -> Response:
    """Every name, with the number of its events, the first and the last of them."""
    return answer({"items": [events.EventName.of(name) for name in workspace.events.names()]})


@routes.get(
    "/events/{name:path}",
    "Describe the events of a name",
    scope=Scope.READ,
    answers=events.EventNameDescribed,
    refuses=(404,),
)
def describe_event_name(name: EventName, workspace: WorkspaceOfKey) -> Response:
    """The number of events with this name, the first and the last of them, and the properties they
    have had."""
    described_name = next((each for each in workspace.events.names() if each.name == name), None)
    if described_name is None:
        raise NotFound("There are no events with this name.", hint="Names are exact, capitals included.")
    properties = [events.EventProperty.of(each) for each in workspace.events.properties(name)]
    return answer({**events.EventName.of(described_name), "properties": properties})


@routes.get(
    "/profiles/{profile_id}/events",
    "List a profile's events",
    scope=Scope.READ,
    answers=events.EventPage,
    refuses=(400, 404),
)
def timeline(
    profile_id: ProfileId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, name: OfName = None
) -> Response:
    """Newest first. An event that arrives during the paging appears if its place is on a later
    page."""
    return answer(
        events.EventPage.of(workspace.events.timeline(str(profile_id), name=name, cursor=cursor, limit=limit))
    )
