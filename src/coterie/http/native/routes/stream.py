"""`/v1/transitions/stream`: the feed as server-sent events, each transition the moment it is
published.

The id of an event is its sequence, so a client that reconnects with `Last-Event-ID`, as browsers do
by themselves, misses nothing. The data is that of the polled feed. Every `HEARTBEAT` seconds, with
news or without, a comment goes out, which keeps proxies from closing the connection and reveals
readers that are gone, and the key is checked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import Header, Query, Request
from starlette.responses import Response

from coterie.clock import Deadline
from coterie.errors import AccessRefused, CoterieError
from coterie.http.answer import encode
from coterie.http.auth import WorkspaceOfKey, authorize
from coterie.http.errors import InvalidHeader
from coterie.http.native.envelope import ERRORS
from coterie.http.native.routes.transitions import OfAction, OfCause, OfProfile, OfSegment, read_page
from coterie.http.native.shapes import transitions
from coterie.http.routing import Routes
from coterie.http.streaming import NewsFeed, Streaming, Streams
from coterie.model import Page, Scope, Transition
from coterie.rules.values import EXACT_INTEGER_MAX

routes = Routes(ERRORS, tags=["transitions"])

HEARTBEAT = 15.0
"""Seconds between heartbeats, by the clock. The key is checked at each of them."""
PAGE = 200
"""Transitions read at once."""
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a client that lost the connection reconnects."""
ALIVE = b": alive\n\n"

LAST_EVENT_ID = "last-event-id"

Read = Callable[[int], Page[Transition]]

StartAfter = Annotated[
    int | None,
    Query(
        ge=0,
        le=EXACT_INTEGER_MAX,
        description="Start after this sequence. Without it and without `Last-Event-ID`: with the next transition.",
    ),
]
LastEventId = Annotated[
    str | None,
    Header(
        description="The id of the last event that was read. It takes precedence over `after`.",
        json_schema_extra={"pattern": "^[0-9]{1,15}$"},
    ),
]

EXAMPLE = (
    'id: 1\nevent: enter\ndata: {"sequence":1,"segment_id":"0198c0de-0000-7000-8000-0000000000a1","segment_version":1,'
    '"profile_id":"0198c0de-0000-7000-8000-000000000001","action":"enter","cause":"facts","at":"2026-03-25T14:30:00.000Z"}\n\n'
)


@routes.get(
    "/transitions/stream",
    "Stream transitions",
    scope=Scope.READ,
    refuses=(400, 404, 429),
    responses={
        200: {
            "description": "Server-sent events named `enter` and `exit`, until either side closes the connection.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
    response_class=Response,
)
async def stream_transitions(
    request: Request,
    workspace: WorkspaceOfKey,
    after: StartAfter = None,
    segment: OfSegment = None,
    profile: OfProfile = None,
    action: OfAction = None,
    cause: OfCause = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Who enters and who leaves, as it happens. Sequences have no gaps; with a filter, some are
    left out. The connection stays open; a comment every 15 seconds shows that it is alive."""
    streams: Streams = request.app.state.streams
    start = _last_event_id(request) if last_event_id is not None else after
    latest = partial(workspace.transitions.wait, 0, 0.0)
    if start is None:
        start = await to_thread.run_sync(latest, limiter=streams.readers)

    def read(after: int) -> Page[Transition]:
        return read_page(workspace, segment, profile, action, cause, limit=PAGE, after=after)

    await to_thread.run_sync(read, start, limiter=streams.readers)  # errors of the filters are answered before a stream
    feed = streams.enter(workspace)
    return Streaming(_events(request, streams, feed, read, latest, start), streams, workspace)


def _last_event_id(request: Request) -> int:
    """The sequence in the header. Raises InvalidHeader."""
    sent = request.headers.getlist(LAST_EVENT_ID)
    text = sent[0].strip()
    if len(sent) > 1 or not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidHeader("Last-Event-ID is the id of an event of this stream: a sequence.", path=("Last-Event-ID",))
    return int(text)


async def _events(
    request: Request, streams: Streams, feed: NewsFeed, read: Read, latest: Callable[[], int], after: int
) -> AsyncIterator[bytes]:
    yield RETRY
    heartbeat = Deadline(HEARTBEAT)
    while not feed.ended:
        if not heartbeat.left():
            if not await _still_authorized(request):
                return
            heartbeat = Deadline(HEARTBEAT)
            yield ALIVE
        news = feed.news()
        try:
            visible = await to_thread.run_sync(latest, limiter=streams.readers)
            page = await to_thread.run_sync(read, after, limiter=streams.readers)
        except CoterieError:
            return  # the profile of the filter is deleted, or the workspace closed
        if page.items:
            after = page.items[-1].sequence
            yield b"".join(map(_event, page.items))
        if len(page.items) == PAGE:
            continue
        after = max(after, visible)  # the filter let nothing else through up to here
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), heartbeat.left())


async def _still_authorized(request: Request) -> bool:
    try:
        await authorize(request, Scope.READ)
    except AccessRefused:
        return False
    return True


def _event(transition: Transition) -> bytes:
    head = f"id: {transition.sequence}\nevent: {transition.action.value}\ndata: ".encode()
    return head + encode(transitions.Transition.of(transition)) + b"\n\n"
