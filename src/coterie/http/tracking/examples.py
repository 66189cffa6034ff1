"""Bodies to begin with, as the API description and the docs page show them."""

from __future__ import annotations

from typing import Any, Final

MESSAGE_ID: Final = "022bb90c-bbac-11e4-8dfc-aa07a5b093db"

CALLS: Final[dict[str, dict[str, Any]]] = {
    "identify": {"userId": "user-1", "traits": {"email": "ann@example.com", "plan": "pro"}, "messageId": MESSAGE_ID},
    "track": {"userId": "user-1", "event": "Order Completed", "properties": {"total": 27.5}, "messageId": MESSAGE_ID},
    "page": {"anonymousId": "507f191e810c", "name": "Pricing", "properties": {"path": "/pricing"}},
    "screen": {"userId": "user-1", "name": "Settings"},
    "group": {"userId": "user-1", "groupId": "acme", "traits": {"industry": "Technology", "employees": 420}},
    "alias": {"previousId": "507f191e810c", "userId": "user-1"},
}

BATCH: Final[dict[str, Any]] = {"batch": [{"type": kind, **CALLS[kind]} for kind in ("identify", "track")]}
