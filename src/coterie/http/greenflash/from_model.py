"""What is stored, as Greenflash shows it. Pure; nulls are present."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from coterie.http.greenflash.from_rule import write_filters
from coterie.http.greenflash.grammar import ORIGIN, RATING_FIELDS, Context
from coterie.http.greenflash.properties import nested, show_value
from coterie.http.greenflash.to_model import OF_CONVERSATION, OF_PARTICIPANT
from coterie.model import Conversation, Message, Organization, Profile, Segment, SegmentKind
from coterie.rules.values import Value

Json = dict[str, object]

PRESET: Final = "preset_id"
"""The key in the origin of a system segment under which its preset's name is kept."""

_TURNS: Final = frozenset({"user", "assistant", "system", "tool_call", "observation", "final_response"})
_AS_TURN: Final = MappingProxyType(
    {
        "memory_write": "tool_call", "tool": "observation", "tool_error": "observation", "retrieval": "observation",
        "memory_read": "observation", "embedding": "observation", "callback": "observation",
    }
)  # fmt: skip
"""Roles that this dialect has no word for, as the nearest that it has; any other is `assistant`."""

# --- segments ---------------------------------------------------------------------------------------------------------


def preset_of(segment: Segment) -> str | None:
    """The name of a system segment's preset, None for any other."""
    if segment.kind is not SegmentKind.SYSTEM or segment.origin is None:
        return None
    return str(segment.origin.document.get(PRESET))


def show_membership(segment: Segment) -> Json:
    return {
        "id": segment.id,
        "name": segment.name,
        "type": "system" if segment.kind is SegmentKind.SYSTEM else "custom",
        "presetId": preset_of(segment),
    }


def show_summary(segment: Segment) -> Json:
    return {**show_membership(segment), "memberCount": segment.member_count, "isFavorited": False}


def show_segment(segment: Segment, context: Context) -> Json:
    return {
        **show_summary(segment),
        **_definition(segment, context),
        "createdBy": None,
        "createdAt": segment.created_at.iso(),
        "updatedAt": segment.updated_at.iso(),
    }


def show_created(segment: Segment, context: Context) -> Json:
    return {
        "id": segment.id,
        "name": segment.name,
        "type": "custom",
        **_definition(segment, context),
        "createdAt": segment.created_at.iso(),
        "updatedAt": segment.updated_at.iso(),
    }


def _definition(segment: Segment, context: Context) -> Json:
    sent = _sent(segment)
    return {
        "description": segment.description,
        "icon": sent.get("icon"),
        "filters": sent["filters"] if "filters" in sent else filters_of(segment, context),
    }


def _sent(segment: Segment) -> Mapping[str, object]:
    """The definition as it was sent, when that was here."""
    made_here = segment.origin is not None and segment.origin.dialect == ORIGIN
    return segment.origin.document if segment.origin is not None and made_here else {}


def filters_of(segment: Segment, context: Context) -> Json:
    """The filters of a segment made elsewhere: in this grammar where it can say them, else our own rule. A list has none."""
    if segment.rule is None:
        return {}
    said = None if segment.kind is SegmentKind.SYSTEM else write_filters(segment.rule, context)
    return said or dict(segment.document or {})


# --- users, organizations ---------------------------------------------------------------------------------------------


def show_participant(profile: Profile) -> Json:
    """A profile that has an external id."""
    own = profile.properties
    return {
        "id": profile.id,
        "externalId": profile.external_id,
        "organizationId": _text(own.get("organization_id")),
        "externalOrganizationId": _text(own.get("external_organization_id")),
        "anonymized": own.get("anonymized") is True,
        "properties": nested(own, OF_PARTICIPANT),
        "name": _text(own.get("name")),
        "email": profile.email,
        "phone": _text(own.get("phone")),
        "createdAt": profile.created_at.iso(),
        "updatedAt": profile.updated_at.iso(),
    }


def _text(value: Value | None) -> str | None:
    """A text; the field of another kind of value, which other dialects may have written, is shown as a text too."""
    return value if value is None or isinstance(value, str) else str(show_value(value))


def show_organization(organization: Organization) -> Json:
    return {
        "id": organization.id,
        "externalId": organization.external_id,
        "name": organization.name,
        "properties": dict(organization.properties),
        "createdAt": organization.created_at.iso(),
        "updatedAt": organization.updated_at.iso(),
    }


# --- conversations ----------------------------------------------------------------------------------------------------


def show_interaction(conversation: Conversation, profile: Profile) -> Json:
    own = conversation.properties
    rated = {name: own.get(stored) for name, stored in RATING_FIELDS.items()}
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
        "ratingMin": _number(rated["ratingMin"]),
        "ratingMax": _number(rated["ratingMax"]),
        "feedback": _text(rated["feedback"]),
        "properties": nested(own, OF_CONVERSATION),
        "createdAt": conversation.created_at.iso(),
        "updatedAt": conversation.updated_at.iso(),
    }


def _number(value: Value | None) -> object:
    return show_value(value) if isinstance(value, float) else None


def show_detail(conversation: Conversation, profile: Profile, messages: Iterable[Message]) -> Json:
    """An interaction with its messages, in the order in which they were said."""
    in_order = sorted(messages, key=lambda one: one.at)
    return {
        **show_interaction(conversation, profile),
        "participant": {
            "id": profile.id,
            "externalId": profile.external_id,
            "name": _text(profile.properties.get("name")),
            "email": profile.email,
        },
        "messages": [
            {"role": _turn(one.role), "content": one.content or "", "timestamp": one.at.iso()} for one in in_order
        ],
    }


def _turn(role: str) -> str:
    return role if role in _TURNS else _AS_TURN.get(role, "assistant")
