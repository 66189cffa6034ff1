"""Conversations and their messages between our own dialect's JSON and the model, both ways. Pure; see `translate.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coterie.exporting.cells import json_value
from coterie.http.native import schema
from coterie.http.native.translate import Json, page_of_refusals
from coterie.http.native.translate_events import ref_in
from coterie.model import (
    UNSET,
    Conversation,
    ConversationInput,
    ConversationWrite,
    Message,
    MessageInput,
    Outcome,
    Page,
    Rejected,
)  # fmt: skip

OUTCOMES = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)


def conversation_in(sent: schema.NewConversation) -> ConversationInput:
    """What was not sent is left UNSET; null means remove, but for identifiers, the profile and `at`, where it is the same as not sent."""
    named = sent.model_fields_set
    return ConversationInput(
        id=UNSET if sent.id is None else str(sent.id),
        external_id=UNSET if sent.external_id is None else sent.external_id,
        profile=UNSET if sent.profile is None else ref_in(sent.profile),
        product_id=sent.product_id if "product_id" in named else UNSET,
        version_id=sent.version_id if "version_id" in named else UNSET,
        model=sent.model if "model" in named else UNSET,
        started_at=sent.started_at if "started_at" in named else UNSET,
        at=UNSET if sent.at is None else sent.at,
        properties=sent.properties,
        analysis=sent.analysis,
        messages=[_message_in(message) for message in sent.messages],
    )


def _message_in(sent: schema.NewMessage) -> MessageInput:
    at = UNSET if sent.at is None else sent.at
    return MessageInput(sent.role, sent.content, sent.external_id, at, sent.extra)


def analysis_in(conversation_id: str, sent: Mapping[str, object]) -> ConversationInput:
    return ConversationInput(id=conversation_id, analysis=sent)


def conversation_write_out(write: ConversationWrite) -> Json:
    return {
        "id": write.id,
        "profile_id": write.profile_id,
        "outcome": write.outcome.value,
        "messages": [{"id": message_id, "new": new} for message_id, new in write.messages],
    }


def conversation_batch_out(results: Sequence[ConversationWrite | Rejected]) -> Json:
    absent: Json = {"id": None, "profile_id": None, "messages": []}
    return page_of_refusals(results, conversation_write_out, OUTCOMES, absent)


def conversation_out(conversation: Conversation) -> Json:
    return {
        "id": conversation.id,
        "external_id": conversation.external_id,
        "profile_id": conversation.profile_id,
        "product_id": conversation.product_id,
        "version_id": conversation.version_id,
        "model": conversation.model,
        "started_at": conversation.started_at.iso(),
        "at": conversation.at.iso(),
        "properties": {name: json_value(value) for name, value in conversation.properties.items()},
        "analysis": {name: json_value(value) for name, value in conversation.analysis.items()},
        "message_count": conversation.message_count,
        "created_at": conversation.created_at.iso(),
        "updated_at": conversation.updated_at.iso(),
    }


def message_page_out(page: Page[Message]) -> Json:
    return {"items": [_message_out(message) for message in page.items], "next": page.next}


def _message_out(message: Message) -> Json:
    return {
        "id": message.id,
        "external_id": message.external_id,
        "role": message.role,
        "content": message.content,
        "at": message.at.iso(),
        "extra": dict(message.extra),
    }
