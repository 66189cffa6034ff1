"""The words of Greenflash's segment grammar, and what each one is called in the model.

Everything else in this folder reads these tables. A new field or operator of the dialect starts
here; a new type of rule gets a reader in `conditions.py` and a line in `from_rule.py`.
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
from coterie.rules.names import canonical_uuid

ORIGIN: Final = "greenflash"
"""The dialect in the origin of a segment made here."""

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
"""Fields of an analysis, and their names in the model."""

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
"""The keys of every type of rule. All are required."""

PRESETS: Final = MappingProxyType({"7d": 7, "30d": 30, "90d": 90, "all": None})
"""Rolling windows, in days; `all` is unbounded."""

FILTER_KEYS: Final = ("rules", "dateRange", "productIds")
DATE_KEYS: Final = ("preset", "from", "to")
SEEN_VALUE: Final = re.compile(r"[1-9]\d{0,9}[mhdw]", re.ASCII)
KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")


def product(product_id: str) -> str:
    """A product's id as it is stored: a UUID in lower case."""
    return canonical_uuid(product_id) or product_id


# --- names of properties ------------------------------------------------------------------------

PARTICIPANT_FIELDS: Final = frozenset(
    {*PROFILE_FIELDS, "id", "name", "phone", "anonymized", "organization_id", "external_organization_id"}
)
"""What a participant has beside its `properties`: fields or properties of the profile with the same
names."""

ESCAPE: Final = "properties."
"""Begins the stored name of a property that was sent under one of those names."""


def property_name(key: str) -> str:
    """The profile's name for a user's property that was sent as `key`."""
    return ESCAPE + key if key in PARTICIPANT_FIELDS or key.startswith(ESCAPE) else key


def sent_key(name: str) -> str | None:
    """The key of a profile's property, None for one outside a participant's `properties`."""
    return None if name in PARTICIPANT_FIELDS else name.removeprefix(ESCAPE)


def conversation_name(key: str) -> str:
    """The name of a conversation's own property in rules. See `model.CONVERSATION_FIELDS`."""
    return ESCAPE + key if key in CONVERSATION_FIELDS else key


def conversation_key(name: str) -> str | None:
    """The key of a conversation's property, None for a field of every conversation."""
    bare = name.removeprefix(ESCAPE)
    return bare if conversation_name(bare) == name else None


RATING_FIELDS: Final = MappingProxyType(
    {"ratingMin": "rating.min", "ratingMax": "rating.max", "feedback": "rating.feedback", "ratedAt": "rating.at"}
)
"""The fields of a rating besides its value, and the conversation's properties that hold them."""

EVENT_FIELDS: Final = frozenset(
    {
        "value", "valueType", "influence", "qualityImpactScore", "productId", "conversationId",
        "externalConversationId", "organizationId", "externalOrganizationId",
    }
)  # fmt: skip
"""What an event has beside its `properties`: properties of the stored event with the same names."""


def event_name(key: str) -> str:
    """The stored name of an event's property that was sent as `key`."""
    return ESCAPE + key if key in EVENT_FIELDS or key.startswith(ESCAPE) else key


@dataclass(frozen=True, slots=True)
class Context:
    """What a translation needs of the workspace. Made for each request."""

    zone: ZoneInfo
    limits: RuleLimits
    has_property: Callable[[str], bool]

    def name_of_key(self, key: str) -> str:
        """The property of the profile that a rule's `key` names.

        A participant's own field (`email`, `name`, ...) counts as a property too, unless one was
        sent under that name.
        """
        name = property_name(key)
        if key in PARTICIPANT_FIELDS and not self.has_property(name):
            return key
        return name
