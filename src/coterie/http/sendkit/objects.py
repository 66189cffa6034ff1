"""What is stored, as SendKit shows it: contacts, properties, lists and segments. Pure; key order is part of the shape."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.http.sendkit.from_rule import opaque, write_definition
from coterie.http.sendkit.grammar import TYPE_OF_KIND, Known, fold_key
from coterie.http.sendkit.values import show_instant, show_value
from coterie.model import Profile, Property, Segment
from coterie.rules.values import Value

ORIGIN = "sendkit"
"""The name under which a segment's origin remembers that it was made here."""


def show_contact(profile: Profile, lists: Sequence[Segment], known: Known) -> dict[str, object]:
    """A contact. `lists` are the static segments that the profile is in, in the order to be shown."""
    return {
        "id": profile.id,
        "email": profile.email,
        "first_name": _text_or_null(profile.properties.get("first_name"), known),
        "last_name": _text_or_null(profile.properties.get("last_name"), known),
        "user_id": profile.external_id,
        "unsubscribed": profile.properties.get("unsubscribed") is True,
        "properties": _properties(profile, known) or [],
        "lists": [show_list(one) for one in lists],
        "created_at": show_instant(profile.created_at),
        "updated_at": show_instant(profile.updated_at),
    }


def _properties(profile: Profile, known: Known) -> dict[str, str]:
    """Those that are declared and have a value. Of names that differ in case only, the oldest is shown."""
    shown: dict[str, str] = {}
    for item in known.properties:
        value = profile.properties.get(item.name)
        if value is not None:
            shown.setdefault(fold_key(item.name), show_value(value, known.zone))
    return shown


def _text_or_null(value: Value | None, known: Known) -> str | None:
    return None if value is None else show_value(value, known.zone)


def show_property(item: Property) -> dict[str, object]:
    return {
        "id": item.id,
        "key": item.name,
        "type": TYPE_OF_KIND[item.type] if item.type else None,
        "fallback_value": item.fallback,
        "created_at": show_instant(item.created_at),
        "updated_at": show_instant(item.updated_at),
    }


def show_list(segment: Segment) -> dict[str, object]:
    return {
        "id": segment.id,
        "name": segment.name,
        "created_at": show_instant(segment.created_at),
        "updated_at": show_instant(segment.updated_at),
    }


def definition_of(segment: Segment, known: Known) -> dict[str, object]:
    """`match_type` and `filters`: as they were sent when the segment was made here, else as the grammar says its rule."""
    if segment.origin is not None and segment.origin.dialect == ORIGIN:
        document = segment.origin.document
        return {"match_type": document["match_type"], "filters": document["filters"]}
    written = write_definition(segment.rule, known) if segment.rule is not None else None
    return written or opaque(segment.id)


def show_segment(segment: Segment, known: Known) -> dict[str, object]:
    definition = definition_of(segment, known)
    return {
        "id": segment.id,
        "name": segment.name,
        "match_type": definition["match_type"],
        "filters": definition["filters"],
        "created_at": show_instant(segment.created_at),
        "updated_at": show_instant(segment.updated_at),
    }
