"""The shapes of the dialect as the API description shows them.

Bodies are read by `problems.py`, `to_model.py` and `to_rule.py`, which name every problem in a body with its path; the
models of bodies here say the same for people and generators of clients, and a test holds the two together. Answers are made by
`from_model.py` in these shapes. Names begin with SendKit because all dialects share one description.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from coterie.http.sendkit import examples
from coterie.http.sendkit.envelope import NAMES
from coterie.http.sendkit.grammar import ALL_OPERATORS, CONDITIONS_MAX, GROUPS_MAX

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=[examples.ID])]
Stamp = Annotated[str, Field(description="UTC, `YYYY-MM-DD HH:MM:SS`.", examples=[examples.STAMP])]
MatchType = Literal["all", "any"]
PropertyType = Literal["string", "number", "date"]
Scalar = str | float | bool
Name = Annotated[str, Field(min_length=1, max_length=255)]
Short = Annotated[str, Field(max_length=255)]
Email = Annotated[str, Field(max_length=255, json_schema_extra={"format": "email"}, examples=["john@example.com"])]
Fallback = Annotated[str, Field(max_length=1000)]
Key = Annotated[str, Field(max_length=255, pattern="^[A-Za-z][A-Za-z0-9_]*$", examples=["company"])]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", title=None)


def absent(**more: Any) -> Any:
    """A key that may be left out, which is not the same as null: made by a factory, so that the description gives it no default."""
    return Field(default_factory=lambda: None, **more)


class _ContactFields(_Body):
    first_name: Short | None = absent(examples=["John"])
    last_name: Short | None = absent(examples=["Doe"])
    user_id: Short | None = absent(description="Your own identifier: our `external_id`.", examples=["ext_123"])
    unsubscribed: bool = absent()
    list_ids: list[Id] = absent(description="Replaces the lists the contact is in.")
    properties: dict[str, Scalar | None] = absent(
        description="By key, ignoring case; every key must be declared.", examples=[{"company": "Acme", "plan": "pro"}]
    )


class SendKitNewContact(_ContactFields):
    """A contact to make, or to change when there is one with this email. What is absent stays as it is; null removes."""

    email: Email


class SendKitContactChange(_ContactFields):
    """What is absent stays as it is; null removes."""

    email: Email = absent()


class SendKitListIds(_Body):
    list_ids: list[Id] = Field(min_length=1)


class SendKitNewProperty(_Body):
    key: Key
    type: PropertyType
    fallback_value: Fallback | None = absent(
        description="For templates; never takes part in matching.", examples=["N/A"]
    )


class SendKitPropertyChange(_Body):
    """What is absent stays as it is."""

    key: Key = absent(description="Changed only while no segment uses the property.")
    type: PropertyType = absent(description="Stored values are converted; those that do not convert are removed.")
    fallback_value: Fallback | None = absent()


class SendKitNewList(_Body):
    name: Name = Field(examples=["Newsletter"])


class SendKitCondition(_Body):
    field: str | None = absent(description="A reserved field, or a property's key.", examples=["email"])
    type: Literal["reserved", "property", "custom"] = Field(description="`custom` is stored as `property`.")
    operator: Literal[ALL_OPERATORS] = Field(examples=["contains"])  # type: ignore[valid-type]  # made from the table of operators
    value: Scalar | list[Scalar] | None = absent(
        description="An array for `in` and `not_in`.", examples=["@example.com"]
    )
    property_id: Id | None = absent(description="Names the property; without it `field` does.")


class SendKitGroup(_Body):
    match_type: MatchType
    conditions: list[SendKitCondition] = Field(min_length=1, max_length=CONDITIONS_MAX)


class SendKitFilters(_Body):
    groups: list[SendKitGroup] = Field(min_length=1, max_length=GROUPS_MAX)


class SendKitPreviewedSegment(_Body):
    name: Name | None = absent(description="Taken so that a whole segment can be previewed; not looked at.")
    match_type: MatchType
    filters: SendKitFilters


class SendKitNewSegment(_Body):
    name: Name = Field(examples=["VIP Customers"])
    match_type: MatchType = Field(description="Joins the groups.")
    filters: SendKitFilters


class SendKitSegmentChange(_Body):
    """What is absent stays as it is."""

    name: Name = absent()
    match_type: MatchType = absent()
    filters: SendKitFilters = absent()


# --- answers ----------------------------------------------------------------------------------------------------------


def shown(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class SendKitList(BaseModel):
    model_config = shown(examples.LIST_SHOWN)

    id: Id
    name: str
    created_at: Stamp
    updated_at: Stamp


class SendKitContact(BaseModel):
    model_config = shown(examples.CONTACT_SHOWN)

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
    lists: list[SendKitList]
    created_at: Stamp
    updated_at: Stamp


class SendKitProperty(BaseModel):
    model_config = shown(examples.PROPERTY_SHOWN)

    id: Id
    key: str
    type: PropertyType
    fallback_value: str | None
    created_at: Stamp
    updated_at: Stamp


class SendKitSegment(BaseModel):
    model_config = shown(examples.SEGMENT_SHOWN)

    id: Id
    name: str
    match_type: MatchType
    filters: SendKitFilters
    created_at: Stamp
    updated_at: Stamp


class SendKitLinks(BaseModel):
    first: str
    last: str
    prev: str | None
    next: str | None


class SendKitMeta(BaseModel):
    current_page: int
    from_: int | None = Field(alias="from")
    last_page: int
    per_page: int
    to: int | None
    total: int
    path: str


class _Page(BaseModel):
    links: SendKitLinks
    meta: SendKitMeta


class SendKitContactPage(_Page):
    model_config = shown(examples.page_of("contacts", examples.CONTACT_SHOWN))

    data: list[SendKitContact]


class SendKitPropertyPage(_Page):
    model_config = shown(examples.page_of("properties", examples.PROPERTY_SHOWN))

    data: list[SendKitProperty]


class SendKitSegmentPage(_Page):
    model_config = shown(examples.page_of("segments", examples.SEGMENT_SHOWN))

    data: list[SendKitSegment]


class SendKitListPage(_Page):
    model_config = shown(examples.page_of("lists", examples.LIST_SHOWN))

    data: list[SendKitList]


class SendKitConditionCount(BaseModel):
    path: str = Field(examples=["filters.groups.0.conditions.0"])
    count: int


class SendKitSegmentPreview(BaseModel):
    model_config = shown(examples.PREVIEW_SHOWN)

    count: int = Field(description="Contacts that match.")
    conditions: list[SendKitConditionCount] = Field(description="For each condition, the contacts that match it alone.")


class SendKitError(BaseModel):
    model_config = shown(examples.ERROR_SHOWN)

    name: Literal[NAMES]  # type: ignore[valid-type]  # made from the table of names
    message: str
    statusCode: int  # noqa: N815 - the wire's own spelling
    errors: dict[str, list[str]] | None = Field(None, description="By path, on 422.")


def as_sent(shape: type[BaseModel]) -> PlainValidator:
    """Marks a body that is described as `shape` and handed on as it was sent, to be read with all its faults at once."""
    return PlainValidator(lambda value: value, json_schema_input_type=shape)
