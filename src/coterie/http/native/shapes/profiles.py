"""Profiles: sent one by one or in batches, and answered."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from coterie.http.native.shapes.base import (  # fmt: skip
    EARLIER,
    LATER,
    OTHER_PROFILE_ID,
    PROFILE_ID,
    Id,
    Moment,
    Problem,
    Value,
    ValueSent,
)
from coterie.http.native.shapes.shape import Answer, Shape, example
from coterie.model import UNSET, ProfileInput

OutcomeName: TypeAlias = Literal["created", "claimed", "updated", "unchanged"]

NEW = {
    "external_id": "user-1",
    "email": "ada@example.com",
    "properties": {"plan": "enterprise", "mrr": 120, "seen": {"time": EARLIER}},
}
EXAMPLE = {"id": PROFILE_ID, **NEW, "lists": [], "created_at": EARLIER, "updated_at": LATER}


class NewProfile(Shape):
    """A profile as it is sent. It is found by `id`, else by `external_id`, else by `email`. Fields
    that are left out stay as they are; null removes."""

    model_config = example(NEW)

    id: Id | None = Field(None, description="To change an existing profile.")
    external_id: str | None = Field(None, description="Your own id of the person. Unique.")
    email: str | None = Field(None, description="Stored in lower case.")
    anonymous_id: str | None = Field(
        None, description="Another identifier. A profile that has only this identifier is merged into this one."
    )
    properties: dict[str, ValueSent] = Field(default_factory=dict)
    lists: list[Id] = Field(default_factory=list, description="Ids of its static segments, replacing those it had.")

    def to_model(self) -> ProfileInput:
        """The input of the workspace. Fields that were not sent are UNSET; null removes."""
        sent = self.model_fields_set
        return ProfileInput(
            id=UNSET if self.id is None else str(self.id),
            external_id=self.external_id if "external_id" in sent else UNSET,
            email=self.email if "email" in sent else UNSET,
            properties=self.properties,
            lists=[str(segment_id) for segment_id in self.lists] if "lists" in sent else UNSET,
            anonymous_id=UNSET if self.anonymous_id is None else self.anonymous_id,
        )


class ProfilesToMerge(Shape):
    model_config = example({"winner_id": PROFILE_ID, "loser_id": OTHER_PROFILE_ID})

    winner_id: Id = Field(description="The profile that stays.")
    loser_id: Id = Field(description="The profile that is merged into it.")


class ProfileMerged(Shape):
    model_config = example({"id": PROFILE_ID})

    id: str = Field(description="The merged profile.")


class Profile(Answer):
    model_config = example(EXAMPLE)

    id: str = Field(json_schema_extra={"format": "uuid"})
    external_id: str | None
    email: str | None
    properties: dict[str, Value]
    lists: list[str] = Field(description="Ids of its static segments.")
    created_at: Moment
    updated_at: Moment


class ProfilePage(Answer):
    """`next` is the cursor of the following page, null on the last. `total` counts the profiles on
    all pages."""

    model_config = example({"items": [EXAMPLE], "next": None, "total": 1})

    items: list[Profile]
    next: str | None
    total: int | None


class ProfileWritten(Answer):
    model_config = example({"id": PROFILE_ID, "outcome": "created"})

    id: str
    outcome: OutcomeName = Field(
        description="`claimed`: a profile with only an email got its external id. `unchanged`: nothing was new."
    )


class BatchItem(Shape):
    """The outcome of one item: `id` where it was stored, `problems` where it was refused."""

    index: int = Field(description="Its position in the array, or among the lines that are not empty, from 0.")
    id: str | None
    outcome: OutcomeName | Literal["refused"]
    problems: list[Problem]


class BatchCounts(Shape):
    created: int
    claimed: int
    updated: int
    unchanged: int
    refused: int


class BatchAnswer(Shape):
    """The outcome of every item, in order. Valid items are stored in one transaction; invalid ones
    do not affect them."""

    model_config = example(
        {
            "counts": {"created": 1, "claimed": 0, "updated": 0, "unchanged": 0, "refused": 1},
            "items": [
                {"index": 0, "id": PROFILE_ID, "outcome": "created", "problems": []},
                {
                    "index": 1,
                    "id": None,
                    "outcome": "refused",
                    "problems": [
                        {
                            "code": "invalid_value",
                            "detail": "A number must be finite.",
                            "path": "properties.mrr",
                            "hint": None,
                        }
                    ],
                },
            ],
        }
    )

    counts: BatchCounts
    items: list[BatchItem]
