"""The words of Greenflash's segment grammar, and what each of them is among ours.

Everything else in this folder reads these tables. A new field or operator of the dialect starts here; a new type of rule gets a reader in
`conditions.py` and a line in `from_rule.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from coterie.model import CONVERSATION_FIELDS, PROFILE_FIELDS
from coterie.rules.limits import RuleLimits

ORIGIN: Final = "greenflash"
"""The name under which a segment's origin remembers that it was made here."""

SCORES: Final = MappingProxyType(
    {
        "sentiment": "sentiment",
        "frustration": "frustration",
        "struggle": "struggle",
        "commercialIntent": "commercial_intent",
        "cqi": "cqi",
        "rating": "rating",
    }
)
FLAGS: Final = MappingProxyType(
    {
        "jailbreakDetected": "jailbreak_detected",
        "hallucinationDetected": "hallucination_detected",
        "userToxicityDetected": "user_toxicity_detected",
        "modelToxicityDetected": "model_toxicity_detected",
        "userBiasDetected": "user_bias_detected",
        "modelBiasDetected": "model_bias_detected",
        "missingCapabilityDetected": "missing_capability_detected",
    }
)
"""Fields of an analysis, and what they are called in ours."""

SCORE_OPERATORS: Final = MappingProxyType(
    {"gt": "greater_than", "lt": "less_than", "eq": "equals", "gte": "at_least", "lte": "at_most"}
)
COUNT_OPERATORS: Final = MappingProxyType({"gte": "at_least", "lte": "at_most"})
PROPERTY_OPERATORS: Final = MappingProxyType(
    {"eq": "equals", "neq": "not_equals", "contains": "contains", "gt": "greater_than", "lt": "less_than"}
)
SEEN_OPERATORS: Final = ("within", "before")

KEYS_OF_TYPE: Final = MappingProxyType(
    {
        "analysis": ("type", "field", "operator", "value"),
        "analysis_flag": ("type", "field", "value"),
        "property": ("type", "key", "operator", "value"),
        "conversation_property": ("type", "key", "operator", "value"),
        "conversation_count": ("type", "operator", "value"),
        "last_seen": ("type", "operator", "value"),
    }
)
"""Every type of rule, and the keys it has, all of them required."""

PRESETS: Final = MappingProxyType({"7d": 7, "30d": 30, "90d": 90, "all": None})
"""Rolling windows, in days; `all` bounds nothing."""

FILTER_KEYS: Final = ("rules", "dateRange", "productIds")
DATE_KEYS: Final = ("preset", "from", "to")
SEEN_VALUE: Final = re.compile(r"[1-9]\d{0,9}[mhdw]", re.ASCII)
KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def product(product_id: str) -> str:
    """A product's id in the form in which it is stored: UUIDs in lower case."""
    return product_id.lower() if UUID.fullmatch(product_id) else product_id


# --- names of properties ----------------------------------------------------------------------------------------------

PARTICIPANT_FIELDS: Final = frozenset(
    {*PROFILE_FIELDS, "id", "name", "phone", "anonymized", "organization_id", "external_organization_id"}
)
"""What a participant has beside its `properties`; these are fields or properties of our profile under the same names."""

ESCAPE: Final = "properties."
"""Before the name of a property that was sent under one of those names, so that both can be there."""


def property_name(key: str) -> str:
    """What a user's property that was sent as `key` is called in the profile."""
    return ESCAPE + key if key in PARTICIPANT_FIELDS or key.startswith(ESCAPE) else key


def sent_key(name: str) -> str | None:
    """The other way. None for what is not among a participant's `properties`."""
    return None if name in PARTICIPANT_FIELDS else name.removeprefix(ESCAPE)


def conversation_name(key: str) -> str:
    """What rules call a conversation's own property (see `model.CONVERSATION_FIELDS`)."""
    return ESCAPE + key if key in CONVERSATION_FIELDS else key


def conversation_key(name: str) -> str | None:
    """The other way. None for what is a field of every conversation."""
    bare = name.removeprefix(ESCAPE)
    return bare if conversation_name(bare) == name else None


RATING_FIELDS: Final = MappingProxyType(
    {"ratingMin": "rating.min", "ratingMax": "rating.max", "feedback": "rating.feedback", "ratedAt": "rating.at"}
)
"""What comes with a rating beside its value, and the properties of the conversation that hold it."""

EVENT_FIELDS: Final = frozenset(
    {
        "value", "valueType", "influence", "qualityImpactScore", "productId", "conversationId", "externalConversationId",
        "organizationId", "externalOrganizationId",
    }
)  # fmt: skip
"""What an event has beside its `properties`; these are properties of our event under the same names."""


def event_name(key: str) -> str:
    """What an event's property that was sent as `key` is called."""
    return ESCAPE + key if key in EVENT_FIELDS or key.startswith(ESCAPE) else key


@dataclass(frozen=True, slots=True)
class Context:
    """What a translation must know of the workspace. Built afresh for each request."""

    zone: ZoneInfo
    limits: RuleLimits
    has_property: Callable[[str], bool]

    def name_of_key(self, key: str) -> str:
        """The property of the profile that a rule's `key` asks about. A participant's own field (`email`, `name`, ...) is one too, unless
        a property was sent under that name."""
        name = property_name(key)
        if key in PARTICIPANT_FIELDS and not self.has_property(name):
            return key
        return name
