"""The shapes of the dialect. Bodies are checked against them, and the API description has them.

`fields.py` has the validators of single fields, `conditions.py` reads a condition, `wording.py`
words the problems, and `from_model.py` makes the answers. Names begin with SendKit because all
dialects share one API description. It is long because it has every shape of the dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    WrapValidator,
    model_validator,
)

from coterie.http.fields import absent, with_example
from coterie.http.sendkit import examples, fields
from coterie.http.sendkit.conditions import Echo, read_condition
from coterie.http.sendkit.grammar import ALL_OPERATORS, CONDITION_TYPES, CONDITIONS_MAX, GROUPS_MAX, Context
from coterie.http.sendkit.wording import Problems, php_object
from coterie.rules.nodes import Rule

Storable = AfterValidator(fields.storable)
AsSent = WrapValidator(lambda value, _: value)
"""For a field that is only described: its value is checked elsewhere, or not at all."""

Id: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=[examples.ID])]
ListId: TypeAlias = Annotated[Id, WrapValidator(fields.list_id)]
Stamp: TypeAlias = Annotated[str, Field(description="UTC, `YYYY-MM-DD HH:MM:SS`.", examples=[examples.STAMP])]
MatchType: TypeAlias = Literal["all", "any"]
PropertyType: TypeAlias = Literal["string", "number", "date"]
Scalar: TypeAlias = str | float | bool
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=255), Storable, AfterValidator(fields.not_blank)]
NameToIgnore: TypeAlias = Annotated[str, Field(max_length=255, json_schema_extra={"minLength": 1}), Storable]
Short: TypeAlias = Annotated[str, Field(max_length=255), Storable]
UserId: TypeAlias = Annotated[Short, AfterValidator(fields.user_id)]
Email: TypeAlias = Annotated[
    str,
    Field(max_length=255, json_schema_extra={"format": "email"}, examples=["john@example.com"]),
    Storable,
    AfterValidator(fields.email_address),
]
Fallback: TypeAlias = Annotated[str, Field(max_length=1000), Storable]
Key: TypeAlias = Annotated[
    str,
    Field(max_length=255, json_schema_extra={"pattern": "^[A-Za-z][A-Za-z0-9_]*$"}, examples=["company"]),
    Storable,
]
Properties: TypeAlias = Annotated[
    dict[str, Any], PlainValidator(fields.property_values, json_schema_input_type=dict[str, Scalar | None])
]


class Body(BaseModel):
    """An object of a body. Keys and types are strict, and every problem is reported at once."""

    model_config = ConfigDict(extra="forbid", strict=True, title=None)

    @model_validator(mode="wrap")
    @classmethod
    def _collect(cls, value: object, read: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        sent = php_object(value)
        problems = Problems(cls.model_fields)
        body: Self | None = None
        with problems.collect():
            body = read(sent)
        if isinstance(sent, dict) and info.context is not None:
            cls.check(body, sent, info.context, problems)
        problems.raise_in_validator()
        assert body is not None, "otherwise there was a problem"
        return body

    @classmethod
    def check(cls, body: Self | None, sent: Mapping[str, object], context: Context, problems: Problems) -> None:
        """Add problems beyond single fields. `body` is None when one of the fields is wrong."""


# --- bodies ---------------------------------------------------------------------------------------


class SendKitContactFields(Body):
    email: Email = absent()
    user_id: UserId | None = absent(
        description="Your own identifier, `external_id` in the native API.", examples=["ext_123"]
    )
    first_name: Short | None = absent(examples=["John"])
    last_name: Short | None = absent(examples=["Doe"])
    unsubscribed: bool = absent()
    properties: Properties = absent(
        description="Values by key, ignoring case. Every key must be declared.",
        examples=[{"company": "Acme", "plan": "pro"}],
    )
    list_ids: list[ListId] = absent(description="Replaces the contact's lists.")


class SendKitNewContact(SendKitContactFields):
    """A contact to create, or to update if one has this email. Absent fields stay; null removes."""

    email: Email


class SendKitContactChange(SendKitContactFields):
    """Absent fields stay. Null removes."""


class SendKitListIds(Body):
    list_ids: list[ListId] = Field(min_length=1)


class SendKitPropertyFields(Body):
    @classmethod
    def check(cls, body: Self | None, sent: Mapping[str, object], context: Context, problems: Problems) -> None:
        key = sent.get("key")
        if isinstance(key, str) and not problems.has("key"):
            fields.check_key(key, context, problems)


class SendKitNewProperty(SendKitPropertyFields):
    key: Annotated[Key, AfterValidator(fields.not_blank)]
    type: PropertyType
    fallback_value: Fallback | None = absent(description="For templates. It is never matched.", examples=["N/A"])


class SendKitPropertyChange(SendKitPropertyFields):
    """Absent fields stay."""

    key: Key = absent(description="Can change only while no segment uses the property.")
    type: PropertyType = absent(description="Stored values are converted. Those that do not convert are removed.")
    fallback_value: Fallback | None = absent()


class SendKitNewList(Body):
    name: Name = Field(examples=["Newsletter"])


class SendKitCondition(Body):
    """One comparison of a field with a value."""

    field: Annotated[str | None, AsSent] = absent(
        description="A reserved field, or the key of a property.", examples=["email"]
    )
    type: Literal[CONDITION_TYPES] = Field(description="`custom` is stored as `property`.")  # type: ignore[valid-type]  # made from the table
    operator: Annotated[Literal[ALL_OPERATORS], WrapValidator(fields.operator)] = Field(examples=["contains"])  # type: ignore[valid-type]  # made from the table
    value: Annotated[Scalar | list[Scalar] | None, AsSent] = absent(
        description="An array for `in` and `not_in`. Absent or null for `is_set` and `is_not_set`.",
        examples=["@example.com"],
    )
    property_id: Annotated[Id | None, AsSent] = absent(
        description="The property. Without it, `field` names the property."
    )
    _rule: Rule = PrivateAttr()
    _echo: Echo = PrivateAttr()

    @property
    def rule(self) -> Rule:
        return self._rule

    @property
    def echo(self) -> Echo:
        return self._echo

    @classmethod
    def check(cls, body: Self | None, sent: Mapping[str, object], context: Context, problems: Problems) -> None:
        reading = read_condition(sent, context, problems)
        if body is not None and reading is not None:
            body._rule, body._echo = reading


class SendKitGroup(Body):
    match_type: MatchType
    conditions: list[SendKitCondition] = Field(min_length=1, max_length=CONDITIONS_MAX)


class SendKitFilters(Body):
    groups: list[SendKitGroup] = Field(min_length=1, max_length=GROUPS_MAX)


class SendKitPreviewedSegment(Body):
    name: NameToIgnore | None = absent(description="Accepted, so that a whole segment can be previewed, and ignored.")
    match_type: MatchType
    filters: SendKitFilters


class SendKitNewSegment(Body):
    name: Name = Field(examples=["VIP Customers"])
    match_type: MatchType = Field(description="How the groups are joined.")
    filters: SendKitFilters


class SendKitSegmentChange(Body):
    """Absent fields stay."""

    name: Name = absent()
    match_type: MatchType = absent()
    filters: SendKitFilters = absent()


# --- answers --------------------------------------------------------------------------------------


class SendKitList(BaseModel):
    model_config = with_example(examples.LIST_ANSWER)

    id: Id
    name: str
    created_at: Stamp
    updated_at: Stamp


class SendKitContact(BaseModel):
    model_config = with_example(examples.CONTACT_ANSWER)

    id: Id
    email: str
    first_name: str | None
    last_name: str | None
    user_id: str | None
    unsubscribed: bool
    properties: dict[str, str] | Annotated[list[str], Field(max_length=0)] = Field(
        description="Keys in upper case, values as strings. `[]` when there are none.",
        examples=[{"COMPANY": "Acme", "PLAN": "pro"}],
    )
    lists: list[SendKitList]
    created_at: Stamp
    updated_at: Stamp


class SendKitProperty(BaseModel):
    model_config = with_example(examples.PROPERTY_ANSWER)

    id: Id
    key: str
    type: PropertyType
    fallback_value: str | None
    created_at: Stamp
    updated_at: Stamp


class SendKitSegment(BaseModel):
    model_config = with_example(examples.SEGMENT_ANSWER)

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
    model_config = with_example(examples.page_of("contacts", examples.CONTACT_ANSWER))

    data: list[SendKitContact]


class SendKitPropertyPage(_Page):
    model_config = with_example(examples.page_of("properties", examples.PROPERTY_ANSWER))

    data: list[SendKitProperty]


class SendKitSegmentPage(_Page):
    model_config = with_example(examples.page_of("segments", examples.SEGMENT_ANSWER))

    data: list[SendKitSegment]


class SendKitListPage(_Page):
    model_config = with_example(examples.page_of("lists", examples.LIST_ANSWER))

    data: list[SendKitList]


class SendKitConditionCount(BaseModel):
    path: str = Field(examples=["filters.groups.0.conditions.0"])
    count: int


class SendKitSegmentPreview(BaseModel):
    model_config = with_example(examples.PREVIEW_ANSWER)

    count: int = Field(description="How many contacts match.")
    conditions: list[SendKitConditionCount] = Field(description="For each condition, how many contacts match it alone.")
