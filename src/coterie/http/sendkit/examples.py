"""Examples of bodies and answers for the API description and the docs page."""

from __future__ import annotations

from typing import Any, Final

from fastapi.openapi.models import Example

ID: Final = "550e8400-e29b-41d4-a716-446655440000"
STAMP: Final = "2026-03-03 10:00:00"

Json = dict[str, Any]

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
    "a new key and fallback": {"value": {"key": "organization", "fallback_value": "Unknown"}},
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

# --- answers --------------------------------------------------------------------------------------

LIST_ANSWER: Final[Json] = {"id": ID, "name": "Newsletter", "created_at": STAMP, "updated_at": STAMP}
CONTACT_ANSWER: Final[Json] = {
    "id": ID,
    "email": "john@example.com",
    "first_name": "John",
    "last_name": "Doe",
    "user_id": "ext_123",
    "unsubscribed": False,
    "properties": {"COMPANY": "Acme", "PLAN": "pro"},
    "lists": [LIST_ANSWER],
    "created_at": STAMP,
    "updated_at": STAMP,
}
PROPERTY_ANSWER: Final[Json] = {
    "id": ID,
    "key": "company",
    "type": "string",
    "fallback_value": "N/A",
    "created_at": STAMP,
    "updated_at": STAMP,
}
SEGMENT_ANSWER: Final[Json] = {
    "id": ID,
    "name": "VIP Customers",
    "match_type": "all",
    "filters": _FILTERS,
    "created_at": STAMP,
    "updated_at": STAMP,
}
PREVIEW_ANSWER: Final[Json] = {"count": 12, "conditions": [{"path": "filters.groups.0.conditions.0", "count": 12}]}
ERROR_ANSWER: Final[Json] = {
    "name": "validation_error",
    "message": "The email field is required.",
    "statusCode": 422,
    "errors": {"email": ["The email field is required."]},
}


def page_of(path: str, item: Json) -> Json:
    """The only page of a list with one item."""
    base = f"http://127.0.0.1:8080/sendkit/{path}"
    return {
        "data": [item],
        "links": {"first": f"{base}?page=1", "last": f"{base}?page=1", "prev": None, "next": None},
        "meta": {"current_page": 1, "from": 1, "last_page": 1, "per_page": 25, "to": 1, "total": 1, "path": base},
    }
