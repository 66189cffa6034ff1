"""`/v1/events`: what profiles did, one event or many; what is known of each name; and `/v1/profiles/{id}/events`, the timeline of one profile."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.bodies import JSON, NDJSON
from coterie.http.idempotency import OnceForKey
from coterie.http.native import schema
from coterie.http.native.batches import (
    Body,
    Sort,
    batch_of,
    described,
    joined,
    of_profile,
    read_one_or_many,
    refusals_of_profile,
)
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, ProfileId, SettingsOfServer
from coterie.http.native.schema.events import NEW, WRITTEN
from coterie.http.native.translate_events import (
    event_batch_out,
    event_in,
    event_name_out,
    event_page_out,
    event_property_out,
    event_write_out,
)  # fmt: skip
from coterie.http.routing import Routes
from coterie.model import EventInput, Scope

routes = Routes(ERRORS, tags=["events"])

EVENTS = Sort("events", schema.NewEvent, event_in)
EXAMPLES = {
    JSON: NEW,
    NDJSON: '{"name":"page_viewed","profile":{"external_id":"user-1"},"at":"2026-03-01T09:30:00Z"}\n',
}

EventNamed = Annotated[str, Path(description="The events' name, percent-encoded.", examples=["order_placed"])]
OfName = Annotated[str | None, Query(description="Only events of this name.")]


@routes.post(
    "/events",
    "Store one event, or many",
    scope=Scope.WRITE,
    answers=schema.EventWritten | schema.EventBatchAnswer,
    refuses=(404, 409),
    responses={200: {"content": {JSON: {"example": WRITTEN}}}},
    openapi_extra=described("NewEvent", EXAMPLES, plural="events"),
)
def put_events(
    body: Annotated[Body, Depends(batch_of)], workspace: WorkspaceOfKey, settings: SettingsOfServer, once: OnceForKey
) -> Response:
    """One event as an object; or a batch: an array, `{"events": [...]}`, or NDJSON, up to `batch_rows_max` items and `body_bytes_max` bytes after
    decompression. A batch is one transaction, and a bad item stops no other. Whose profile is not known yet is made.

    When this is answered, every segment reflects it. An event whose `message_id` was stored before is a `duplicate` and changes nothing."""
    sent = read_one_or_many(body, EVENTS, rows_max=settings.batch_rows_max)
    if isinstance(sent, EventInput):
        with of_profile():
            return once.write(
                lambda idempotency: workspace.events.put(sent, idempotency=idempotency),
                lambda write: (event_write_out(write), 200, {}),
            )
    good = [item for item in sent if isinstance(item, EventInput)]
    return once.write(
        lambda idempotency: workspace.events.put_many(good, idempotency=idempotency),
        lambda results: (event_batch_out(joined(sent, refusals_of_profile(results))), 200, {}),
    )


@routes.get("/events", "List the names of events", scope=Scope.READ, answers=schema.EventNameList)
def list_event_names(workspace: WorkspaceOfKey) -> Response:
    """Every name, with how many events there are of it, the first and the last."""
    return answer({"items": [event_name_out(known) for known in workspace.events.names()]})


@routes.get(
    "/events/{name:path}",
    "Describe the events of a name",
    scope=Scope.READ,
    answers=schema.EventNameDescribed,
    refuses=(404,),
)
def describe_event_name(name: EventNamed, workspace: WorkspaceOfKey) -> Response:
    """How many there are, the first and the last, and the properties they have had."""
    known = next((known for known in workspace.events.names() if known.name == name), None)
    if known is None:
        raise NotFound("There are no events of this name.", hint="Names are exact, capitals included.")
    properties = [event_property_out(one) for one in workspace.events.properties(name)]
    return answer({**event_name_out(known), "properties": properties})


@routes.get(
    "/profiles/{profile_id}/events",
    "List a profile's events",
    scope=Scope.READ,
    answers=schema.EventPage,
    refuses=(400, 404),
)
def timeline(
    profile_id: ProfileId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, name: OfName = None
) -> Response:
    """Newest first. Events that arrive while you page, and lie further on, are seen too."""
    return answer(event_page_out(workspace.events.timeline(str(profile_id), name=name, cursor=cursor, limit=limit)))
