"""Profiles: sent one by one or in batches, and shown."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from coterie.http.native.schema.base import (  # fmt: skip
    EARLIER,
    LATER,
    OTHER_PROFILE_ID,
    PROFILE_ID,
    Id,
    Moment,
    Problem,
    Shape,
    Value,
    ValueSent,
    example,
)

OutcomeName: TypeAlias = Literal["created", "claimed", "updated", "unchanged"]

NEW = {
    "external_id": "user-1",
    "email": "ada@example.com",
    "properties": {"plan": "enterprise", "mrr": 120, "seen": {"time": EARLIER}},
}
SHOWN = {"id": PROFILE_ID, **NEW, "lists": [], "created_at": EARLIER, "updated_at": LATER}


class NewProfile(Shape):
    """A profile as it is sent. What is not named stays as it is; null removes. Found by `id`, else `external_id`, else `email`."""

    model_config = example(NEW)

    id: Id | None = Field(None, description="Only to change a profile that exists.")
    external_id: str | None = Field(None, description="Your own id of the person. Unique.")
    email: str | None = Field(None, description="Kept in lower case.")
    anonymous_id: str | None = Field(
        None, description="One more name of it; a profile known by that name alone is merged into this one."
    )
    properties: dict[str, ValueSent] = Field(default_factory=dict)
    lists: list[Id] = Field(
        default_factory=list, description="Ids of the static segments it is in, replacing those it was in."
    )


class ProfilesToMerge(Shape):
    model_config = example({"winner_id": PROFILE_ID, "loser_id": OTHER_PROFILE_ID})

    winner_id: Id = Field(description="The profile that stays.")
    loser_id: Id = Field(description="The profile that becomes part of it.")


class ProfileMerged(Shape):
    model_config = example({"id": PROFILE_ID})

    id: str = Field(description="The profile that the two now are.")


class Profile(Shape):
    model_config = example(SHOWN)

    id: str = Field(json_schema_extra={"format": "uuid"})
    external_id: str | None
    email: str | None
    properties: dict[str, Value]
    lists: list[str] = Field(description="Ids of the static segments it is in.")
    created_at: Moment
    updated_at: Moment


class ProfilePage(Shape):
    """`next` is the cursor of the following page, null on the last. `total` is the number on all pages."""

    model_config = example({"items": [SHOWN], "next": None, "total": 1})

    items: list[Profile]
    next: str | None
    total: int | None


class ProfileWritten(Shape):
    model_config = example({"id": PROFILE_ID, "outcome": "created"})

    id: str
    outcome: OutcomeName = Field(
        description="`claimed`: a profile known by email only now has an external id. `unchanged`: nothing was new."
    )


class BatchItem(Shape):
    """One item's fate: `id` and `outcome` when it was stored, `problems` when it was refused."""

    index: int = Field(description="Its place in the array, or among the lines that are not empty, from 0.")
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
    """Every item's outcome, in order. The good ones are stored, in one transaction, whatever became of the others."""

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
