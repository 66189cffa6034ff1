"""The shapes of the dialect as the API description shows them. Calls are read by `translate.py`; names begin with Tracking because all dialects
share one description."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from coterie.http.bodies import JSON
from coterie.http.error_responses import ErrorTable


class TrackingDropped(BaseModel):
    """A message of a batch that was not stored. Sending it again as it is would end the same."""

    index: int = Field(description="Its place in the batch, from 0.", examples=[3])
    code: str = Field(examples=["event_too_large"])
    message: str = Field(examples=["A call needs a userId or an anonymousId. (at userId)"])
    messageId: str | None = Field(default=None, description="Where it has one.")  # noqa: N815 - as it is on the wire


class TrackingAccepted(BaseModel):
    """It is on disk, and every segment reflects it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"success": True}]})

    success: Literal[True]
    dropped: list[TrackingDropped] | None = Field(default=None, description="There only where something was dropped.")


class TrackingRefused(BaseModel):
    """Nothing of the request was stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"success": False, "code": "key_refused", "message": "This key is not known, or was revoked."}]
        }
    )

    success: Literal[False]
    code: str
    message: str


_MEANING: Final[dict[int | str, str]] = {
    400: "The body is no JSON object, is larger than 500 KB, or holds a single call that cannot be read.",
    401: "No key, or one that is not known.",
    403: "The key may not write.",
    408: "The body did not arrive in time.",
    429: "Too many calls wait already. `Retry-After` says when to come again.",
    500: "We failed; nothing is known to be wrong with the request.",
}

ERRORS: Final = ErrorTable(
    shape={"model": TrackingRefused},
    meanings=_MEANING,
    details={
        401: {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}},
        429: {"headers": {"Retry-After": {"schema": {"type": "integer"}, "required": True}}},
    },
)

DESCRIPTIONS: Final = MappingProxyType(
    {
        "identify": "Traits become properties of the profile; `email` is its email. Null removes.",
        "track": "An event of the name `event`. Objects and lists inside `properties` are flattened.",
        "page": "An event called `page`.",
        "screen": "An event called `screen`.",
        "group": "Puts `group_id` and `group.<trait>` on the profile, and adds an event called `group`.",
        "alias": "The profile known as `previousId` is merged into that of `userId`; both ids mean it from now on.",
        "batch": "In their order and in one commit. A message that is too large or cannot be read is dropped alone and named in the answer.",
        "import": "For clients that send their batches there.",
    }
)

_ID: Final = {"type": ["string", "number", "null"]}
_OBJECT: Final = {"type": ["object", "null"]}
_TIME: Final = {"type": ["string", "null"], "description": "ISO 8601; without an offset it is UTC."}

_COMMON: Final[dict[str, Any]] = {
    "userId": {
        **_ID,
        "description": "Your own id of the person: our `external_id`. This or `anonymousId` must be there.",
    },
    "anonymousId": {**_ID, "description": "What a device calls a person who has not said who they are."},
    "messageId": {**_ID, "description": "By which the call is known when it comes again."},
    "timestamp": {**_TIME, "description": "When it happened; now, where it is not said."},
    "sentAt": {**_TIME, "description": "The sender's clock at the request, by which that is put right."},
    "context": {**_OBJECT, "description": "Kept with events, as `context.page.path` and so on."},
    "writeKey": {"type": "string", "description": "The key, where it is not in the Authorization header."},
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

_MESSAGE_ID: Final = "022bb90c-bbac-11e4-8dfc-aa07a5b093db"

_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "identify": {"userId": "user-1", "traits": {"email": "ann@example.com", "plan": "pro"}, "messageId": _MESSAGE_ID},
    "track": {"userId": "user-1", "event": "Order Completed", "properties": {"total": 27.5}, "messageId": _MESSAGE_ID},
    "page": {"anonymousId": "507f191e810c", "name": "Pricing", "properties": {"path": "/pricing"}},
    "screen": {"userId": "user-1", "name": "Settings"},
    "group": {"userId": "user-1", "groupId": "acme", "traits": {"industry": "Technology", "employees": 420}},
    "alias": {"previousId": "507f191e810c", "userId": "user-1"},
}


def body_of(name: str) -> dict[str, Any]:
    """The part of an operation that describes its body."""
    if name in _OWN:
        shape = {"type": "object", "properties": {**_COMMON, **_OWN[name]}}
        if name in _REQUIRED:
            shape["required"] = _REQUIRED[name]
        example: dict[str, Any] = _EXAMPLES[name]
    else:
        shape = _BATCH
        example = {"batch": [{"type": kind, **_EXAMPLES[kind]} for kind in ("identify", "track")]}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": shape, "example": example}}}}


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
