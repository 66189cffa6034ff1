"""The words of SendKit's segment grammar: fields, their types, and the operators of each type.

Everything else in this folder reads these tables. A new operator or reserved field starts here;
then `conditions.py` and `from_rule.py` each get a line.

Reserved fields belong to every contact. Custom fields are declared properties; an undeclared
property has no SendKit type and is not visible in this dialect. Three reserved fields are ordinary
properties of the profile: `first_name`, `last_name` and `unsubscribed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self
from zoneinfo import ZoneInfo

from coterie.model import PROFILE_FIELDS, Property, Segment, SegmentKind
from coterie.rules.iso import DURATION_MAX
from coterie.rules.values import DAY, Kind

ORIGIN: Final = "sendkit"
"""The dialect in the origin of segments that were made here."""
CONDITION_TYPES: Final = ("reserved", "property", "custom")
"""`custom` means `property` and is stored as `property`."""
GROUPS_MAX: Final = 50
CONDITIONS_MAX: Final = 100
DAYS_MAX: Final = DURATION_MAX // DAY


class FieldType(StrEnum):
    """What a field holds. It decides which operators and values suit."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"  # membership of a list; the value is its id
    SEGMENT = "segment"  # membership of another segment; the value is its id


@dataclass(frozen=True, slots=True)
class Field:
    """What a condition compares. `name` is the name of our property, empty for membership."""

    name: str
    type: FieldType


RESERVED: Final = MappingProxyType(
    {
        "email": Field("email", FieldType.TEXT),
        "first_name": Field("first_name", FieldType.TEXT),
        "last_name": Field("last_name", FieldType.TEXT),
        "user_id": Field("external_id", FieldType.TEXT),
        "unsubscribed": Field("unsubscribed", FieldType.BOOLEAN),
        "created_at": Field("created_at", FieldType.DATE),
        "updated_at": Field("updated_at", FieldType.DATE),
        "list": Field("", FieldType.LIST),
        "segment": Field("", FieldType.SEGMENT),
    }
)

OPERATORS: Final = MappingProxyType(
    {
        FieldType.TEXT: (
            "equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "in", "not_in",
            "is_set", "is_not_set",
        ),
        FieldType.NUMBER: (
            "equals", "not_equals", "greater_than", "greater_than_or_equal", "less_than",
            "less_than_or_equal", "in", "not_in", "is_set", "is_not_set",
        ),
        FieldType.DATE: (
            "equals", "not_equals", "before", "after", "in_last_days", "not_in_last_days", "is_set", "is_not_set",
        ),
        FieldType.BOOLEAN: ("equals", "not_equals"),
        FieldType.LIST: ("equals", "not_equals", "in", "not_in"),
        FieldType.SEGMENT: ("equals", "not_equals", "in", "not_in"),
    }
)  # fmt: skip

ALL_OPERATORS: Final = tuple(dict.fromkeys(name for names in OPERATORS.values() for name in names))

COMPLEMENTS: Final = MappingProxyType(
    {
        "equals": "not_equals",
        "contains": "not_contains",
        "in": "not_in",
        "in_last_days": "not_in_last_days",
        "is_set": "is_not_set",
    }
)
"""Operators whose exact opposite is also an operator. `opposite` reads the table both ways."""

KIND_OF_TYPE: Final = MappingProxyType({"string": Kind.TEXT, "number": Kind.NUMBER, "date": Kind.TIME})
TYPE_OF_KIND: Final = MappingProxyType({kind: name for name, kind in KIND_OF_TYPE.items()})
_FIELD_TYPE: Final = MappingProxyType(
    {Kind.TEXT: FieldType.TEXT, Kind.NUMBER: FieldType.NUMBER, Kind.TIME: FieldType.DATE}
)

OWN_PROPERTIES: Final = frozenset({"first_name", "last_name", "unsubscribed"})
"""Properties of the profile that are fields of a contact, and never inside its `properties`."""

KEYS_TAKEN: Final = frozenset({*PROFILE_FIELDS, *OWN_PROPERTIES, "user_id"})
"""Keys that no custom property may have, whatever their case."""


def opposite(operator: str) -> str | None:
    """The operator that holds exactly where this one does not; None where the grammar has none."""
    if operator in COMPLEMENTS:
        return COMPLEMENTS[operator]
    return next((positive for positive, negative in COMPLEMENTS.items() if negative == operator), None)


def fold_key(key: str) -> str:
    """The form in which keys are compared, ignoring case, and in which answers have them."""
    return key.upper()


def visible(item: Property) -> bool:
    """Whether the property exists in this dialect.

    It must be declared as one of SendKit's three types, and must not be a field of every contact.
    """
    return item.type in TYPE_OF_KIND and fold_key(item.name) not in _TAKEN_FOLDED


_TAKEN_FOLDED: Final = frozenset(fold_key(key) for key in KEYS_TAKEN)


def key_is_taken(key: str) -> bool:
    return fold_key(key) in _TAKEN_FOLDED


@dataclass(frozen=True)
class Context:
    """What a translation needs of the workspace.

    Each request makes its own, which loads the properties once, at the first lookup.
    """

    load_properties: Callable[[], Iterable[Property]]
    """Every property, those of other dialects included, in any order."""
    zone: ZoneInfo
    is_list: Callable[[str], bool]
    is_segment: Callable[[str], bool]
    changed: Property | None = None
    """The property that this request is about to change."""

    @classmethod
    def of(cls, properties: Sequence[Property], segments: Iterable[Segment], zone: ZoneInfo) -> Self:
        """The context of a workspace that has these properties and segments."""
        kinds = {segment.id: segment.kind for segment in segments}
        return cls(
            load_properties=lambda: properties,
            zone=zone,
            is_list=lambda segment_id: kinds.get(segment_id) is SegmentKind.STATIC,
            is_segment=lambda segment_id: segment_id in kinds,
        )

    @cached_property
    def properties(self) -> Sequence[Property]:
        """The visible ones, oldest first."""
        return [item for item in self._all if visible(item)]

    def property_by_id(self, property_id: str) -> Property | None:
        return self._by_id.get(property_id)

    def property_by_name(self, name: str) -> Property | None:
        return self._by_name.get(name)

    def property_by_key(self, key: str) -> Property | None:
        """The property of this exact name, otherwise the oldest of this name ignoring case.

        Other dialects may make names that differ only in case.
        """
        exact = self._by_name.get(key)
        return exact or next((item for item in self.properties_by_key(key) if visible(item)), None)

    def properties_by_key(self, key: str) -> Sequence[Property]:
        """Every property of this name ignoring case, visible or not, oldest first."""
        return self._by_key.get(fold_key(key), ())

    @cached_property
    def _all(self) -> Sequence[Property]:
        return sorted(self.load_properties(), key=lambda item: (item.created_at, item.id))

    @cached_property
    def _by_id(self) -> Mapping[str, Property]:
        return {item.id: item for item in self.properties}

    @cached_property
    def _by_name(self) -> Mapping[str, Property]:
        return {item.name: item for item in self.properties}

    @cached_property
    def _by_key(self) -> Mapping[str, Sequence[Property]]:
        by_key: dict[str, list[Property]] = {}
        for item in self._all:
            by_key.setdefault(fold_key(item.name), []).append(item)
        return by_key


def field_of(item: Property) -> Field:
    if item.type is None:
        raise ValueError(f"{item.name} was never declared, so it is not a field of this grammar")
    return Field(item.name, _FIELD_TYPE[item.type])
