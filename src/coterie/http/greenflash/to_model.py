"""From the bodies of Greenflash's calls to the inputs of a workspace. Pure.

Segments are in `to_rule.py` and `from_rule.py`, what is shown in `objects.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, Path
from coterie.http.greenflash import shapes
from coterie.http.greenflash.grammar import (
    EVENT_FIELDS,
    RATING_FIELDS,
    event_name,
    product,
    property_name,
    sent_key,
)  # fmt: skip
from coterie.http.greenflash.properties import Naming, flat
from coterie.model import (
    UNSET,
    Conversation,
    ConversationInput,
    EventInput,
    MessageInput,
    Organization,
    Profile,
    ProfileInput,
    ProfileRef,
    Unset,
)  # fmt: skip
from coterie.rules.coerce import convert
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.operands import describe_json
from coterie.rules.values import Instant, Kind, start_of_day

_RATING_NAMES: Final = frozenset(RATING_FIELDS.values())
OF_PARTICIPANT: Final = Naming(property_name, sent_key)
OF_CONVERSATION: Final = Naming(lambda key: key, lambda name: None if name in _RATING_NAMES else name)
OF_EVENT: Final = Naming(event_name, lambda name: None if name in EVENT_FIELDS else name)

ROLES: Final = MappingProxyType(
    {
        "user_message": "user",
        "assistant_message": "assistant",
        "system_message": "system",
    }
)
"""Types of message that say no more than a role does; the others are roles of their own."""

_PERSONAL: Final = ("name", "phone")
_EXTRAS: Final = (
    "messageType", "context", "input", "output", "model", "parentMessageId", "parentExternalMessageId", "properties",
    "toolName", "voice",
)  # fmt: skip


def read_moment(raw: str | None, path: Path, zone: ZoneInfo) -> Instant | Unset:
    """An instant; a time without an offset is of the workspace's zone, a bare date its first instant there. Raises InvalidInput."""
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


# --- users ------------------------------------------------------------------------------------------------------------


def user_in(
    external_id: str, sent: shapes._UserFields, known: Profile | None, held: Iterable[str],
    organization: Organization | None | Unset = UNSET,
) -> ProfileInput:  # fmt: skip
    """What is left out stays, null removes. Of a user who is anonymized no name, email or phone is kept. Raises InvalidInput."""
    named = sent.model_fields_set
    properties = flat(sent.properties, ("properties",), OF_PARTICIPANT, held)
    properties |= {name: getattr(sent, name) for name in _PERSONAL if name in named}
    email = sent.email if "email" in named else UNSET
    if "anonymized" in named:
        properties["anonymized"] = sent.anonymized
    if properties.get("anonymized", known is not None and known.properties.get("anonymized") is True):
        email = None
        properties |= dict.fromkeys(_PERSONAL)
    properties |= organization_properties(organization)
    return ProfileInput(external_id=external_id, email=email, properties=properties)


def organization_properties(organization: Organization | None | Unset) -> dict[str, object]:
    """The properties by which a profile belongs to an organization; None takes it out of the one it is in."""
    if isinstance(organization, Unset):
        return {}
    return {
        "organization_id": organization.id if organization else None,
        "external_organization_id": organization.external_id if organization else None,
    }


# --- conversations ----------------------------------------------------------------------------------------------------


def conversation_in(sent: shapes.GreenflashMessages, known: Conversation | None, zone: ZoneInfo) -> ConversationInput:
    """Raises InvalidInput."""
    properties = flat(sent.properties, ("properties",), OF_CONVERSATION, () if known is None else known.properties)
    if sent.voiceCall is not None:
        properties |= flat({"voiceCall": sent.voiceCall}, (), OF_CONVERSATION)
    return ConversationInput(
        id=UNSET if known is None else known.id,
        external_id=sent.externalConversationId if known is None and sent.externalConversationId else UNSET,
        profile=ProfileRef(external_id=sent.externalUserId),
        product_id=UNSET if sent.productId is None else product(sent.productId),
        model=UNSET if sent.model is None else sent.model,
        properties=properties,
        messages=[
            message_in(one, ("messages", place), zone)
            for place, one in enumerate(sent.messages)
        ],
    )  # fmt: skip


def message_in(sent: shapes.GreenflashMessageItem, path: Path, zone: ZoneInfo) -> MessageInput:
    """Raises InvalidInput."""
    _refuse_both(sent, "role", "messageType", path)
    _refuse_both(sent, "parentMessageId", "parentExternalMessageId", path)
    if sent.messageType == "tool_call" and not sent.toolName:
        raise InvalidInput("`toolName` is required for a tool_call.", path=(*path, "toolName"))
    extra = {name: getattr(sent, name) for name in _EXTRAS if getattr(sent, name) is not None}
    role = sent.role or ROLES.get(sent.messageType or "user_message") or str(sent.messageType)
    at = read_moment(sent.createdAt, (*path, "createdAt"), zone)
    return MessageInput(role, sent.content, sent.externalMessageId, at, extra)


def message_type(sent: shapes.GreenflashMessageItem) -> str:
    """The type of a message, by which Greenflash speaks of it."""
    return sent.messageType or f"{sent.role or 'user'}_message"


def _refuse_both(sent: shapes.GreenflashMessageItem, one: str, other: str, path: Path) -> None:
    if getattr(sent, one) is not None and getattr(sent, other) is not None:
        raise InvalidInput(f"`{one}` and `{other}` exclude one another.", path=(*path, other), hint="Send one.")


def rating_in(sent: shapes.GreenflashRating, conversation_id: str, zone: ZoneInfo, now: Instant) -> ConversationInput:
    """Raises InvalidInput."""
    if sent.ratingMin > sent.ratingMax:
        raise InvalidInput("`ratingMin` is greater than `ratingMax`.", path=("ratingMin",))
    if not sent.ratingMin <= sent.rating <= sent.ratingMax:
        raise InvalidInput(
            f"`rating` must be from {sent.ratingMin:g} to {sent.ratingMax:g} (ratingMin, ratingMax).", path=("rating",)
        )
    rated_at = read_moment(sent.ratedAt, ("ratedAt",), zone)
    values: Mapping[str, object] = {
        "ratingMin": sent.ratingMin,
        "ratingMax": sent.ratingMax,
        "feedback": sent.feedback,
        "ratedAt": now if isinstance(rated_at, Unset) else rated_at,
    }
    return ConversationInput(
        id=conversation_id,
        analysis={"rating": sent.rating},
        properties={RATING_FIELDS[name]: value for name, value in values.items()},
    )


# --- events -----------------------------------------------------------------------------------------------------------


def event_in(sent: shapes.GreenflashEvent, profile: ProfileRef, message_id: str, zone: ZoneInfo) -> EventInput:
    """Raises InvalidInput."""
    properties = flat(sent.properties, ("properties",), OF_EVENT)
    own = {name: getattr(sent, name) for name in sorted(EVENT_FIELDS - {"value"})}
    own["productId"] = product(sent.productId)
    return EventInput(
        name=sent.eventType,
        profile=profile,
        at=read_moment(sent.eventAt, ("eventAt",), zone),
        message_id=message_id,
        properties={
            **{name: value for name, value in properties.items() if value is not None},
            **{name: value for name, value in own.items() if value is not None},
            "value": event_value(sent, zone),
        },
    )


def event_value(sent: shapes.GreenflashEvent, zone: ZoneInfo) -> str | float | bool:
    """The value as its type says: a number for `currency` and `numeric`, true or false for `boolean`, else the text. Raises InvalidInput."""
    match sent.valueType:
        case "currency" | "numeric":
            number = convert(sent.value, Kind.NUMBER, zone, ("value",))
            assert isinstance(number, float), "for that is what was asked for"
            return number
        case "boolean" if sent.value.strip().lower() in ("true", "false"):
            return sent.value.strip().lower() == "true"
        case "boolean":
            raise InvalidInput(f"`value` must be true or false, not {describe_json(sent.value)}.", path=("value",))
        case _:
            return sent.value
