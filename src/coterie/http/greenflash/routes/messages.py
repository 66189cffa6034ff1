"""`/messages` and `/ratings`: what is said in conversations, and what users think of it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body
from starlette.responses import Response

from coterie.errors import InvalidInput, missing
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.lookups import conversation_if_known, organization_of, user_if_known
from coterie.http.greenflash.refusals import refusals
from coterie.http.greenflash.to_model import conversation_in, message_type, organization_properties, rating_in
from coterie.http.route import EdgeRoute
from coterie.model import UNSET, Conversation, ConversationWrite, ProfileInput, Scope
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute)


@router.post(
    "/messages",
    summary="Log messages",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashMessagesLogged,
    responses=refusals(404, body=True),
)
def log_messages(
    body: Annotated[shapes.GreenflashMessages, Body(openapi_examples=examples.MESSAGES)], workspace: WorkspaceOfKey
) -> Response:
    """Makes or continues a conversation, and its user where nobody knows them. Every segment reflects it when this is answered."""
    known = _known(workspace, body)
    sent = conversation_in(body, known, ZoneInfo(workspace.zone))
    organization = organization_of(workspace, UNSET, body.externalOrganizationId or UNSET)
    if organization is not UNSET:
        properties = organization_properties(organization)
        workspace.profiles.put(ProfileInput(external_id=body.externalUserId, properties=properties))
    return answer(_logged(workspace.conversations.put(sent), body))


def _known(workspace: Workspace, sent: shapes.GreenflashMessages) -> Conversation | None:
    """The conversation that goes on, None for a new one. Raises NotFound, InvalidInput."""
    if sent.conversationId:
        found: Conversation | None = workspace.conversations.get(sent.conversationId.lower())
    elif sent.externalConversationId:
        found = conversation_if_known(workspace, sent.externalConversationId)
    elif sent.productId:
        found = None
    else:
        raise missing(
            "conversationId",
            "which conversation this is",
            hint="Send one of conversationId, externalConversationId and productId.",
        )
    if found is not None:
        profile = user_if_known(workspace, sent.externalUserId)
        if profile is None or profile.id != found.profile_id:
            raise InvalidInput("This conversation is another user's.", path=("externalUserId",))
    return found


def _logged(write: ConversationWrite, sent: shapes.GreenflashMessages) -> dict[str, object]:
    prompt = sent.systemPrompt.get("promptId") if isinstance(sent.systemPrompt, dict) else None
    return {
        "success": True,
        "conversationId": write.id,
        "messages": [
            {
                "messageId": message_id,
                "externalMessageId": message.externalMessageId,
                "messageType": message_type(message),
                "status": "created" if new else "deduplicated",
            }
            for message, (message_id, new) in zip(sent.messages, write.messages, strict=True)
        ],
        "systemPromptPromptId": prompt if isinstance(prompt, str) else "",
        "systemPromptComponentIds": [],
    }


@router.post(
    "/ratings",
    summary="Log a rating",
    dependencies=[needs(Scope.WRITE)],
    response_model=shapes.GreenflashRatingLogged,
    responses=refusals(404, body=True),
)
def log_rating(
    body: Annotated[shapes.GreenflashRating, Body(openapi_examples=examples.RATINGS)], workspace: WorkspaceOfKey
) -> Response:
    """Lands on the conversation that is named, or whose message is. A later rating replaces an earlier one."""
    conversation = _rated(workspace, body)
    workspace.conversations.put(rating_in(body, conversation.id, ZoneInfo(workspace.zone), workspace.now()))
    return answer({"success": True})


def _rated(workspace: Workspace, sent: shapes.GreenflashRating) -> Conversation:
    """Raises NotFound, InvalidInput."""
    if sent.conversationId:
        return workspace.conversations.get(sent.conversationId.lower())
    if sent.externalConversationId:
        return workspace.conversations.get(external_id=sent.externalConversationId)
    if sent.messageId:
        return workspace.conversations.of_message(sent.messageId.lower())
    if sent.externalMessageId:
        return workspace.conversations.of_message(external_id=sent.externalMessageId)
    raise missing(
        "conversationId",
        "what is rated",
        hint="Send one of conversationId, externalConversationId, messageId and externalMessageId.",
    )
