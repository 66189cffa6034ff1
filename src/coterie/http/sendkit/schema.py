"""The shapes of the dialect as the API description shows them.

Bodies are read by `faults.py`, `contacts.py` and `to_rule.py`, which name every fault in a body with its path; the models of bodies here say
the same for people and generators of clients, and a test holds the two together. Answers are made by `objects.py` in these shapes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from coterie.http.sendkit.envelope import NAMES
from coterie.http.sendkit.grammar import ALL_OPERATORS, CONDITIONS_MAX, GROUPS_MAX

UUID = "550e8400-e29b-41d4-a716-446655440000"
STAMP = "2026-03-03 10:00:00"

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=[UUID])]
Stamp = Annotated[str, Field(description="UTC, `YYYY-MM-DD HH:MM:SS`.", examples=[STAMP])]
MatchType = Literal["all", "any"]
PropertyType = Literal["string", "number", "date"]
Scalar = str | float | bool
Name = Annotated[str, Field(min_length=1, max_length=255)]
Short = Annotated[str, Field(max_length=255)]
Fallback = Annotated[str, Field(max_length=1000)]
Key = Annotated[str, Field(max_length=255, pattern="^[A-Za-z][A-Za-z0-9_]*$", examples=["company"])]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", title=None)


class ContactChange(_Body):
    """What is absent stays as it is; null removes."""

    email: Short = Field(default=..., json_schema_extra={"format": "email"}, examples=["john@example.com"])
    first_name: Short | None = Field(None, examples=["John"])
    last_name: Short | None = Field(None, examples=["Doe"])
    user_id: Short | None = Field(None, description="Your own identifier: our `external_id`.", examples=["ext_123"])
    unsubscribed: bool = Field(False)
    list_ids: list[Id] = Field([], description="Replaces the lists the contact is in.")
    properties: dict[str, Scalar | None] = Field(
        {},
        description="By key, ignoring case; every key must be declared.",
        examples=[{"company": "Acme", "plan": "pro"}],
    )


class NewContact(ContactChange):
    """A contact to make, or to change when there is one with this email."""


class ListIds(_Body):
    list_ids: list[Id] = Field(min_length=1)


class NewProperty(_Body):
    key: Key
    type: PropertyType
    fallback_value: Fallback | None = Field(
        None, description="For templates; never takes part in matching.", examples=["N/A"]
    )


class PropertyChange(_Body):
    key: Key = Field("company", description="The property's own key; it cannot be changed.")
    type: PropertyType = Field(
        "string", description="Stored values are converted; those that do not convert are removed."
    )
    fallback_value: Fallback | None = None


class NewList(_Body):
    name: Name = Field(examples=["Newsletter"])


class Condition(_Body):
    field: str | None = Field(None, description="A reserved field, or a property's key.", examples=["email"])
    type: Literal["reserved", "property", "custom"] = Field(description="`custom` is stored as `property`.")
    operator: Literal[ALL_OPERATORS] = Field(examples=["contains"])  # type: ignore[valid-type]  # made from the table of operators
    value: Scalar | list[Scalar] | None = Field(
        None, description="An array for `in` and `not_in`.", examples=["@example.com"]
    )
    property_id: Id | None = Field(None, description="Names the property; without it `field` does.")


class Group(_Body):
    match_type: MatchType
    conditions: list[Condition] = Field(min_length=1, max_length=CONDITIONS_MAX)


class Filters(_Body):
    groups: list[Group] = Field(min_length=1, max_length=GROUPS_MAX)


class PreviewedSegment(_Body):
    name: Name | None = Field(None, description="Taken so that a whole segment can be previewed; not looked at.")
    match_type: MatchType
    filters: Filters


class NewSegment(_Body):
    name: Name = Field(examples=["VIP Customers"])
    match_type: MatchType = Field(description="Joins the groups.")
    filters: Filters


class SegmentChange(_Body):
    """What is absent stays as it is."""

    name: Name = Field("VIP Customers")
    match_type: MatchType = Field("all")
    filters: Filters = Field(default=...)


# --- answers ----------------------------------------------------------------------------------------------------------


class List(BaseModel):
    id: Id
    name: str
    created_at: Stamp
    updated_at: Stamp


class Contact(BaseModel):
    id: Id
    email: str
    first_name: str | None
    last_name: str | None
    user_id: str | None
    unsubscribed: bool
    properties: dict[str, str] | Annotated[list[str], Field(max_length=0)] = Field(
        description="Keys upper-case, values as strings. `[]` when there are none.",
        examples=[{"COMPANY": "Acme", "PLAN": "pro"}],
    )
    lists: list[List]
    created_at: Stamp
    updated_at: Stamp


class Property(BaseModel):
    id: Id
    key: str
    type: PropertyType
    fallback_value: str | None
    created_at: Stamp
    updated_at: Stamp


class Segment(BaseModel):
    id: Id
    name: str
    match_type: MatchType
    filters: Filters
    created_at: Stamp
    updated_at: Stamp


class Links(BaseModel):
    first: str
    last: str
    prev: str | None
    next: str | None


class Meta(BaseModel):
    current_page: int
    from_: int | None = Field(alias="from")
    last_page: int
    per_page: int
    to: int | None
    total: int
    path: str


class _Page(BaseModel):
    links: Links
    meta: Meta


class ContactPage(_Page):
    data: list[Contact]


class PropertyPage(_Page):
    data: list[Property]


class SegmentPage(_Page):
    data: list[Segment]


class ListPage(_Page):
    data: list[List]


class ConditionCount(BaseModel):
    path: str = Field(examples=["filters.groups.0.conditions.0"])
    count: int


class SegmentPreview(BaseModel):
    count: int = Field(description="Contacts that match.")
    conditions: list[ConditionCount] = Field(description="For each condition, the contacts that match it alone.")


class Error(BaseModel):
    name: Literal[NAMES]  # type: ignore[valid-type]  # made from the table of names
    message: str
    statusCode: int  # noqa: N815 - the wire's own spelling
    errors: dict[str, list[str]] | None = Field(None, description="By path, on 422.")


def as_sent(shape: type[BaseModel]) -> PlainValidator:
    """Marks a body that is described as `shape` and handed on as it was sent, to be read with all its faults at once."""
    return PlainValidator(lambda value: value, json_schema_input_type=shape)
