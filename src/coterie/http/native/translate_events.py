"""Events between our own dialect's JSON and the model, both ways. Pure; see `translate.py`."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.errors import InvalidInput, missing
from coterie.exporting.cells import json_value
from coterie.http.native import schema
from coterie.http.native.translate import Json, page_of_refusals
from coterie.model import (
    UNSET,
    Event,
    EventInput,
    EventName,
    EventOutcome,
    EventProperty,
    EventWrite,
    Page,
    ProfileRef,
    Rejected,
)  # fmt: skip


def ref_in(sent: schema.ProfileRef) -> ProfileRef:
    """An identifier that is null is one that was not sent. Raises InvalidInput when none is left."""
    if all(name is None for name in (sent.id, sent.external_id, sent.email, sent.anonymous_id)):
        raise missing("profile", "whose it is", hint='Such as "profile": {"external_id": "user-1"}.')
    return ProfileRef(
        id=UNSET if sent.id is None else str(sent.id),
        external_id=UNSET if sent.external_id is None else sent.external_id,
        email=UNSET if sent.email is None else sent.email,
        anonymous_id=UNSET if sent.anonymous_id is None else sent.anonymous_id,
    )


def event_in(sent: schema.NewEvent) -> EventInput:
    """Raises InvalidInput when the instant is given twice."""
    if sent.at is not None and sent.occurred_at is not None:
        raise InvalidInput("`at` and `occurred_at` are the same; one of them is enough.", path=("occurred_at",))
    at = sent.occurred_at if sent.at is None else sent.at
    return EventInput(
        name=sent.name,
        profile=ref_in(sent.profile),
        at=UNSET if at is None else at,
        message_id=sent.message_id,
        properties={name: value for name, value in sent.properties.items() if value is not None},
    )


def event_write_out(write: EventWrite) -> Json:
    return {"profile_id": write.profile_id, "outcome": write.outcome.value}


def event_batch_out(results: Sequence[EventWrite | Rejected]) -> Json:
    return page_of_refusals(results, event_write_out, EventOutcome, {"profile_id": None})


def event_out(event: Event) -> Json:
    return {
        "name": event.name,
        "profile_id": event.profile_id,
        "at": event.at.iso(),
        "message_id": event.message_id,
        "properties": {name: json_value(value) for name, value in event.properties.items()},
    }


def event_page_out(page: Page[Event]) -> Json:
    return {"items": [event_out(event) for event in page.items], "next": page.next}


def event_name_out(known: EventName) -> Json:
    return {
        "name": known.name,
        "count": known.count,
        "first_at": None if known.first_at is None else known.first_at.iso(),
        "last_at": None if known.last_at is None else known.last_at.iso(),
    }


def event_property_out(known: EventProperty) -> Json:
    kinds = [kind.value for kind in known.kinds]
    return {"name": known.name, "kinds": kinds, "first_seen_at": known.first_seen_at.iso()}
