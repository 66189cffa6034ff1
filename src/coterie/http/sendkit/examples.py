"""Bodies to begin with, as the API description and the docs page show them."""

from __future__ import annotations

from typing import Final

from fastapi.openapi.models import Example

ID: Final = "550e8400-e29b-41d4-a716-446655440000"

CONTACT: Final[dict[str, Example]] = {
    "a contact": {
        "value": {
            "email": "john@example.com",
            "first_name": "John",
            "last_name": "Doe",
            "user_id": "ext_123",
            "unsubscribed": False,
            "properties": {},
        }
    },
    "email alone": {"value": {"email": "john@example.com"}},
}
CONTACT_CHANGE: Final[dict[str, Example]] = {
    "unsubscribe": {"value": {"unsubscribed": True}},
    "rename": {"value": {"first_name": "Johnny", "last_name": None}},
}
LIST_IDS: Final[dict[str, Example]] = {
    "two lists": {"value": {"list_ids": [ID, "660e8400-e29b-41d4-a716-446655440000"]}}
}
PROPERTY: Final[dict[str, Example]] = {
    "a string": {"value": {"key": "company", "type": "string", "fallback_value": "N/A"}},
    "a date": {"value": {"key": "renews_on", "type": "date"}},
}
PROPERTY_CHANGE: Final[dict[str, Example]] = {
    "a new fallback": {"value": {"fallback_value": "Unknown"}},
    "a new type": {"value": {"type": "number"}},
}
LIST: Final[dict[str, Example]] = {"a list": {"value": {"name": "Newsletter"}}}

_FILTERS: Final = {
    "groups": [
        {
            "match_type": "all",
            "conditions": [
                {
                    "field": "email",
                    "type": "reserved",
                    "operator": "contains",
                    "value": "@example.com",
                    "property_id": None,
                }
            ],
        }
    ]
}
_TWO_GROUPS: Final = {
    "groups": [
        {
            "match_type": "all",
            "conditions": [
                {"field": "unsubscribed", "type": "reserved", "operator": "equals", "value": False},
                {"field": "created_at", "type": "reserved", "operator": "in_last_days", "value": 30},
            ],
        },
        {
            "match_type": "any",
            "conditions": [
                {"field": "email", "type": "reserved", "operator": "ends_with", "value": "@example.com"},
                {"field": "user_id", "type": "reserved", "operator": "is_set"},
            ],
        },
    ]
}

SEGMENT: Final[dict[str, Example]] = {
    "SendKit's own example": {"value": {"name": "VIP Customers", "match_type": "all", "filters": _FILTERS}},
    "two groups": {"value": {"name": "New and reachable", "match_type": "all", "filters": _TWO_GROUPS}},
}
SEGMENT_CHANGE: Final[dict[str, Example]] = {
    "rename": {"value": {"name": "VIPs"}},
    "other filters": {"value": {"match_type": "any", "filters": _TWO_GROUPS}},
}
PREVIEW: Final[dict[str, Example]] = {"two groups": {"value": {"match_type": "all", "filters": _TWO_GROUPS}}}
