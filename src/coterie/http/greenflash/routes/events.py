"""`/events`: what users do beside their conversations."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.errors import missing
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.refusals import refusals
from coterie.http.greenflash.to_model import event_in
from coterie.http.route import EdgeRoute
from coterie.model import ProfileRef, Scope
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute)


@router.post(
    "/events",
    summary="Log an event",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashEventLogged,
    responses=refusals(404, body=True),
)
def log_event(
    body: Annotated[shapes.GreenflashEvent, Body(openapi_examples=examples.EVENTS)], workspace: WorkspaceOfKey
) -> Response:
    """Becomes an event of the user, called as its type. Sent again with the same `insertId` it is the same event."""
    event_id = body.insertId or str(uuid4())
    workspace.events.put(event_in(body, _whose(workspace, body), event_id, ZoneInfo(workspace.zone)))
    return answer({"success": True, "eventId": event_id})


def _whose(workspace: Workspace, sent: shapes.GreenflashEvent) -> ProfileRef:
    """Raises NotFound, InvalidInput."""
    if sent.userId:
        return ProfileRef(id=sent.userId.lower())
    if sent.externalUserId:
        return ProfileRef(external_id=sent.externalUserId)
    if sent.conversationId:
        return ProfileRef(id=workspace.conversations.get(sent.conversationId.lower()).profile_id)
    if sent.externalConversationId:
        return ProfileRef(id=workspace.conversations.get(external_id=sent.externalConversationId).profile_id)
    raise missing(
        "externalUserId",
        "whose event this is",
        hint="Send one of externalUserId, userId, conversationId and externalConversationId.",
    )
