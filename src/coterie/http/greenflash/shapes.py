# ruff: noqa: N815 - names of fields are the wire's own
"""The shapes of the dialect, as the API description shows them, and as bodies are checked against; `filters` alone are read by `to_rule.py`, which names
every problem in them, and the shapes of rules here say the same for people and for generators of clients.

It is long because every shape of the dialect stands here. Names begin with Greenflash because all dialects share one description.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from coterie.http.greenflash import examples
from coterie.http.greenflash.grammar import COUNT_OPERATORS, FLAGS, PRESETS, PROPERTY_OPERATORS, SCORE_OPERATORS, SCORES
from coterie.http.greenflash.to_rule import PRODUCTS_MAX, RULES_MAX
from coterie.rules.values import unfit_text

MESSAGES_MAX = 1_000

Uuid: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=[examples.ID])]
Stamp: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=[examples.STAMP])]


def _fit(text: str) -> str:
    why = unfit_text(text)
    if why is not None:
        raise PydanticCustomError("unfit_text", "This {why}", {"why": why})
    return text


Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_fit)]
Words: TypeAlias = Annotated[str, Field(max_length=65_536), AfterValidator(_fit)]
Moment: TypeAlias = Annotated[str, Field(description="ISO 8601. Without an offset, of the workspace's zone.")]
Properties: TypeAlias = Annotated[
    dict[str, Any],
    Field(description="Strings, numbers, booleans, lists of strings, and objects of those. null removes."),
]
AnyJson: TypeAlias = dict[str, Any]
Scalar: TypeAlias = str | float | bool


class _Body(BaseModel):
    """No unknown keys, no bent types."""

    model_config = ConfigDict(extra="forbid", strict=True, title=None)


def absent(**more: Any) -> Any:
    """A key that may be left out, which is not the same as null: made by a factory, so that the description gives it no default."""
    return Field(default_factory=lambda: None, **more)


# --- segments, sent ---------------------------------------------------------------------------------------------------


class GreenflashAnalysisRule(_Body):
    """The mean over the user's scored conversations in scope. False where there is none."""

    type: Literal["analysis"]
    field: Literal[tuple(SCORES)]  # type: ignore[valid-type]  # made from the table
    operator: Literal[tuple(SCORE_OPERATORS)]  # type: ignore[valid-type]  # made from the table
    value: float


class GreenflashFlagRule(_Body):
    """true: any conversation in scope has the flag. false: none has."""

    type: Literal["analysis_flag"]
    field: Literal[tuple(FLAGS)]  # type: ignore[valid-type]  # made from the table
    value: bool


class _PropertyRule(_Body):
    key: str = Field(pattern="^[A-Za-z0-9._-]{1,255}$", examples=["plan"])
    operator: Literal[tuple(PROPERTY_OPERATORS)] = Field(  # type: ignore[valid-type]  # made from the table
        description="`gt` and `lt` take a number, `contains` a string."
    )
    value: Scalar


class GreenflashPropertyRule(_PropertyRule):
    """A property of the user."""

    type: Literal["property"]


class GreenflashConversationPropertyRule(_PropertyRule):
    """Any conversation in scope has it; `neq`: none has that value."""

    type: Literal["conversation_property"]


class GreenflashCountRule(_Body):
    """How many conversations in scope the user has."""

    type: Literal["conversation_count"]
    operator: Literal[tuple(COUNT_OPERATORS)]  # type: ignore[valid-type]  # made from the table
    value: int = Field(ge=0)


class GreenflashSeenRule(_Body):
    """When the user was last active: a message, an event, or a change of what is known of them."""

    type: Literal["last_seen"]
    operator: Literal["within", "before"]
    value: str = Field(pattern="^[1-9][0-9]{0,9}[mhdw]$", examples=["7d", "24h", "30m", "2w"])


Rule: TypeAlias = (
    GreenflashAnalysisRule
    | GreenflashFlagRule
    | GreenflashPropertyRule
    | GreenflashConversationPropertyRule
    | GreenflashCountRule
    | GreenflashSeenRule
)


class GreenflashDateRange(_Body):
    """Which conversations count, by their latest message."""

    preset: Literal[tuple(PRESETS)] = absent(description="A rolling window.")  # type: ignore[valid-type]  # made from the table
    from_: str = absent(alias="from", description="A date, from its first instant, or an instant.")
    to: str = absent(description="A date, to its end, or an instant.")


class GreenflashFilters(_Body):
    """All rules must hold. `dateRange` and `productIds` are the scope of those about conversations."""

    rules: list[Annotated[Rule, Field(discriminator="type")]] = Field(min_length=1, max_length=RULES_MAX)
    dateRange: GreenflashDateRange = absent()
    productIds: list[Uuid] = absent(min_length=1, max_length=PRODUCTS_MAX)


class GreenflashNewSegment(_Body):
    filters: GreenflashFilters
    name: Text | None = absent(description="Made from the rules when left out.")
    description: str | None = absent()
    icon: Annotated[str, Field(max_length=50)] | None = absent(examples=["Users"])


# --- the rest, sent ---------------------------------------------------------------------------------------------------


class _UserFields(_Body):
    name: Words | None = absent()
    email: str | None = absent()
    phone: Words | None = absent()
    properties: Properties = Field(default_factory=dict)
    anonymized: bool = absent(description="true: name, email and phone are forgotten, and not taken any more.")
    organizationId: Text | None = absent(description="Of an organization that is there.")
    externalOrganizationId: Text | None = absent(description="Makes the organization where nobody knows it.")


class GreenflashNewUser(_UserFields):
    """A user to make, or to change when there is one with this id. What is left out stays; null removes."""

    externalUserId: Text


class GreenflashUserChange(_UserFields):
    """What is left out stays; null removes."""


class GreenflashOrganizationChange(_Body):
    """What is left out stays; null removes."""

    name: Words | None = absent()
    properties: AnyJson = Field(default_factory=dict)


class GreenflashNewOrganization(GreenflashOrganizationChange):
    externalOrganizationId: Text


MessageType: TypeAlias = Literal[
    "user_message", "assistant_message", "system_message", "final_response", "thought", "tool_call", "observation",
    "retrieval", "memory_read", "memory_write", "chain_start", "chain_end", "embedding", "tool_error", "callback", "llm",
    "task", "workflow",
]  # fmt: skip


class GreenflashMessageItem(_Body):
    """A message. `role` and `messageType` exclude one another; without either it is the user's."""

    role: Literal["user", "assistant", "system"] | None = absent()
    messageType: MessageType | None = absent()
    content: str | None = absent()
    context: str | None = absent()
    createdAt: Moment | None = absent()
    externalMessageId: Text | None = absent(
        description="In a conversation, messages with the same one are one message."
    )
    input: AnyJson | None = absent()
    output: AnyJson | None = absent()
    model: str | None = absent()
    parentMessageId: str | None = absent()
    parentExternalMessageId: str | None = absent()
    properties: AnyJson | None = absent()
    toolName: str | None = absent(description="Required for a `tool_call`.")
    voice: AnyJson | None = absent()


class GreenflashMessages(_Body):
    """Messages of a conversation, which is found by `conversationId` or `externalConversationId`, else made; `productId` alone makes one."""

    externalUserId: Text
    messages: list[GreenflashMessageItem] = Field(max_length=MESSAGES_MAX)
    conversationId: Text | None = absent()
    externalConversationId: Text | None = absent()
    productId: Text | None = absent()
    externalOrganizationId: Text | None = absent()
    model: Text | None = absent()
    properties: Properties = Field(default_factory=dict)
    systemPrompt: str | AnyJson | None = absent(description="Taken, and not kept: prompts are outside segmentation.")
    voiceCall: AnyJson | None = absent(description="Kept as properties of the conversation: `voiceCall.durationMs`.")
    sampleRate: Annotated[float, Field(ge=0, le=1)] | None = absent(description="Everything is stored all the same.")
    forceSample: bool | None = absent()


class GreenflashRating(_Body):
    productId: Text
    rating: float
    ratingMin: float
    ratingMax: float
    conversationId: Text | None = absent()
    externalConversationId: Text | None = absent()
    messageId: Text | None = absent()
    externalMessageId: Text | None = absent()
    feedback: Words | None = absent()
    ratedAt: Moment | None = absent()


class GreenflashEvent(_Body):
    """Whose it is: `userId`, `externalUserId`, or the user of the conversation it names."""

    eventType: Text
    productId: Text
    value: Words
    valueType: Literal["currency", "numeric", "text", "boolean"] | None = absent(description="text unless given.")
    userId: Text | None = absent()
    externalUserId: Text | None = absent()
    conversationId: Text | None = absent()
    externalConversationId: Text | None = absent()
    organizationId: Text | None = absent()
    externalOrganizationId: Text | None = absent()
    eventAt: Moment | None = absent()
    insertId: Text | None = absent(description="Events with the same one are one event: the first that came.")
    influence: Literal["positive", "negative", "neutral"] | None = absent()
    qualityImpactScore: Annotated[float, Field(ge=-1, le=1)] | None = absent()
    properties: Properties = Field(default_factory=dict)
    sampleRate: Annotated[float, Field(ge=0, le=1)] | None = absent(description="Everything is stored all the same.")
    forceSample: bool | None = absent()


# --- answers ----------------------------------------------------------------------------------------------------------


def shown(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


Kind: TypeAlias = Literal["system", "custom"]


class GreenflashMembership(BaseModel):
    model_config = shown(examples.MEMBERSHIP_SHOWN)

    id: Uuid
    name: str
    type: Kind
    presetId: str | None = Field(description="Of a system segment.", examples=["happy-users"])


class GreenflashSegmentSummary(GreenflashMembership):
    model_config = shown(examples.SUMMARY_SHOWN)

    memberCount: int
    isFavorited: bool = Field(description="Always false: Coterie keeps no favourites.")


class _Definition(BaseModel):
    description: str | None
    icon: str | None
    filters: dict[str, Any] = Field(
        description="As they were sent; of a segment that was made elsewhere and that this grammar cannot say, our own rule."
    )
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashCreatedSegment(_Definition):
    model_config = shown(examples.CREATED_SHOWN)

    id: Uuid
    name: str
    type: Literal["custom"]


class GreenflashSegment(_Definition, GreenflashSegmentSummary):
    model_config = shown(examples.SEGMENT_SHOWN)

    createdBy: str | None = Field(description="Always null.")


class GreenflashParticipant(BaseModel):
    model_config = shown(examples.PARTICIPANT_SHOWN)

    id: Uuid
    externalId: str
    organizationId: str | None
    externalOrganizationId: str | None
    anonymized: bool
    properties: dict[str, Any]
    name: str | None
    email: str | None
    phone: str | None
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashUserWritten(BaseModel):
    model_config = shown({"success": True, "participant": examples.PARTICIPANT_SHOWN})

    success: bool
    participant: GreenflashParticipant


class GreenflashOrganization(BaseModel):
    model_config = shown(examples.ORGANIZATION_SHOWN)

    id: Uuid
    externalId: str | None
    name: str | None
    properties: dict[str, Any]
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashOrganizationWritten(BaseModel):
    model_config = shown({"success": True, "organization": examples.ORGANIZATION_SHOWN})

    success: bool
    organization: GreenflashOrganization


class GreenflashLoggedMessage(BaseModel):
    messageId: Uuid
    externalMessageId: str | None
    messageType: str
    status: Literal["created", "deduplicated"]


class GreenflashMessagesLogged(BaseModel):
    model_config = shown(examples.LOGGED_SHOWN)

    success: bool
    conversationId: Uuid
    messages: list[GreenflashLoggedMessage]
    systemPromptPromptId: str = Field(description="The prompt's id as it was sent, else empty.")
    systemPromptComponentIds: list[str] = Field(max_length=0)


class GreenflashRatingLogged(BaseModel):
    model_config = shown({"success": True})

    success: bool


class GreenflashEventLogged(BaseModel):
    model_config = shown({"success": True, "eventId": "order-7"})

    success: bool
    eventId: str = Field(description="The `insertId`; a new id where none was sent.")


class GreenflashInteraction(BaseModel):
    model_config = shown(examples.INTERACTION_SHOWN)

    id: Uuid
    externalId: str | None
    participantId: Uuid
    externalParticipantId: str | None
    organizationId: str | None
    organizationExternalId: str | None
    productId: str = Field(description="Empty where none is known.")
    versionId: str = Field(description="Empty where none is known.")
    model: str | None
    rating: float | None
    ratingMin: float | None
    ratingMax: float | None
    feedback: str | None
    properties: dict[str, Any]
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashTurn(BaseModel):
    role: Literal["user", "assistant", "system", "tool_call", "observation", "final_response"]
    content: str
    timestamp: Stamp


class GreenflashInteractionParticipant(BaseModel):
    id: Uuid
    externalId: str | None
    name: str | None
    email: str | None


class GreenflashInteractionDetail(GreenflashInteraction):
    model_config = shown(examples.DETAIL_SHOWN)

    participant: GreenflashInteractionParticipant
    messages: list[GreenflashTurn]


class GreenflashScore(BaseModel):
    score: float = Field(description="0 where nothing is scored, and the label says so.")
    label: str


class GreenflashShare(BaseModel):
    total: int
    percentage: float = Field(description="Of the conversations, 0 to 100.")


class GreenflashNamedCount(BaseModel):
    name: str
    count: int


class GreenflashSegmentAnalytics(BaseModel):
    model_config = shown(examples.ANALYTICS_SHOWN)

    participantCount: int
    totalConversations: int
    averageUserSentiment: GreenflashScore
    averageChangeInUserSentiment: GreenflashScore
    averageFrustration: GreenflashScore
    averageStruggle: GreenflashScore
    averageCommercialIntent: GreenflashScore
    averageConversationQualityIndex: float | None
    averageConversationRating: float | None
    hallucinationCount: GreenflashShare
    jailbreakCount: GreenflashShare
    userToxicityCount: GreenflashShare
    modelToxicityCount: GreenflashShare
    userBiasCount: GreenflashShare
    modelBiasCount: GreenflashShare
    topics: list[GreenflashNamedCount]
    topicGroups: list[GreenflashNamedCount] = Field(description="Always empty: nothing is sent that groups topics.")
    keywords: list[GreenflashNamedCount]
    summary: dict[str, Any] | None = Field(description="Always null.")


class GreenflashFault(BaseModel):
    message: str
    path: str


class GreenflashError(BaseModel):
    model_config = shown(examples.ERROR_SHOWN)

    success: Literal[False]
    error: str
    message: str
    path: str | None = Field(None, description="Where in the request, when a field is to blame.")
    errors: list[GreenflashFault] | None = Field(None, description="All of them, when there are several.")


def as_sent(shape: type[BaseModel]) -> PlainValidator:
    """Marks a body that is described as `shape` and handed on as it was sent, to be read with all its faults at once."""
    return PlainValidator(lambda value: value, json_schema_input_type=shape)
