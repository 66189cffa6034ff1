"""Example bodies and answers for the API description and the docs page."""

from __future__ import annotations

from typing import Any, Final

from fastapi.openapi.models import Example

Json = dict[str, Any]

ID: Final = "0198c0de-0000-7000-8000-0000000000a1"
USER: Final = "0198c0de-0000-7000-8000-000000000001"
PRODUCT: Final = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
STAMP: Final = "2026-03-25T14:30:00.000Z"

FILTERS: Final[Json] = {
    "rules": [
        {"type": "analysis", "field": "commercialIntent", "operator": "gte", "value": 0.6},
        {"type": "property", "key": "plan", "operator": "eq", "value": "enterprise"},
    ]
}
_EVERY_TYPE: Final[Json] = {
    "rules": [
        {"type": "analysis", "field": "frustration", "operator": "gt", "value": 0.5},
        {"type": "analysis_flag", "field": "jailbreakDetected", "value": False},
        {"type": "property", "key": "plan", "operator": "neq", "value": "free"},
        {"type": "conversation_property", "key": "channel", "operator": "eq", "value": "web"},
        {"type": "conversation_count", "operator": "gte", "value": 2},
        {"type": "last_seen", "operator": "within", "value": "7d"},
    ],
    "dateRange": {"preset": "30d"},
    "productIds": [PRODUCT],
}
NAME: Final = "High-Intent Enterprise Users"
DESCRIPTION: Final = "Users with high commercial intent from the enterprise plan"


def _one(name: str, value: Json) -> dict[str, Example]:
    return {name: {"value": value}}


SEGMENT: Final[dict[str, Example]] = {
    "Greenflash's own example": {
        "value": {"name": NAME, "description": DESCRIPTION, "icon": "Users", "filters": FILTERS}
    },
    "every type of rule": {"value": {"filters": _EVERY_TYPE}},
}
_USER_FIELDS: Final[Json] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "properties": {"plan": "enterprise", "app": {"version": "1.2"}},
}
NEW_USER: Final = _one("a user", {"externalUserId": "user-1", "externalOrganizationId": "acme", **_USER_FIELDS})
USER_CHANGE: Final = _one("another plan", {"properties": {"plan": "free"}})
NEW_ORGANIZATION: Final = _one(
    "an organization", {"externalOrganizationId": "acme", "name": "Acme", "properties": {"tier": "gold"}}
)
ORGANIZATION_CHANGE: Final = _one("another name", {"name": "Acme Inc."})
MESSAGES: Final = _one(
    "a conversation",
    {
        "externalUserId": "user-1",
        "externalConversationId": "chat-1",
        "productId": PRODUCT,
        "messages": [
            {"role": "user", "content": "What does the team plan cost?", "externalMessageId": "m-1"},
            {"role": "assistant", "content": "20 a month.", "externalMessageId": "m-2"},
        ],
        "properties": {"channel": "web"},
    },
)
RATING: Final[Json] = {
    "productId": PRODUCT,
    "externalConversationId": "chat-1",
    "rating": 4,
    "ratingMin": 1,
    "ratingMax": 5,
    "feedback": "Quick.",
}
RATINGS: Final = _one("four of five", RATING)
EVENTS: Final = _one(
    "a purchase",
    {
        "eventType": "purchase",
        "productId": PRODUCT,
        "value": "99.00",
        "valueType": "currency",
        "externalUserId": "user-1",
        "insertId": "order-7",
        "influence": "positive",
        "properties": {"coupon": "SPRING"},
    },
)

# --- answers ------------------------------------------------------------------------------------

SUMMARY_EXAMPLE: Final[Json] = {
    "id": ID,
    "name": NAME,
    "type": "custom",
    "presetId": None,
    "memberCount": 12,
    "isFavorited": False,
}
_DEFINITION: Final[Json] = {"description": DESCRIPTION, "icon": "Users", "filters": FILTERS}
CREATED_EXAMPLE: Final[Json] = {
    "id": ID,
    "name": NAME,
    "type": "custom",
    **_DEFINITION,
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
SEGMENT_EXAMPLE: Final[Json] = {
    **SUMMARY_EXAMPLE,
    **_DEFINITION,
    "createdBy": None,
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
MEMBERSHIP_EXAMPLE: Final[Json] = {"id": ID, "name": NAME, "type": "custom", "presetId": None}
PARTICIPANT_EXAMPLE: Final[Json] = {
    "id": USER,
    "externalId": "user-1",
    "organizationId": ID,
    "externalOrganizationId": "acme",
    "anonymized": False,
    **_USER_FIELDS,
    "phone": None,
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
ORGANIZATION_EXAMPLE: Final[Json] = {
    "id": ID,
    "externalId": "acme",
    "name": "Acme",
    "properties": {"tier": "gold"},
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
LOGGED_EXAMPLE: Final[Json] = {
    "success": True,
    "conversationId": ID,
    "messages": [
        {
            "messageId": USER,
            "externalMessageId": "m-1",
            "messageType": "user_message",
            "status": "created",
        }
    ],
    "systemPromptPromptId": "",
    "systemPromptComponentIds": [],
}
INTERACTION_EXAMPLE: Final[Json] = {
    "id": ID,
    "externalId": "chat-1",
    "participantId": USER,
    "externalParticipantId": "user-1",
    "organizationId": ID,
    "organizationExternalId": "acme",
    "productId": PRODUCT,
    "versionId": "",
    "model": "small-1",
    "rating": 4,
    "ratingMin": 1,
    "ratingMax": 5,
    "feedback": "Quick.",
    "properties": {"channel": "web"},
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
DETAIL_EXAMPLE: Final[Json] = {
    **INTERACTION_EXAMPLE,
    "participant": {"id": USER, "externalId": "user-1", "name": "Ada Lovelace", "email": "ada@example.com"},
    "messages": [{"role": "user", "content": "What does the team plan cost?", "timestamp": STAMP}],
}
_COUNT: Final[Json] = {"total": 1, "percentage": 12.5}
ANALYTICS_EXAMPLE: Final[Json] = {
    "participantCount": 5,
    "totalConversations": 8,
    "averageUserSentiment": {"score": 0.71, "label": "positive"},
    "averageChangeInUserSentiment": {"score": 0.08, "label": "improving"},
    "averageFrustration": {"score": 0.2, "label": "low"},
    "averageStruggle": {"score": 0.31, "label": "medium"},
    "averageCommercialIntent": {"score": 0.64, "label": "high"},
    "averageConversationQualityIndex": 82.5,
    "averageConversationRating": None,
    "hallucinationCount": _COUNT,
    "jailbreakCount": _COUNT,
    "userToxicityCount": _COUNT,
    "modelToxicityCount": _COUNT,
    "userBiasCount": _COUNT,
    "modelBiasCount": _COUNT,
    "topics": [{"name": "pricing", "count": 3}],
    "topicGroups": [],
    "keywords": [{"name": "invoice", "count": 2}],
    "summary": None,
}
ERROR_EXAMPLE: Final[Json] = {
    "success": False,
    "error": "Bad Request",
    "message": "`operator` cannot be the text 'ge'. It is one of: gt, lt, eq, gte, lte.",
    "path": "filters.rules.0.operator",
}
