"""`/events`: what users do besides their conversations."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Body
from starlette.responses import Response

from coterie.errors import missing
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.to_model import to_event_input
from coterie.http.routing import Routes
from coterie.model import ProfileRef, Scope
from coterie.workspace import Workspace

routes = Routes(ERRORS)


@routes.post("/events", "Log an event", scope=Scope.WRITE, answers=shapes.GreenflashEventLogged, refuses=(404,))
def log_event(
    body: Annotated[shapes.GreenflashEvent, Body(openapi_examples=examples.EVENTS)], workspace: WorkspaceOfKey
) -> Response:
    """Stores an event of the user, named by its type.

    Events with the same `insertId` are one event."""
    event_id = body.insertId or str(uuid4())
    workspace.events.put(to_event_input(body, _profile_ref(workspace, body), event_id, ZoneInfo(workspace.zone)))
    return answer({"success": True, "eventId": event_id})


def _profile_ref(workspace: Workspace, body: shapes.GreenflashEvent) -> ProfileRef:
    """Whose event this is. Raises NotFound, InvalidInput."""
    if body.userId:
        return ProfileRef(id=body.userId.lower())
    if body.externalUserId:
        return ProfileRef(external_id=body.externalUserId)
    if body.conversationId:
        return ProfileRef(id=workspace.conversations.get(body.conversationId.lower()).profile_id)
    if body.externalConversationId:
        return ProfileRef(id=workspace.conversations.get(external_id=body.externalConversationId).profile_id)
    raise missing(
        "externalUserId",
        "whose event this is",
        hint="Send one of externalUserId, userId, conversationId and externalConversationId.",
    )
