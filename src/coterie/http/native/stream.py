"""`/v1/transitions/stream`: the feed as server-sent events, each transition the moment it is published.

An event's id is its sequence; a client that comes back with `Last-Event-ID`, as browsers do by themselves, misses nothing. The data is what the polled
feed says. Now and then a comment goes out, so that proxies keep the connection and a reader that is gone is noticed; and as often, whether there is
news or not, the key is looked at again.
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
from coterie.http.auth import WorkspaceOfKey, admit
from coterie.http.errors import InvalidHeader
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import INTEGER_MAX
from coterie.http.native.questions import ActionWanted, CauseWanted, OfProfile, OfSegment
from coterie.http.native.translate import transition_out
from coterie.http.routing import Routes
from coterie.http.streaming import Streaming, Streams, Watch
from coterie.model import Action, Cause, Page, Scope, Transition

routes = Routes(ERRORS)

HEARTBEAT = 15.0
"""Seconds between signs of life, by the clock. The key is looked at again at each."""
PAGE = 200
"""Transitions read at once."""
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a client comes again that lost the connection."""
ALIVE = b": alive\n\n"

LAST_EVENT_ID = "last-event-id"

Read = Callable[[int], Page[Transition]]

AfterWanted = Annotated[
    int | None,
    Query(ge=0, le=INTEGER_MAX, description="Begin after this sequence. Where neither this nor `Last-Event-ID` is sent: with what comes from now on."),
]  # fmt: skip
LastEventId = Annotated[
    str | None,
    Header(description="The id of the last event that was read. It goes before `after`.", json_schema_extra={"pattern": "^[0-9]{1,15}$"}),
]  # fmt: skip

EXAMPLE = (
    'id: 1\nevent: enter\ndata: {"sequence":1,"segment_id":"0198c0de-0000-7000-8000-0000000000a1","segment_version":1,'
    '"profile_id":"0198c0de-0000-7000-8000-000000000001","action":"enter","cause":"facts","at":"2026-03-25T14:30:00.000Z"}\n\n'
)


@routes.get(
    "/transitions/stream",
    "Who enters and who leaves, as it happens",
    scope=Scope.READ,
    refuses=(400, 404, 429),
    responses={
        200: {
            "description": "Server-sent events named `enter` and `exit`, until either side ends it.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
    tags=["transitions"],
    response_class=Response,
)
async def stream_transitions(
    request: Request,
    workspace: WorkspaceOfKey,
    after: AfterWanted = None,
    segment: OfSegment = None,
    profile: OfProfile = None,
    action: ActionWanted = None,
    cause: CauseWanted = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Sequences have no gaps; a filter leaves some out. The connection stays open; a comment every 15 seconds says that it is alive."""
    streams: Streams = request.app.state.streams
    begin = _last_event_id(request) if last_event_id is not None else after
    if begin is None:
        begin = await to_thread.run_sync(workspace.transitions.wait, 0, 0.0, limiter=streams.readers)

    def read(after: int) -> Page[Transition]:
        return workspace.transitions.list(
            after=after,
            limit=PAGE,
            segment_id=str(segment) if segment is not None else None,
            profile_id=str(profile) if profile is not None else None,
            action=Action(action) if action else None,
            cause=Cause(cause) if cause else None,
        )

    await to_thread.run_sync(
        read, begin, limiter=streams.readers
    )  # what is wrong with the filters is said before anything else is
    watch = streams.enter(workspace)
    latest = partial(workspace.transitions.wait, 0, 0.0)
    return Streaming(_events(request, streams, watch, read, latest, begin), streams, workspace)


def _last_event_id(request: Request) -> int:
    sent = request.headers.getlist(LAST_EVENT_ID)
    text = sent[0].strip()
    if len(sent) > 1 or not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidHeader("Last-Event-ID is the id of an event of this stream: a sequence.", path=("Last-Event-ID",))
    return int(text)


async def _events(
    request: Request, streams: Streams, watch: Watch, read: Read, latest: Callable[[], int], after: int
) -> AsyncIterator[bytes]:
    yield RETRY
    check = Deadline(HEARTBEAT)
    while not watch.ended:
        if not check.left():
            if not await _still_admitted(request):
                return
            check = Deadline(HEARTBEAT)
            yield ALIVE
        news = watch.news()
        try:
            visible = await to_thread.run_sync(latest, limiter=streams.readers)
            page = await to_thread.run_sync(read, after, limiter=streams.readers)
        except CoterieError:
            return  # the profile it asks for is gone, or the workspace is closed: coming again, the client will be told which
        if page.items:
            after = page.items[-1].sequence
            yield b"".join(map(_event, page.items))
        if len(page.items) == PAGE:
            continue
        after = max(after, visible)  # a filter let nothing through up to here: it need not be looked at again
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), check.left())


async def _still_admitted(request: Request) -> bool:
    try:
        await admit(request, Scope.READ)
    except AccessRefused:
        return False
    return True


def _event(transition: Transition) -> bytes:
    head = f"id: {transition.sequence}\nevent: {transition.action.value}\ndata: ".encode()
    return head + encode(transition_out(transition)) + b"\n\n"
