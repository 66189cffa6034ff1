"""Events: sent one by one or in batches, listed for a profile, and what is known of their names."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, WithJsonSchema

from coterie.http.native.schema.base import (  # fmt: skip
    EARLIER,
    LATER,
    PROFILE_ID,
    Id,
    KindName,
    Moment,
    Problem,
    Shape,
    Value,
    example,
)

EventOutcomeName: TypeAlias = Literal["stored", "duplicate"]

MOMENT_SENT: dict[str, Any] = {
    "anyOf": [{"type": "string", "examples": [EARLIER]}, {"type": "null"}],
    "description": "An instant as ISO 8601 text: `2026-03-01T09:30:00Z`. Without an offset it is local to the workspace's zone.",
}
MomentSent: TypeAlias = Annotated[Any, WithJsonSchema(MOMENT_SENT)]
"""An instant as it is sent. Read at the workspace's door."""

NEW = {
    "name": "order_placed",
    "profile": {"external_id": "user-1"},
    "at": EARLIER,
    "message_id": "order-1001",
    "properties": {"total": 59.9, "items": ["boots", "laces"]},
}
SHOWN = {
    "name": "order_placed",
    "profile_id": PROFILE_ID,
    "at": EARLIER,
    "message_id": "order-1001",
    "properties": {"total": 59.9, "items": ["boots", "laces"]},
}
WRITTEN = {"profile_id": PROFILE_ID, "outcome": "stored"}
NAME = {"name": "order_placed", "count": 1_204, "first_at": EARLIER, "last_at": LATER}


class ProfileRef(Shape):
    """Whose it is, by one or more identifiers. Nobody yet known is made, unless only `id` is given."""

    id: Id | None = Field(None, description="The profile's id; it must exist.")
    external_id: str | None = Field(None, description="Looked up first, of the rest.")
    email: str | None = Field(None, description="Looked up second, in any case.")
    anonymous_id: str | None = Field(
        None,
        description="What a browser is known by before its person signs in; beside another identifier it merges the two.",
    )


class NewEvent(Shape):
    """An event as it is sent. Events with the same `message_id` are one: the first that came."""

    model_config = example(NEW)

    name: str = Field(min_length=1)
    profile: ProfileRef
    at: MomentSent = Field(
        None, description="When it happened; now when not sent. Late, early and equal instants are all right."
    )
    occurred_at: MomentSent = Field(
        None, description="The same as `at`, for those who call it so. Send one of the two."
    )
    message_id: str | None = Field(
        None, description="Makes it count once, however often it is sent, for as long as it is kept."
    )
    properties: dict[str, Value | None] = Field(default_factory=dict, description="null is the same as not there.")


class EventWritten(Shape):
    model_config = example(WRITTEN)

    profile_id: str
    outcome: EventOutcomeName = Field(description="`duplicate`: its `message_id` was stored before.")


class EventBatchItem(Shape):
    """One item's fate: `profile_id` and `outcome` when it was taken, `problems` when it was refused."""

    index: int = Field(description="Its place in the array, or among the lines that are not empty, from 0.")
    profile_id: str | None
    outcome: EventOutcomeName | Literal["refused"]
    problems: list[Problem]


class EventBatchCounts(Shape):
    stored: int
    duplicate: int
    refused: int


class EventBatchAnswer(Shape):
    """Every item's outcome, in order. The good ones are stored, in one transaction, whatever became of the others."""

    model_config = example(
        {
            "counts": {"stored": 1, "duplicate": 0, "refused": 1},
            "items": [
                {"index": 0, "profile_id": PROFILE_ID, "outcome": "stored", "problems": []},
                {
                    "index": 1,
                    "profile_id": None,
                    "outcome": "refused",
                    "problems": [
                        {"code": "invalid_input", "detail": "This is required.", "path": "name", "hint": None}
                    ],
                },
            ],
        }
    )

    counts: EventBatchCounts
    items: list[EventBatchItem]


class Event(Shape):
    model_config = example(SHOWN)

    name: str
    profile_id: str
    at: Moment
    message_id: str | None
    properties: dict[str, Value]


class EventPage(Shape):
    """Newest first. `next` is the cursor of the following page, null on the last."""

    model_config = example({"items": [SHOWN], "next": None})

    items: list[Event]
    next: str | None


class EventName(Shape):
    model_config = example(NAME)

    name: str
    count: int
    first_at: Moment | None
    last_at: Moment | None


class EventNameList(Shape):
    model_config = example({"items": [NAME]})

    items: list[EventName]


class EventProperty(Shape):
    """A property that events of the name have had, and the kinds of value seen in it."""

    name: str
    kinds: list[KindName]
    first_seen_at: Moment


class EventNameDescribed(EventName):
    model_config = example({**NAME, "properties": [{"name": "total", "kinds": ["number"], "first_seen_at": EARLIER}]})

    properties: list[EventProperty]
