"""Destinations: where transitions are delivered, and the attempts at it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from coterie.http.native.shapes.base import EARLIER, LATER, SEGMENT_ID, Id, Moment
from coterie.http.native.shapes.shape import Answer, From, Shape, example

DESTINATION_ID = "0198c0de-0000-7000-8000-0000000000d1"
WORKSPACE_ID = "0198c0de-0000-7000-8000-0000000000f1"
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # an example: thirty-two bytes counting up

ActionName: TypeAlias = Literal["enter", "exit"]
CauseName: TypeAlias = Literal["facts", "time", "definition", "profile_deleted", "merge"]

FILTERS = {"segments": [SEGMENT_ID], "actions": ["enter"], "causes": None}
NEW = {"url": "https://example.com/hooks/coterie", "description": "The CRM", **FILTERS}
EXAMPLE = {
    "id": DESTINATION_ID,
    **NEW,
    "state": "active",
    "state_reason": None,
    "delivered_sequence": 4_711,
    "waiting_count": 0,
    "created_at": EARLIER,
    "updated_at": LATER,
}


class DestinationGiven(Shape):
    """A destination as it should be. A null filter lets everything through."""

    model_config = example({**NEW, "enabled": True})

    url: str = Field(description="https or http, at a public address.")
    description: str | None = None
    segments: list[Id] | None = Field(None, description="Only transitions of these segments.")
    actions: list[ActionName] | None = Field(None, description="Only transitions with these actions.")
    causes: list[CauseName] | None = Field(None, description="Only transitions with these causes.")
    enabled: bool = Field(True, description="false: nothing is sent, and its position in the log is kept.")


class NewDestination(Shape):
    """A new destination. A null filter lets everything through."""

    model_config = example(NEW)

    url: str = Field(description="https or http, at a public address.")
    description: str | None = None
    segments: list[Id] | None = Field(None, description="Only transitions of these segments.")
    actions: list[ActionName] | None = Field(None, description="Only transitions with these actions.")
    causes: list[CauseName] | None = Field(None, description="Only transitions with these causes.")
    after: int | None = Field(
        None, ge=0, description="Start after this sequence of the log. null: with the next transition."
    )


class Destination(Answer):
    model_config = example(EXAMPLE)

    id: str = Field(json_schema_extra={"format": "uuid"})
    url: str
    description: str | None
    segments: list[str] | None
    actions: list[ActionName] | None
    causes: list[CauseName] | None
    state: Literal["active", "failing", "disabled"] = Field(
        description="`failing`: the last attempt failed and others follow. `disabled`: by hand, after a 410, or "
        "after five days of nothing but failures; a PUT enables it again."
    )
    state_reason: str | None
    delivered_sequence: int = Field(
        description="Every transition up to this sequence was delivered, abandoned or filtered out, or waits."
    )
    waiting_count: int = Field(description="Failed deliveries that wait for another attempt.")
    created_at: Moment
    updated_at: Moment


class DestinationCreated(Destination):
    """The destination, and the secret that signs its deliveries, which is returned only once."""

    model_config = example({**EXAMPLE, "secret": SECRET})

    secret: str


class DestinationList(Shape):
    """Every destination, the oldest first."""

    model_config = example({"items": [EXAMPLE]})

    items: list[Destination]


class Rotation(Shape):
    model_config = example({"overlap_for": 86_400})

    overlap_for: int = Field(
        86_400, ge=0, le=30 * 86_400, description="Seconds for which the old secret signs as well. 0: it ends now."
    )


class Rotated(Answer):
    """The new secret, which is returned only once."""

    model_config = example({"secret": SECRET, "created_at": LATER})

    secret: str
    created_at: Moment


class ReplayAsked(Shape):
    model_config = example({"from_sequence": 4_000})

    from_sequence: int = Field(ge=1, description="The first sequence that is delivered again.")


class Attempt(Answer):
    """One attempt to deliver one transition."""

    sequence: int
    message_id: str = Field(description="Its `webhook-id`, the same in every attempt.")
    at: Moment
    status: int | None = Field(description="The status of the receiver's answer; null without an answer.")
    error: str | None = Field(description="null for a success.")
    took: Annotated[float, From(lambda seconds: round(seconds, 4))] = Field(description="Seconds.")
    next_at: Moment | None = Field(
        description="When the next attempt is due; null after a success, and where the delivery was abandoned."
    )


class AttemptList(Shape):
    """The latest first: the last hundred, and those after which a delivery was abandoned."""

    model_config = example(
        {
            "items": [
                {
                    "sequence": 4_712,
                    "message_id": f"msg_{WORKSPACE_ID}_4712",
                    "at": EARLIER,
                    "status": 500,
                    "error": "The receiver answered 500.",
                    "took": 0.12,
                    "next_at": LATER,
                }
            ]
        }
    )

    items: list[Attempt]
