"""Contacts, properties, lists and segments as SendKit's JSON, keys in its order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from zoneinfo import ZoneInfo

from coterie.http.sendkit.from_rule import opaque, write_definition
from coterie.http.sendkit.grammar import ORIGIN, TYPE_OF_KIND, Context, fold_key
from coterie.model import Preview, Profile, Property, Segment
from coterie.rules.coerce import convert
from coterie.rules.values import Instant, Kind, Value, local_date


def contact_to_sendkit(profile: Profile, lists: Sequence[Segment], context: Context) -> dict[str, object]:
    """A contact. `lists` are the profile's static segments, in the order of the answer."""
    return {
        "id": profile.id,
        "email": profile.email,
        "first_name": _text_or_null(profile.properties.get("first_name"), context),
        "last_name": _text_or_null(profile.properties.get("last_name"), context),
        "user_id": profile.external_id,
        "unsubscribed": profile.properties.get("unsubscribed") is True,
        "properties": _properties(profile, context) or [],
        "lists": [list_to_sendkit(item) for item in lists],
        "created_at": instant_to_sendkit(profile.created_at),
        "updated_at": instant_to_sendkit(profile.updated_at),
    }


def _properties(profile: Profile, context: Context) -> dict[str, str]:
    """The visible properties with a value. Where names differ only in case, the oldest wins."""
    properties: dict[str, str] = {}
    for item in context.properties:
        value = profile.properties.get(item.name)
        if value is not None:
            properties.setdefault(fold_key(item.name), value_to_sendkit(value, context.zone))
    return properties


def _text_or_null(value: Value | None, context: Context) -> str | None:
    return None if value is None else value_to_sendkit(value, context.zone)


def property_to_sendkit(item: Property) -> dict[str, object]:
    return {
        "id": item.id,
        "key": item.name,
        "type": TYPE_OF_KIND[item.type] if item.type else None,
        "fallback_value": item.fallback,
        "created_at": instant_to_sendkit(item.created_at),
        "updated_at": instant_to_sendkit(item.updated_at),
    }


def list_to_sendkit(segment: Segment) -> dict[str, object]:
    return {
        "id": segment.id,
        "name": segment.name,
        "created_at": instant_to_sendkit(segment.created_at),
        "updated_at": instant_to_sendkit(segment.updated_at),
    }


def definition_of(segment: Segment, context: Context) -> dict[str, object]:
    """`match_type` and `filters`.

    As they were sent, when the segment was made here; otherwise its rule in SendKit's grammar.
    """
    if segment.origin is not None and segment.origin.dialect == ORIGIN:
        document = segment.origin.document
        return {"match_type": document["match_type"], "filters": document["filters"]}
    written = write_definition(segment.rule, context) if segment.rule is not None else None
    return written or opaque(segment.id)


def preview_to_sendkit(preview: Preview) -> dict[str, object]:
    """The counts of a `Definition.contacts_rule`: in all, and for each condition by its path."""
    _, filters = preview.tree.children
    return {
        "count": preview.count,
        "conditions": [
            {"path": f"filters.groups.{place}.conditions.{index}", "count": condition.count}
            for place, group in enumerate(filters.children)
            for index, condition in enumerate(group.children)
        ],
    }


def segment_to_sendkit(segment: Segment, context: Context) -> dict[str, object]:
    definition = definition_of(segment, context)
    return {
        "id": segment.id,
        "name": segment.name,
        "match_type": definition["match_type"],
        "filters": definition["filters"],
        "created_at": instant_to_sendkit(segment.created_at),
        "updated_at": instant_to_sendkit(segment.updated_at),
    }


# --- values ---------------------------------------------------------------------------------------


def value_to_sendkit(value: Value, zone: ZoneInfo) -> str:
    """The value of a property as a string, whatever its type: `42`, `2026-03-01`."""
    if isinstance(value, Instant):
        return local_date(value, zone).isoformat()
    if isinstance(value, tuple):
        return ", ".join(value)
    return cast(str, convert(value, Kind.TEXT, zone, ()))


def instant_to_sendkit(at: Instant) -> str:
    """`2026-03-03 10:00:00`, in UTC and whole seconds."""
    return at.moment().replace(tzinfo=None, microsecond=0).isoformat(sep=" ")
