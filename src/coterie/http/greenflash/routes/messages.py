"""`/messages` and `/ratings`: the messages of conversations, and how users rate them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Body
from starlette.responses import Response

from coterie.errors import InvalidInput, missing
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.lookups import find_conversation, find_user
from coterie.http.greenflash.to_model import message_type, to_conversation_input, to_rating_input
from coterie.http.routing import Routes
from coterie.model import Conversation, ConversationWrite, Fact, ProfileInput, PutInOrganization, Scope
from coterie.workspace import Workspace

routes = Routes(ERRORS)


@routes.post("/messages", "Log messages", scope=Scope.WRITE, answers=shapes.GreenflashMessagesLogged, refuses=(404,))
def log_messages(
    body: Annotated[shapes.GreenflashMessages, Body(openapi_examples=examples.MESSAGES)], workspace: WorkspaceOfKey
) -> Response:
    """Starts or continues a conversation, and creates its user if needed, in one commit.

    When this returns, every segment reflects it."""
    continued = _continued_conversation(workspace, body)
    conversation = to_conversation_input(body, continued, ZoneInfo(workspace.zone))
    facts: list[Fact] = [conversation]
    if body.externalOrganizationId:
        user = ProfileInput(external_id=body.externalUserId)
        facts.insert(0, PutInOrganization(user, body.externalOrganizationId))
    write = workspace.put_together(facts)[-1]
    assert isinstance(write, ConversationWrite), "the result of the last fact"
    return answer(_logged(write, body))


def _continued_conversation(workspace: Workspace, body: shapes.GreenflashMessages) -> Conversation | None:
    """The conversation that the messages continue, None for a new one.

    Raises NotFound, InvalidInput.
    """
    if body.conversationId:
        conversation: Conversation | None = workspace.conversations.get(body.conversationId.lower())
    elif body.externalConversationId:
        conversation = find_conversation(workspace, body.externalConversationId)
    elif body.productId:
        conversation = None
    else:
        raise missing(
            "conversationId",
            "which conversation this is",
            hint="Send one of conversationId, externalConversationId and productId.",
        )
    if conversation is not None:
        user = find_user(workspace, body.externalUserId)
        if user is None or user.id != conversation.profile_id:
            raise InvalidInput("This conversation is another user's.", path=("externalUserId",))
    return conversation


def _logged(write: ConversationWrite, body: shapes.GreenflashMessages) -> dict[str, object]:
    prompt = body.systemPrompt.get("promptId") if isinstance(body.systemPrompt, dict) else None
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
            for message, (message_id, new) in zip(body.messages, write.messages, strict=True)
        ],
        "systemPromptPromptId": prompt if isinstance(prompt, str) else "",
        "systemPromptComponentIds": [],
    }


@routes.post("/ratings", "Log a rating", scope=Scope.WRITE, answers=shapes.GreenflashRatingLogged, refuses=(404,))
def log_rating(
    body: Annotated[shapes.GreenflashRating, Body(openapi_examples=examples.RATINGS)], workspace: WorkspaceOfKey
) -> Response:
    """Rates a conversation, named by its own id or that of one of its messages.

    A later rating replaces an earlier one."""
    conversation = _rated_conversation(workspace, body)
    rating = to_rating_input(body, conversation.id, ZoneInfo(workspace.zone), workspace.now())
    workspace.conversations.put(rating)
    return answer({"success": True})


def _rated_conversation(workspace: Workspace, body: shapes.GreenflashRating) -> Conversation:
    """Raises NotFound, InvalidInput."""
    if body.conversationId:
        return workspace.conversations.get(body.conversationId.lower())
    if body.externalConversationId:
        return workspace.conversations.get(external_id=body.externalConversationId)
    if body.messageId:
        return workspace.conversations.of_message(body.messageId.lower())
    if body.externalMessageId:
        return workspace.conversations.of_message(external_id=body.externalMessageId)
    raise missing(
        "conversationId",
        "what is rated",
        hint="Send one of conversationId, externalConversationId, messageId and externalMessageId.",
    )
