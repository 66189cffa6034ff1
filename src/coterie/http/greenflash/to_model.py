"""Translates the bodies of users, conversations, ratings and events to inputs of a workspace. Pure.

Segments are in `to_rule.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, Path
from coterie.http.greenflash import shapes
from coterie.http.greenflash.grammar import EVENT_FIELDS, RATING_FIELDS, product
from coterie.http.greenflash.properties import OF_CONVERSATION, OF_EVENT, OF_PARTICIPANT, flatten
from coterie.model import (
    UNSET,
    Conversation,
    ConversationInput,
    EventInput,
    MessageInput,
    Profile,
    ProfileInput,
    ProfileRef,
    Unset,
)  # fmt: skip
from coterie.rules.coerce import convert
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.operands import describe_json
from coterie.rules.values import Instant, Kind, start_of_day

ROLES: Final = MappingProxyType(
    {
        "user_message": "user",
        "assistant_message": "assistant",
        "system_message": "system",
    }
)
"""Types of message that mean the same as a role; the others are roles of their own."""

_PERSONAL_FIELDS: Final = ("name", "phone")
_EXTRA_FIELDS: Final = (
    "messageType", "context", "input", "output", "model", "parentMessageId", "parentExternalMessageId", "properties",
    "toolName", "voice",
)  # fmt: skip


def read_moment(raw: str | None, path: Path, zone: ZoneInfo) -> Instant | Unset:
    """An instant from ISO 8601, in `zone` unless it has an offset. A date is its first instant.

    Raises InvalidInput.
    """
    if raw is None:
        return UNSET
    day = parse_date(raw)
    if day is not None:
        return start_of_day(day, zone)
    clock = parse_clock(raw)
    at = to_instant(clock, zone) if clock is not None else None
    if at is None:
        raise InvalidInput(
            f"`{path[-1]}` must be an instant in ISO 8601, not {describe_json(raw)}.",
            path=path,
            hint="Such as 2026-03-25T14:30:00.000Z.",
        )
    return at


# --- users --------------------------------------------------------------------------------------


def to_profile_input(
    external_id: str, body: shapes.UserFields, user: Profile | None, stored_names: Iterable[str]
) -> ProfileInput:
    """The profile of a user. Absent fields stay, null removes. Raises InvalidInput.

    `user` is the stored one, and `stored_names` the properties that it may have. An anonymized user
    keeps no name, email or phone.
    """
    sent = body.model_fields_set
    properties = flatten(body.properties, ("properties",), OF_PARTICIPANT, stored_names)
    properties |= {name: getattr(body, name) for name in _PERSONAL_FIELDS if name in sent}
    email = body.email if "email" in sent else UNSET
    if "anonymized" in sent:
        properties["anonymized"] = body.anonymized
    if properties.get("anonymized", user is not None and user.properties.get("anonymized") is True):
        email = None
        properties |= dict.fromkeys(_PERSONAL_FIELDS)
    return ProfileInput(external_id=external_id, email=email, properties=properties)


# --- conversations ------------------------------------------------------------------------------


def to_conversation_input(
    body: shapes.GreenflashMessages, continued: Conversation | None, zone: ZoneInfo
) -> ConversationInput:
    """The messages as a new conversation, or as a change of the one they continue.

    Raises InvalidInput.
    """
    stored_names = () if continued is None else continued.properties
    properties = flatten(body.properties, ("properties",), OF_CONVERSATION, stored_names)
    if body.voiceCall is not None:
        properties |= flatten({"voiceCall": body.voiceCall}, (), OF_CONVERSATION)
    return ConversationInput(
        id=UNSET if continued is None else continued.id,
        external_id=body.externalConversationId if continued is None and body.externalConversationId else UNSET,
        profile=ProfileRef(external_id=body.externalUserId),
        product_id=UNSET if body.productId is None else product(body.productId),
        model=UNSET if body.model is None else body.model,
        properties=properties,
        messages=[
            to_message_input(message, ("messages", place), zone)
            for place, message in enumerate(body.messages)
        ],
    )  # fmt: skip


def to_message_input(message: shapes.GreenflashMessageItem, path: Path, zone: ZoneInfo) -> MessageInput:
    """Raises InvalidInput."""
    _refuse_both(message, "role", "messageType", path)
    _refuse_both(message, "parentMessageId", "parentExternalMessageId", path)
    if message.messageType == "tool_call" and not message.toolName:
        raise InvalidInput("`toolName` is required for a tool_call.", path=(*path, "toolName"))
    extra = {name: getattr(message, name) for name in _EXTRA_FIELDS if getattr(message, name) is not None}
    role = message.role or ROLES.get(message.messageType or "user_message") or str(message.messageType)
    at = read_moment(message.createdAt, (*path, "createdAt"), zone)
    return MessageInput(role, message.content, message.externalMessageId, at, extra)


def message_type(message: shapes.GreenflashMessageItem) -> str:
    """The type by which Greenflash's answers name a message."""
    return message.messageType or f"{message.role or 'user'}_message"


def _refuse_both(message: shapes.GreenflashMessageItem, first: str, second: str, path: Path) -> None:
    if getattr(message, first) is not None and getattr(message, second) is not None:
        raise InvalidInput(
            f"`{first}` and `{second}` exclude one another.", path=(*path, second), hint="Send one of them."
        )


def to_rating_input(
    body: shapes.GreenflashRating, conversation_id: str, zone: ZoneInfo, now: Instant
) -> ConversationInput:
    """The rating as a change of its conversation. Raises InvalidInput."""
    if body.ratingMin > body.ratingMax:
        raise InvalidInput("`ratingMin` is greater than `ratingMax`.", path=("ratingMin",))
    if not body.ratingMin <= body.rating <= body.ratingMax:
        raise InvalidInput(
            f"`rating` must be from {body.ratingMin:g} to {body.ratingMax:g} (ratingMin, ratingMax).", path=("rating",)
        )
    rated_at = read_moment(body.ratedAt, ("ratedAt",), zone)
    values: Mapping[str, object] = {
        "ratingMin": body.ratingMin,
        "ratingMax": body.ratingMax,
        "feedback": body.feedback,
        "ratedAt": now if isinstance(rated_at, Unset) else rated_at,
    }
    return ConversationInput(
        id=conversation_id,
        analysis={"rating": body.rating},
        properties={RATING_FIELDS[name]: value for name, value in values.items()},
    )


# --- events -------------------------------------------------------------------------------------


def to_event_input(body: shapes.GreenflashEvent, profile: ProfileRef, message_id: str, zone: ZoneInfo) -> EventInput:
    """The event of `profile`. Raises InvalidInput."""
    properties = flatten(body.properties, ("properties",), OF_EVENT)
    fields = {name: getattr(body, name) for name in sorted(EVENT_FIELDS - {"value"})}
    fields["productId"] = product(body.productId)
    return EventInput(
        name=body.eventType,
        profile=profile,
        at=read_moment(body.eventAt, ("eventAt",), zone),
        message_id=message_id,
        properties={
            **{name: value for name, value in properties.items() if value is not None},
            **{name: value for name, value in fields.items() if value is not None},
            "value": event_value(body, zone),
        },
    )


def event_value(body: shapes.GreenflashEvent, zone: ZoneInfo) -> str | float | bool:
    """The event's value: a number for `currency` and `numeric`, a boolean for `boolean`, else text.

    Raises InvalidInput.
    """
    match body.valueType:
        case "currency" | "numeric":
            number = convert(body.value, Kind.NUMBER, zone, ("value",))
            assert isinstance(number, float), "convert gives the kind it is asked for"
            return number
        case "boolean" if body.value.strip().lower() in ("true", "false"):
            return body.value.strip().lower() == "true"
        case "boolean":
            raise InvalidInput(f"`value` must be true or false, not {describe_json(body.value)}.", path=("value",))
        case _:
            return body.value
