"""Conversations: sent and sent again as they grow, their analysis, and how they are shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from coterie.http.native.schema.base import (  # fmt: skip
    EARLIER,
    LATER,
    PROFILE_ID,
    Id,
    Moment,
    Problem,
    Shape,
    Value,
    ValueSent,
    example,
)
from coterie.http.native.schema.events import MomentSent, ProfileRef

CONVERSATION_ID = "0198c0de-0000-7000-8000-0000000000d1"
MESSAGE_ID = "0198c0de-0000-7000-8000-0000000000e1"

ANALYSIS: dict[str, Any] = {
    "commercial_intent": 0.8,
    "frustration": 0.1,
    "topics": ["pricing", "migration"],
    "jailbreak_detected": False,
}
NEW: dict[str, Any] = {
    "external_id": "chat-7",
    "profile": {"external_id": "user-1"},
    "product_id": "assistant",
    "model": "large-2",
    "started_at": EARLIER,
    "properties": {"channel": "web"},
    "analysis": ANALYSIS,
    "messages": [{"role": "user", "content": "What does the team plan cost?", "external_id": "m-1", "at": EARLIER}],
}
SHOWN: dict[str, Any] = {
    "id": CONVERSATION_ID,
    "external_id": "chat-7",
    "profile_id": PROFILE_ID,
    "product_id": "assistant",
    "version_id": None,
    "model": "large-2",
    "started_at": EARLIER,
    "at": EARLIER,
    "properties": {"channel": "web"},
    "analysis": ANALYSIS,
    "message_count": 1,
    "created_at": EARLIER,
    "updated_at": LATER,
}
MESSAGE: dict[str, Any] = {
    "id": MESSAGE_ID,
    "external_id": "m-1",
    "role": "user",
    "content": "What does the team plan cost?",
    "at": EARLIER,
    "extra": {},
}
WRITTEN: dict[str, Any] = {
    "id": CONVERSATION_ID,
    "profile_id": PROFILE_ID,
    "outcome": "created",
    "messages": [{"id": MESSAGE_ID, "new": True}],
}


class NewMessage(Shape):
    """A message of a conversation. Within it, messages with the same `external_id` are one: the first that came."""

    role: str = Field(min_length=1, description="`user`, `assistant`, `system`, `tool`, or what you call it.")
    content: str | None = None
    external_id: str | None = None
    at: MomentSent = None
    extra: dict[str, Any] = Field(default_factory=dict, description="Kept and shown; rules do not look at it.")


class NewConversation(Shape):
    """A conversation as it is sent: found by `id`, else by `external_id`, else made, for which `profile` is needed. What is not named stays
    as it is; null removes; `properties` and `analysis` are merged name by name; `messages` are added."""

    model_config = example(NEW)

    id: Id | None = Field(None, description="Only to change a conversation that exists.")
    external_id: str | None = Field(None, description="Your own id of the conversation. Unique.")
    profile: ProfileRef | None = None
    product_id: str | None = None
    version_id: str | None = None
    model: str | None = None
    started_at: MomentSent = None
    at: MomentSent = Field(None, description="The instant it counts at; its latest message when not sent.")
    properties: dict[str, ValueSent] = Field(default_factory=dict)
    analysis: dict[str, ValueSent] = Field(
        default_factory=dict, description="Scores (numbers), flags (booleans), topics and keywords (lists of text)."
    )
    messages: list[NewMessage] = Field(default_factory=list)


class Analysis(Shape):
    """What came of analysing a conversation: scores (`sentiment`, `frustration`, `struggle`, `commercial_intent`, `cqi`, `rating`) are numbers,
    flags (`jailbreak_detected` and the like) booleans, `topics` and `keywords` lists of text. Names that are not sent stay; null removes."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra={"examples": [ANALYSIS]})


class MessageWritten(Shape):
    id: str
    new: bool = Field(description="false: a message with its `external_id` was there already.")


class ConversationWritten(Shape):
    model_config = example(WRITTEN)

    id: str
    profile_id: str
    outcome: Literal["created", "updated", "unchanged"]
    messages: list[MessageWritten] = Field(description="What became of each message that was sent, in order.")


class ConversationBatchItem(Shape):
    """One item's fate: what was written, or the `problems` for which it was refused."""

    index: int = Field(description="Its place in the array, or among the lines that are not empty, from 0.")
    id: str | None
    profile_id: str | None
    outcome: Literal["created", "updated", "unchanged", "refused"]
    messages: list[MessageWritten]
    problems: list[Problem]


class ConversationBatchCounts(Shape):
    created: int
    updated: int
    unchanged: int
    refused: int


class ConversationBatchAnswer(Shape):
    """Every item's outcome, in order. The good ones are stored, in one transaction, whatever became of the others."""

    model_config = example(
        {
            "counts": {"created": 1, "updated": 0, "unchanged": 0, "refused": 0},
            "items": [{"index": 0, **WRITTEN, "problems": []}],
        }
    )

    counts: ConversationBatchCounts
    items: list[ConversationBatchItem]


class Conversation(Shape):
    """`at` is the instant it counts at in windows."""

    model_config = example(SHOWN)

    id: str = Field(json_schema_extra={"format": "uuid"})
    external_id: str | None
    profile_id: str
    product_id: str | None
    version_id: str | None
    model: str | None
    started_at: Moment
    at: Moment
    properties: dict[str, Value]
    analysis: dict[str, Value]
    message_count: int
    created_at: Moment
    updated_at: Moment


class ConversationPage(Shape):
    """Oldest first. `next` is the cursor of the following page, null on the last. `total` is null where it is not counted."""

    model_config = example({"items": [SHOWN], "next": None, "total": None})

    items: list[Conversation]
    next: str | None
    total: int | None


class Message(Shape):
    id: str = Field(json_schema_extra={"format": "uuid"})
    external_id: str | None
    role: str
    content: str | None
    at: Moment
    extra: dict[str, Any]


class MessagePage(Shape):
    """In the order in which they were added. `next` is the cursor of the following page, null on the last."""

    model_config = example({"items": [MESSAGE], "next": None})

    items: list[Message]
    next: str | None
