"""Reads the messages out of a request's body.

Errors of the whole body are raised here; errors of a single message are raised when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from coterie.errors import InvalidInput, LimitExceeded, missing, over_limit
from coterie.http.answer import encode
from coterie.http.errors import EventTooLarge
from coterie.http.tracking.lenient_json import Unreadable, unreadable_value
from coterie.http.tracking.times import instant_of
from coterie.http.tracking.to_model import RequestContext
from coterie.rules.values import Instant
from coterie.settings import Settings

Body = Mapping[str, object]

_REQUEST_KEYS = frozenset({"sentAt", "writeKey"})
"""Keys of the request that a message may carry."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was sent, and the kind of call it is."""

    kind: str
    body: Body


def body_of(document: object) -> Body:
    """Raises InvalidInput for anything but an object."""
    if not isinstance(document, dict):
        raise InvalidInput("The body must be a JSON object.")
    return document


def write_key_of(body: Body) -> str | None:
    """The key in the body, None without one."""
    key = body.get("writeKey")
    return key if isinstance(key, str) and key else None


def context_of(body: Body, received_at: Instant, settings: Settings) -> RequestContext:
    """What the messages of the request share. Raises InvalidInput."""
    context = body.get("context")
    if context is None or context == []:
        context = {}
    if not isinstance(context, dict):
        raise InvalidInput("context must be an object.", path=("context",))
    return RequestContext(received_at, settings.email_length_max, instant_of(body, "sentAt"), context)


def batch_of(body: Body, settings: Settings) -> list[object]:
    """The messages of a batch, unread. Raises InvalidInput, LimitExceeded."""
    batch = body.get("batch")
    if not isinstance(batch, list):
        raise InvalidInput("A batch call needs a list called batch.", path=("batch",))
    limit = settings.tracking_batch_max
    if len(batch) > limit:
        raise over_limit(
            "The batch", len(batch), "messages", limit, "tracking_batch_max", path=("batch",),
            hint="Send them in several requests.",
        )  # fmt: skip
    return batch


def read_message(raw: object, kind: str | None, settings: Settings) -> Message:
    """One message. `kind` is the one in the address, None where the message has its own.

    Raises InvalidInput, EventTooLarge.
    """
    if isinstance(raw, Unreadable):
        raise raw.error
    if not isinstance(raw, dict):
        raise InvalidInput("A message must be a JSON object.")
    size, limit = len(json_of(raw)), settings.tracking_event_bytes_max
    if size > limit:
        raise over_limit("The event", size, "bytes", limit, "tracking_event_bytes_max", error=EventTooLarge)
    type_ = kind or raw.get("type")
    if not isinstance(type_, str):
        raise missing("type", "what this is", hint="Such as identify or track.")
    return Message(type_, raw)


def as_sent(raw: object) -> object:
    """The message as it was sent, an unreadable one included."""
    return raw.message if isinstance(raw, Unreadable) else raw


def json_of(raw: object) -> bytes:
    """The message as JSON without spaces and without the keys of its request.

    Its length is the message's size; equal messages have equal bytes. Raises LimitExceeded where it
    is nested deeper than the encoder goes.
    """
    message = as_sent(raw)
    if isinstance(message, dict):
        message = {key: value for key, value in message.items() if key not in _REQUEST_KEYS}
    try:
        return json.dumps(message).encode() if isinstance(raw, Unreadable) else encode(message)
    except RecursionError as error:
        raise LimitExceeded("The message is nested too deep.") from error


def message_id_of(raw: object) -> str | None:
    """The `messageId` of a message, None where it has none that can be read."""
    message = as_sent(raw)
    message_id = message.get("messageId") if isinstance(message, dict) else None
    if isinstance(message_id, bool) or not isinstance(message_id, str | int) or message_id == "":
        return None
    return None if unreadable_value(message_id) is not None else str(message_id)
