"""The bodies and answers of the dialect, as the API description shows them.

`to_model.py` reads the calls. Names begin with Tracking because all dialects share one description.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from coterie.http.bodies import JSON
from coterie.http.error_responses import ErrorTable
from coterie.http.tracking import examples


class TrackingDropped(BaseModel):
    """A message of a batch that was not stored. Sending it again unchanged ends the same way."""

    index: int = Field(description="Its place in the batch, from 0.", examples=[3])
    code: str = Field(examples=["event_too_large"])
    message: str = Field(examples=["A call needs a userId or an anonymousId. (at userId)"])
    messageId: str | None = Field(default=None, description="If it has one.")  # noqa: N815 - as it is on the wire


class TrackingAccepted(BaseModel):
    """The messages are on disk, and every segment reflects them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"success": True}]})

    success: Literal[True]
    dropped: list[TrackingDropped] | None = Field(default=None, description="Present only if messages were dropped.")


class TrackingRefused(BaseModel):
    """Nothing of the request was stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"success": False, "code": "key_refused", "message": "This key is unknown or was revoked."}]
        }
    )

    success: Literal[False]
    code: str
    message: str


ERRORS: Final = ErrorTable(
    shape={"model": TrackingRefused},
    meanings={
        400: "The body is not a JSON object, is larger than 500 KB, or holds a single call that cannot be read.",
        401: "The key is missing or unknown.",
        403: "The key does not allow writing.",
        408: "The body did not arrive in time.",
        429: "Too many calls are waiting. `Retry-After` says when to try again.",
        500: "The server failed. The request may be correct.",
    },
    details={
        401: {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}},
        429: {"headers": {"Retry-After": {"schema": {"type": "integer"}, "required": True}}},
    },
)

SUMMARIES: Final = MappingProxyType(
    {
        "identify": "Identify a person and set their traits",
        "track": "Track an event",
        "page": "Track a page view",
        "screen": "Track a screen view of an app",
        "group": "Put a person into a group",
        "alias": "Merge two ids of one person",
        "batch": "Send many calls of any kind",
        "import": "Send many calls, by the older name of batch",
    }
)

DESCRIPTIONS: Final = MappingProxyType(
    {
        "identify": "Traits become properties of the profile; `email` becomes its email. Null removes.",
        "track": "Stores an event named `event`. Objects and lists inside `properties` are flattened.",
        "page": "Stores an event called `page`.",
        "screen": "Stores an event called `screen`.",
        "group": "Sets `group_id` and `group.<trait>` on the profile, and stores an event called `group`.",
        "alias": "Merges the profile with the id `previousId` into the one with `userId`. Both ids then lead to it.",
        "batch": "Stores the messages in order and in one commit. A message that is too large or cannot be read is "
        "dropped alone and named in the answer.",
        "import": "For clients that send their batches here.",
    }
)

_ID: Final = {"type": ["string", "number", "null"]}
_OBJECT: Final = {"type": ["object", "null"]}
_TIME: Final = {"type": ["string", "null"], "description": "ISO 8601, UTC unless it has an offset."}

_COMMON: Final[dict[str, Any]] = {
    "userId": {
        **_ID,
        "description": "Your own id of the person: Coterie's `external_id`. This or `anonymousId` is required.",
    },
    "anonymousId": {**_ID, "description": "A device's id for a person who has not signed in."},
    "messageId": {**_ID, "description": "Identifies the call when it is sent again."},
    "timestamp": {**_TIME, "description": "When it happened; now if absent."},
    "sentAt": {**_TIME, "description": "The sender's clock at the request, by which `timestamp` is corrected."},
    "context": {**_OBJECT, "description": "Stored with events, as `context.page.path` and so on."},
    "writeKey": {"type": "string", "description": "The key, if it is not in the Authorization header."},
}

_OWN: Final[dict[str, dict[str, Any]]] = {
    "identify": {"traits": _OBJECT},
    "track": {"event": {"type": "string", "minLength": 1}, "properties": _OBJECT},
    "page": {"name": {"type": ["string", "null"]}, "category": {"type": ["string", "null"]}, "properties": _OBJECT},
    "screen": {"name": {"type": ["string", "null"]}, "category": {"type": ["string", "null"]}, "properties": _OBJECT},
    "group": {"groupId": _ID, "traits": _OBJECT},
    "alias": {"previousId": _ID},
}

_REQUIRED: Final = {"track": ["event"], "group": ["groupId"], "alias": ["previousId", "userId"]}

_BATCH: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {
            "type": "array",
            "maxItems": 2_500,
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"enum": list(_OWN)},
                    **{key: shape for key, shape in _COMMON.items() if key != "writeKey"},
                    **{key: shape for own in _OWN.values() for key, shape in own.items()},
                },
            },
        },
        **{key: _COMMON[key] for key in ("context", "sentAt", "writeKey")},
    },
}


def request_body(call: str) -> dict[str, Any]:
    """The part of an operation that describes its body."""
    if call not in _OWN:
        shape, example = _BATCH, examples.BATCH
    else:
        shape = {"type": "object", "properties": {**_COMMON, **_OWN[call]}}
        if call in _REQUIRED:
            shape["required"] = _REQUIRED[call]
        example = examples.CALLS[call]
    return {"requestBody": {"required": True, "content": {JSON: {"schema": shape, "example": example}}}}
