"""Conversations: sent again as they grow, their analyses, and their messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from coterie.http.native.shapes.base import (  # fmt: skip
    EARLIER,
    LATER,
    PROFILE_ID,
    Id,
    Moment,
    Problem,
    Value,
    ValueSent,
)
from coterie.http.native.shapes.events import MomentSent, ProfileRef
from coterie.http.native.shapes.shape import Answer, From, Json, Shape, example
from coterie.model import UNSET, ConversationInput, MessageInput

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
EXAMPLE: dict[str, Any] = {
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
    """A message of a conversation. Of its messages with the same `external_id`, only the first is
    stored."""

    role: str = Field(min_length=1, description="`user`, `assistant`, `system`, `tool`, or a name of your own.")
    content: str | None = None
    external_id: str | None = None
    at: MomentSent = None
    extra: dict[str, Any] = Field(default_factory=dict, description="Stored and returned; rules do not use it.")

    def to_model(self) -> MessageInput:
        at = UNSET if self.at is None else self.at
        return MessageInput(self.role, self.content, self.external_id, at, self.extra)


class NewConversation(Shape):
    """A conversation as it is sent. It is found by `id`, else by `external_id`; otherwise it is
    created, which requires `profile`. Fields that are left out stay as they are; null removes;
    `properties` and `analysis` are merged name by name; `messages` are added."""

    model_config = example(NEW)

    id: Id | None = Field(None, description="To change an existing conversation.")
    external_id: str | None = Field(None, description="Your own id of the conversation. Unique.")
    profile: ProfileRef | None = None
    product_id: str | None = None
    version_id: str | None = None
    model: str | None = None
    started_at: MomentSent = None
    at: MomentSent = Field(None, description="The instant it counts at; that of its latest message if left out.")
    properties: dict[str, ValueSent] = Field(default_factory=dict)
    analysis: dict[str, ValueSent] = Field(
        default_factory=dict, description="Scores (numbers), flags (booleans), topics and keywords (lists of text)."
    )
    messages: list[NewMessage] = Field(default_factory=list)

    def to_model(self) -> ConversationInput:
        """The input of the workspace. Fields that were not sent are UNSET. null removes; for
        identifiers, the profile and `at` it is the same as left out."""
        sent, unset = self.model_fields_set, UNSET
        return ConversationInput(
            id=unset if self.id is None else str(self.id),
            external_id=unset if self.external_id is None else self.external_id,
            profile=unset if self.profile is None else self.profile.to_model(),
            product_id=self.product_id if "product_id" in sent else unset,
            version_id=self.version_id if "version_id" in sent else unset,
            model=self.model if "model" in sent else unset,
            started_at=self.started_at if "started_at" in sent else unset,
            at=unset if self.at is None else self.at,
            properties=self.properties,
            analysis=self.analysis,
            messages=[message.to_model() for message in self.messages],
        )


class Analysis(Shape):
    """The analysis of a conversation. Scores (`sentiment`, `frustration`, `struggle`,
    `commercial_intent`, `cqi`, `rating`) are numbers, flags (`jailbreak_detected` and the like)
    booleans, `topics` and `keywords` lists of text. Names that are left out stay as they are; null
    removes."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra={"examples": [ANALYSIS]})


class MessageWritten(Shape):
    id: str
    new: bool = Field(description="false: a message with its `external_id` was already stored.")


def _messages_written(messages: Iterable[tuple[str, bool]]) -> list[Json]:
    return [{"id": message_id, "new": new} for message_id, new in messages]


class ConversationWritten(Answer):
    model_config = example(WRITTEN)

    id: str
    profile_id: str
    outcome: Literal["created", "updated", "unchanged"]
    messages: Annotated[list[MessageWritten], From(_messages_written)] = Field(
        description="The outcome of each message, in the order they were sent."
    )


class ConversationBatchItem(Shape):
    """The outcome of one item: what was written, or `problems` where it was refused."""

    index: int = Field(description="Its position in the array, or among the lines that are not empty, from 0.")
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
    """The outcome of every item, in order. Valid items are stored in one transaction; invalid ones
    do not affect them."""

    model_config = example(
        {
            "counts": {"created": 1, "updated": 0, "unchanged": 0, "refused": 0},
            "items": [{"index": 0, **WRITTEN, "problems": []}],
        }
    )

    counts: ConversationBatchCounts
    items: list[ConversationBatchItem]


class Conversation(Answer):
    """A conversation. Windows place it at the instant `at`."""

    model_config = example(EXAMPLE)

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


class ConversationPage(Answer):
    """Oldest first. `next` is the cursor of the following page, null on the last. `total` is null
    where it is not counted."""

    model_config = example({"items": [EXAMPLE], "next": None, "total": None})

    items: list[Conversation]
    next: str | None
    total: int | None


class Message(Answer):
    id: str = Field(json_schema_extra={"format": "uuid"})
    external_id: str | None
    role: str
    content: str | None
    at: Moment
    extra: dict[str, Any]


class MessagePage(Answer):
    """In the order in which they were added. `next` is the cursor of the following page, null on
    the last."""

    model_config = example({"items": [MESSAGE], "next": None})

    items: list[Message]
    next: str | None
