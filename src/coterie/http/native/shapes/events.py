"""Events: sent one by one or in batches, the timeline of a profile, and the names of events."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, WithJsonSchema

from coterie import model
from coterie.errors import InvalidInput, missing
from coterie.http.native.shapes.base import (  # fmt: skip
    EARLIER,
    LATER,
    PROFILE_ID,
    Id,
    KindName,
    Moment,
    Problem,
    Value,
)
from coterie.http.native.shapes.shape import Answer, Shape, example

EventOutcomeName: TypeAlias = Literal["stored", "duplicate"]

MOMENT_SENT: dict[str, Any] = {
    "anyOf": [{"type": "string", "examples": [EARLIER]}, {"type": "null"}],
    "description": "An instant as ISO 8601 text: `2026-03-01T09:30:00Z`. "
    "Without an offset it is local to the workspace's zone.",
}
MomentSent: TypeAlias = Annotated[Any, WithJsonSchema(MOMENT_SENT)]
"""An instant as it is sent. The workspace coerces it."""

NEW = {
    "name": "order_placed",
    "profile": {"external_id": "user-1"},
    "at": EARLIER,
    "message_id": "order-1001",
    "properties": {"total": 59.9, "items": ["boots", "laces"]},
}
EXAMPLE = {
    "name": "order_placed",
    "profile_id": PROFILE_ID,
    "at": EARLIER,
    "message_id": "order-1001",
    "properties": {"total": 59.9, "items": ["boots", "laces"]},
}
WRITTEN = {"profile_id": PROFILE_ID, "outcome": "stored"}
NAME = {"name": "order_placed", "count": 1_204, "first_at": EARLIER, "last_at": LATER}


class ProfileRef(Shape):
    """A profile, by one or more identifiers. An unknown one is created, unless only `id` is
    given."""

    id: Id | None = Field(None, description="The profile's id; it must exist.")
    external_id: str | None = Field(None, description="Looked up first of the others.")
    email: str | None = Field(None, description="Looked up second, in any case.")
    anonymous_id: str | None = Field(
        None,
        description="Identifies a browser before its user signs in; beside another identifier it merges both profiles.",
    )

    def to_model(self) -> model.ProfileRef:
        """The reference for the workspace. A null identifier counts as not sent. Raises
        InvalidInput when none is left."""
        if all(name is None for name in (self.id, self.external_id, self.email, self.anonymous_id)):
            raise missing("profile", "whose it is", hint='Such as "profile": {"external_id": "user-1"}.')
        return model.ProfileRef(
            id=model.UNSET if self.id is None else str(self.id),
            external_id=model.UNSET if self.external_id is None else self.external_id,
            email=model.UNSET if self.email is None else self.email,
            anonymous_id=model.UNSET if self.anonymous_id is None else self.anonymous_id,
        )


class NewEvent(Shape):
    """An event as it is sent. Of events with the same `message_id`, only the first is stored."""

    model_config = example(NEW)

    name: str = Field(min_length=1)
    profile: ProfileRef
    at: MomentSent = Field(
        None, description="When it happened; now if left out. Events may arrive late, early, or at equal instants."
    )
    occurred_at: MomentSent = Field(None, description="Another name of `at`. Send one of the two.")
    message_id: str | None = Field(
        None, description="However often the event is sent, it counts once, for as long as it is stored."
    )
    properties: dict[str, Value | None] = Field(default_factory=dict, description="null is the same as left out.")

    def to_model(self) -> model.EventInput:
        """The input of the workspace. Raises InvalidInput when the instant is given twice."""
        if self.at is not None and self.occurred_at is not None:
            raise InvalidInput("`at` and `occurred_at` are the same; send one of them.", path=("occurred_at",))
        at = self.occurred_at if self.at is None else self.at
        return model.EventInput(
            name=self.name,
            profile=self.profile.to_model(),
            at=model.UNSET if at is None else at,
            message_id=self.message_id,
            properties={name: value for name, value in self.properties.items() if value is not None},
        )


class EventWritten(Answer):
    model_config = example(WRITTEN)

    profile_id: str
    outcome: EventOutcomeName = Field(description="`duplicate`: an event with its `message_id` is already stored.")


class EventBatchItem(Shape):
    """The outcome of one item: `profile_id` where it was accepted, `problems` where it was
    refused."""

    index: int = Field(description="Its position in the array, or among the lines that are not empty, from 0.")
    profile_id: str | None
    outcome: EventOutcomeName | Literal["refused"]
    problems: list[Problem]


class EventBatchCounts(Shape):
    stored: int
    duplicate: int
    refused: int


class EventBatchAnswer(Shape):
    """The outcome of every item, in order. Valid items are stored in one transaction; invalid ones
    do not affect them."""

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


class Event(Answer):
    model_config = example(EXAMPLE)

    name: str
    profile_id: str
    at: Moment
    message_id: str | None
    properties: dict[str, Value]


class EventPage(Answer):
    """Newest first. `next` is the cursor of the following page, null on the last."""

    model_config = example({"items": [EXAMPLE], "next": None})

    items: list[Event]
    next: str | None


class EventName(Answer):
    model_config = example(NAME)

    name: str
    count: int
    first_at: Moment | None
    last_at: Moment | None


class EventNameList(Shape):
    model_config = example({"items": [NAME]})

    items: list[EventName]


class EventProperty(Answer):
    """A property that events of this name have had, and the kinds of its values."""

    name: str
    kinds: list[KindName]
    first_seen_at: Moment


class EventNameDescribed(EventName):
    model_config = example({**NAME, "properties": [{"name": "total", "kinds": ["number"], "first_seen_at": EARLIER}]})

    properties: list[EventProperty]
