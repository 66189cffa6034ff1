"""A request's body to its messages. What is wrong with the whole of it is raised; what is wrong with one message is for the translation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from coterie.errors import InvalidInput, LimitExceeded, missing
from coterie.http.answer import encode
from coterie.http.errors import EventTooLarge
from coterie.http.tracking.loosely import Unreadable, fault_in
from coterie.http.tracking.times import instant_of
from coterie.http.tracking.translate import Request
from coterie.rules.values import Instant
from coterie.settings import Settings

Body = Mapping[str, object]

_NOT_ITS_OWN = frozenset({"sentAt", "writeKey"})
"""What a message may carry of its request."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it came, and what kind of call it is."""

    kind: str
    message: Mapping[str, object]


def body_of(document: object) -> Body:
    """Raises InvalidInput for anything but an object."""
    if not isinstance(document, dict):
        raise InvalidInput("The body must be a JSON object.")
    return document


def write_key_of(body: Body) -> str | None:
    """The key, where it was sent in the body."""
    key = body.get("writeKey")
    return key if isinstance(key, str) and key else None


def request_of(body: Body, received_at: Instant) -> Request:
    """What the messages share. Raises InvalidInput."""
    context = body.get("context")
    if context is None or context == []:
        context = {}
    if not isinstance(context, dict):
        raise InvalidInput("context must be an object.", path=("context",))
    return Request(received_at, instant_of(body, "sentAt"), context)


def messages_of(body: Body, settings: Settings) -> list[object]:
    """The messages of a batch. Raises InvalidInput."""
    batch = body.get("batch")
    if not isinstance(batch, list):
        raise InvalidInput("A batch call needs a list called batch.", path=("batch",))
    if len(batch) > settings.tracking_batch_max:
        raise LimitExceeded(
            f"The batch has {len(batch):,} messages; one may have {settings.tracking_batch_max:,} (tracking_batch_max).",
            path=("batch",),
            hint="Send them in several requests.",
        )
    return batch


def sent_of(raw: object, kind: str | None, settings: Settings) -> Sent:
    """One message. `kind` where the address says it; else it says so itself. Raises InvalidInput, EventTooLarge."""
    if isinstance(raw, Unreadable):
        raise raw.error
    if not isinstance(raw, dict):
        raise InvalidInput("A message must be a JSON object.")
    size = len(text_of(raw))
    if size > settings.tracking_event_bytes_max:
        raise EventTooLarge(
            f"The event has {size:,} bytes; one may have {settings.tracking_event_bytes_max:,} (tracking_event_bytes_max)."
        )
    said = kind or raw.get("type")
    if not isinstance(said, str):
        raise missing("type", "what this is", hint="Such as identify or track.")
    return Sent(said, raw)


def plain(raw: object) -> object:
    """The message as it came, also where it cannot be read."""
    return raw.message if isinstance(raw, Unreadable) else raw


def text_of(raw: object) -> bytes:
    """A message as JSON without spaces, and without what belongs to the request that carried it: how large it is, and what it is the same as.

    Raises LimitExceeded where it is nested deeper than we write.
    """
    message = plain(raw)
    if isinstance(message, dict):
        message = {key: value for key, value in message.items() if key not in _NOT_ITS_OWN}
    try:
        return json.dumps(message).encode() if isinstance(raw, Unreadable) else encode(message)
    except RecursionError as error:
        raise LimitExceeded("The message is nested too deep.") from error


def message_id_of(raw: object) -> str | None:
    """The id by which a message is known, where it has one."""
    message = plain(raw)
    found = message.get("messageId") if isinstance(message, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "" or fault_in(found) is not None:
        return None
    return str(found)
