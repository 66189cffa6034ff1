"""Translates stored segments, users, organizations and conversations to Greenflash's JSON. Pure.

Keys without a value are present, and null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from coterie.http.greenflash.from_rule import write_filters
from coterie.http.greenflash.grammar import ORIGIN, RATING_FIELDS, Context
from coterie.http.greenflash.properties import OF_CONVERSATION, OF_PARTICIPANT, nest, to_json
from coterie.model import Conversation, Message, Organization, Profile, Segment, SegmentKind
from coterie.rules.values import Value

Json = dict[str, object]

PRESET: Final = "preset_id"
"""The key in the origin of a system segment that holds the name of its preset."""

_TURN_ROLES: Final = frozenset({"user", "assistant", "system", "tool_call", "observation", "final_response"})
_NEAREST_ROLE: Final = MappingProxyType(
    {
        "memory_write": "tool_call", "tool": "observation", "tool_error": "observation", "retrieval": "observation",
        "memory_read": "observation", "embedding": "observation", "callback": "observation",
    }
)  # fmt: skip
"""The nearest of Greenflash's roles for roles it has no word for; any other is `assistant`."""

# --- segments -----------------------------------------------------------------------------------


def preset_of(segment: Segment) -> str | None:
    """The name of a system segment's preset, None for any other segment."""
    if segment.kind is not SegmentKind.SYSTEM or segment.origin is None:
        return None
    return str(segment.origin.document.get(PRESET))


def to_membership(segment: Segment) -> Json:
    return {
        "id": segment.id,
        "name": segment.name,
        "type": "system" if segment.kind is SegmentKind.SYSTEM else "custom",
        "presetId": preset_of(segment),
    }


def to_summary(segment: Segment) -> Json:
    return {**to_membership(segment), "memberCount": segment.member_count, "isFavorited": False}


def to_segment(segment: Segment, context: Context) -> Json:
    return {
        **to_summary(segment),
        **_definition(segment, context),
        "createdBy": None,
        "createdAt": segment.created_at.iso(),
        "updatedAt": segment.updated_at.iso(),
    }


def to_created_segment(segment: Segment, context: Context) -> Json:
    return {
        "id": segment.id,
        "name": segment.name,
        "type": "custom",
        **_definition(segment, context),
        "createdAt": segment.created_at.iso(),
        "updatedAt": segment.updated_at.iso(),
    }


def _definition(segment: Segment, context: Context) -> Json:
    sent = _document(segment)
    return {
        "description": segment.description,
        "icon": sent.get("icon"),
        "filters": sent["filters"] if "filters" in sent else filters_of(segment, context),
    }


def _document(segment: Segment) -> Mapping[str, object]:
    """The definition as it was sent to this dialect; empty for a segment made elsewhere."""
    if segment.origin is None or segment.origin.dialect != ORIGIN:
        return {}
    return segment.origin.document


def filters_of(segment: Segment, context: Context) -> Json:
    """The filters of a segment made elsewhere. A static segment has none.

    They are its rule in Greenflash's grammar, or the rule itself if the grammar cannot express it.
    """
    if segment.rule is None:
        return {}
    filters = None if segment.kind is SegmentKind.SYSTEM else write_filters(segment.rule, context)
    return filters or dict(segment.document or {})


# --- users, organizations -----------------------------------------------------------------------


def to_participant(profile: Profile) -> Json:
    """`profile` has an external id."""
    properties = profile.properties
    return {
        "id": profile.id,
        "externalId": profile.external_id,
        "organizationId": _text(properties.get("organization_id")),
        "externalOrganizationId": _text(properties.get("external_organization_id")),
        "anonymized": properties.get("anonymized") is True,
        "properties": nest(properties, OF_PARTICIPANT),
        "name": _text(properties.get("name")),
        "email": profile.email,
        "phone": _text(properties.get("phone")),
        "createdAt": profile.created_at.iso(),
        "updatedAt": profile.updated_at.iso(),
    }


def _text(value: Value | None) -> str | None:
    """The value as a text, whatever kind of value another dialect stored in the field."""
    return value if value is None or isinstance(value, str) else str(to_json(value))


def to_organization(organization: Organization) -> Json:
    return {
        "id": organization.id,
        "externalId": organization.external_id,
        "name": organization.name,
        "properties": dict(organization.properties),
        "createdAt": organization.created_at.iso(),
        "updatedAt": organization.updated_at.iso(),
    }


# --- conversations ------------------------------------------------------------------------------


def to_interaction(conversation: Conversation, profile: Profile) -> Json:
    properties = conversation.properties
    rating = {field: properties.get(name) for field, name in RATING_FIELDS.items()}
    return {
        "id": conversation.id,
        "externalId": conversation.external_id,
        "participantId": conversation.profile_id,
        "externalParticipantId": profile.external_id,
        "organizationId": _text(profile.properties.get("organization_id")),
        "organizationExternalId": _text(profile.properties.get("external_organization_id")),
        "productId": conversation.product_id or "",
        "versionId": conversation.version_id or "",
        "model": conversation.model,
        "rating": _number(conversation.analysis.get("rating")),
        "ratingMin": _number(rating["ratingMin"]),
        "ratingMax": _number(rating["ratingMax"]),
        "feedback": _text(rating["feedback"]),
        "properties": nest(properties, OF_CONVERSATION),
        "createdAt": conversation.created_at.iso(),
        "updatedAt": conversation.updated_at.iso(),
    }


def _number(value: Value | None) -> object:
    return to_json(value) if isinstance(value, float) else None


def to_interaction_detail(conversation: Conversation, profile: Profile, messages: Iterable[Message]) -> Json:
    """An interaction with its messages, ordered by their instants."""
    in_order = sorted(messages, key=lambda message: message.at)
    return {
        **to_interaction(conversation, profile),
        "participant": {
            "id": profile.id,
            "externalId": profile.external_id,
            "name": _text(profile.properties.get("name")),
            "email": profile.email,
        },
        "messages": [
            {"role": _turn_role(message.role), "content": message.content or "", "timestamp": message.at.iso()}
            for message in in_order
        ],
    }


def _turn_role(role: str) -> str:
    return role if role in _TURN_ROLES else _NEAREST_ROLE.get(role, "assistant")
