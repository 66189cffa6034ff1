"""The words of SendKit's segment grammar: its fields, their types, and the operators that suit each type.

Everything else in this folder reads these tables, so a new operator or reserved field of the dialect starts here, and then gets
its line in `to_rule.py` and in `from_rule.py`.

Reserved fields belong to every contact. Custom ones are properties that were declared (a property that was only seen has no
SendKit type, and is not visible in this dialect). Three of the reserved fields are ordinary properties of the profile under the
same names: `first_name`, `last_name` and `unsubscribed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from coterie.model import PROFILE_FIELDS, Property
from coterie.rules.iso import DURATION_MAX
from coterie.rules.values import DAY, Kind

MATCH_TYPES: Final = ("all", "any")
CONDITION_TYPES: Final = ("reserved", "property", "custom")
"""`custom` is another word for `property`, and is stored as that."""
GROUPS_MAX: Final = 50
CONDITIONS_MAX: Final = 100
DAYS_MAX: Final = DURATION_MAX // DAY


class FieldType(StrEnum):
    """What a field holds, as far as operators and values are concerned."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"  # membership of a list; the value is its id
    SEGMENT = "segment"  # membership of another segment; the value is its id


@dataclass(frozen=True, slots=True)
class Field:
    """Something a condition can look at: `name` is our property's name, empty for membership."""

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
            "equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "in", "not_in", "is_set", "is_not_set",
        ),
        FieldType.NUMBER: (
            "equals", "not_equals", "greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal", "in", "not_in",
            "is_set", "is_not_set",
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
"""Operators whose exact opposite is an operator too; read it both ways with `opposite`."""

KIND_OF_TYPE: Final = MappingProxyType({"string": Kind.TEXT, "number": Kind.NUMBER, "date": Kind.TIME})
TYPE_OF_KIND: Final = MappingProxyType({kind: name for name, kind in KIND_OF_TYPE.items()})
_FIELD_TYPE: Final = MappingProxyType(
    {Kind.TEXT: FieldType.TEXT, Kind.NUMBER: FieldType.NUMBER, Kind.TIME: FieldType.DATE}
)

OWN_PROPERTIES: Final = frozenset({"first_name", "last_name", "unsubscribed"})
"""Properties of the profile that a contact shows as its own fields, never inside its `properties`."""

KEYS_TAKEN: Final = frozenset({*PROFILE_FIELDS, *OWN_PROPERTIES, "user_id"})
"""Keys that no custom property may have, whatever their case."""


def opposite(operator: str) -> str | None:
    """The operator that holds exactly where this one does not, or None where the grammar has no such word."""
    if operator in COMPLEMENTS:
        return COMPLEMENTS[operator]
    return next((positive for positive, negative in COMPLEMENTS.items() if negative == operator), None)


def fold_key(key: str) -> str:
    """Keys are shown upper-case and matched ignoring case, so upper-case is the form in which they are compared."""
    return key.upper()


def visible(item: Property) -> bool:
    """Whether this dialect shows the property: declared, as one of the three types it knows, and not a contact's own field."""
    return item.type in TYPE_OF_KIND and fold_key(item.name) not in _TAKEN_FOLDED


_TAKEN_FOLDED: Final = frozenset(fold_key(key) for key in KEYS_TAKEN)


def key_is_taken(key: str) -> bool:
    return fold_key(key) in _TAKEN_FOLDED


@dataclass(frozen=True)
class Context:
    """What a translation needs of the workspace. Made afresh for each request, which loads the
    properties once, when it first looks for one."""

    load_properties: Callable[[], Iterable[Property]]
    """Every property, those of other dialects included, in any order."""
    zone: ZoneInfo
    is_list: Callable[[str], bool]
    is_segment: Callable[[str], bool]
    changed: Property | None = None
    """The property that this request is about to change."""

    @cached_property
    def properties(self) -> Sequence[Property]:
        """The visible ones, oldest first."""
        return [item for item in self._all if visible(item)]

    def property_by_id(self, property_id: str) -> Property | None:
        return self._by_id.get(property_id)

    def property_by_name(self, name: str) -> Property | None:
        return self._by_name.get(name)

    def property_by_key(self, key: str) -> Property | None:
        """By exact name; failing that ignoring case, the oldest first: other dialects may make names
        that differ in case only."""
        exact = self._by_name.get(key)
        return exact or next((item for item in self.properties_by_key(key) if visible(item)), None)

    def properties_by_key(self, key: str) -> Sequence[Property]:
        """Every property of that name ignoring case, visible or not, the oldest first."""
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
