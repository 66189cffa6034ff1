# ruff: noqa: N815 - names of fields are the wire's own
"""The bodies and answers of the dialect, for the API description and to check bodies.

Only `filters` are read by `to_rule.py`, which reports every problem in them; the shapes of rules
here describe the same grammar to people and to client generators.

It is long because every shape of the dialect stands here. Names begin with Greenflash because all
dialects share one description.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from coterie.http.fields import absent, with_example
from coterie.http.greenflash import examples
from coterie.http.greenflash.grammar import COUNT_OPERATORS, FLAGS, PRESETS, PROPERTY_OPERATORS, SCORE_OPERATORS, SCORES
from coterie.http.greenflash.to_rule import PRODUCTS_MAX, RULES_MAX
from coterie.rules.names import unfit_text

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
Moment: TypeAlias = Annotated[str, Field(description="ISO 8601. Without an offset it is in the workspace's zone.")]
Properties: TypeAlias = Annotated[
    dict[str, Any],
    Field(description="Strings, numbers, booleans, lists of strings, and objects of these. null removes."),
]
AnyJson: TypeAlias = dict[str, Any]
Scalar: TypeAlias = str | float | bool


class _Body(BaseModel):
    """Refuses unknown keys, and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, title=None)


# --- segments, sent -----------------------------------------------------------------------------


class GreenflashAnalysisRule(_Body):
    """The mean over the user's scored conversations in scope. False without any."""

    type: Literal["analysis"]
    field: Literal[tuple(SCORES)]  # type: ignore[valid-type]  # made from the table
    operator: Literal[tuple(SCORE_OPERATORS)]  # type: ignore[valid-type]  # made from the table
    value: float


class GreenflashFlagRule(_Body):
    """true: any conversation in scope has the flag. false: none has it."""

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
    """Any conversation in scope has the property; with `neq`, none has that value."""

    type: Literal["conversation_property"]


class GreenflashCountRule(_Body):
    """The number of the user's conversations in scope."""

    type: Literal["conversation_count"]
    operator: Literal[tuple(COUNT_OPERATORS)]  # type: ignore[valid-type]  # made from the table
    value: int = Field(ge=0)


class GreenflashSeenRule(_Body):
    """When the user was last active: a message, an event, or a change of their properties."""

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
    """The conversations that count, by their latest message."""

    preset: Literal[tuple(PRESETS)] = absent(description="A rolling window.")  # type: ignore[valid-type]  # made from the table
    from_: str = absent(alias="from", description="A date, from its start, or an instant.")
    to: str = absent(description="A date, to its end, or an instant.")


class GreenflashFilters(_Body):
    """All rules must match. `dateRange` and `productIds` bound the rules about conversations."""

    rules: list[Annotated[Rule, Field(discriminator="type")]] = Field(min_length=1, max_length=RULES_MAX)
    dateRange: GreenflashDateRange = absent()
    productIds: list[Uuid] = absent(min_length=1, max_length=PRODUCTS_MAX)


class GreenflashNewSegment(_Body):
    filters: GreenflashFilters
    name: Text | None = absent(description="Made from the rules if absent.")
    description: str | None = absent()
    icon: Annotated[str, Field(max_length=50)] | None = absent(examples=["Users"])


# --- the rest, sent -----------------------------------------------------------------------------


class UserFields(_Body):
    name: Words | None = absent()
    email: str | None = absent()
    phone: Words | None = absent()
    properties: Properties = Field(default_factory=dict)
    anonymized: bool = absent(description="true: name, email and phone are deleted and no longer stored.")
    organizationId: Text | None = absent(description="The id of an existing organization.")
    externalOrganizationId: Text | None = absent(description="Creates the organization if it does not exist.")


class GreenflashNewUser(UserFields):
    """Creates the user, or updates the one with this id. Absent fields stay; null removes."""

    externalUserId: Text


class GreenflashUserChange(UserFields):
    """Absent fields stay; null removes."""


class GreenflashOrganizationChange(_Body):
    """Absent fields stay; null removes."""

    name: Words | None = absent()
    properties: AnyJson = Field(default_factory=dict)


class GreenflashNewOrganization(GreenflashOrganizationChange):
    externalOrganizationId: Text


MessageType: TypeAlias = Literal[
    "user_message", "assistant_message", "system_message", "final_response", "thought", "tool_call", "observation",
    "retrieval", "memory_read", "memory_write", "chain_start", "chain_end", "embedding", "tool_error", "callback",
    "llm", "task", "workflow",
]  # fmt: skip


class GreenflashMessageItem(_Body):
    """A message. Send `role` or `messageType`, not both; without either it is a user's message."""

    role: Literal["user", "assistant", "system"] | None = absent()
    messageType: MessageType | None = absent()
    content: str | None = absent()
    context: str | None = absent()
    createdAt: Moment | None = absent()
    externalMessageId: Text | None = absent(description="Messages of a conversation with the same one are one message.")
    input: AnyJson | None = absent()
    output: AnyJson | None = absent()
    model: str | None = absent()
    parentMessageId: str | None = absent()
    parentExternalMessageId: str | None = absent()
    properties: AnyJson | None = absent()
    toolName: str | None = absent(description="Required for a `tool_call`.")
    voice: AnyJson | None = absent()


class GreenflashMessages(_Body):
    """Messages of a conversation, found by `conversationId` or `externalConversationId`.

    `externalConversationId` creates the conversation if it does not exist; `productId` alone
    creates one each time.
    """

    externalUserId: Text
    messages: list[GreenflashMessageItem] = Field(max_length=MESSAGES_MAX)
    conversationId: Text | None = absent()
    externalConversationId: Text | None = absent()
    productId: Text | None = absent()
    externalOrganizationId: Text | None = absent()
    model: Text | None = absent()
    properties: Properties = Field(default_factory=dict)
    systemPrompt: str | AnyJson | None = absent(
        description="Accepted but not stored: prompts are outside segmentation."
    )
    voiceCall: AnyJson | None = absent(description="Stored as properties of the conversation: `voiceCall.durationMs`.")
    sampleRate: Annotated[float, Field(ge=0, le=1)] | None = absent(
        description="Accepted; everything is stored regardless."
    )
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
    """An event of `userId`, of `externalUserId`, or of the user of the conversation."""

    eventType: Text
    productId: Text
    value: Words
    valueType: Literal["currency", "numeric", "text", "boolean"] | None = absent(description="Default: text.")
    userId: Text | None = absent()
    externalUserId: Text | None = absent()
    conversationId: Text | None = absent()
    externalConversationId: Text | None = absent()
    organizationId: Text | None = absent()
    externalOrganizationId: Text | None = absent()
    eventAt: Moment | None = absent()
    insertId: Text | None = absent(description="Events with the same one are one event; the first is stored.")
    influence: Literal["positive", "negative", "neutral"] | None = absent()
    qualityImpactScore: Annotated[float, Field(ge=-1, le=1)] | None = absent()
    properties: Properties = Field(default_factory=dict)
    sampleRate: Annotated[float, Field(ge=0, le=1)] | None = absent(
        description="Accepted; everything is stored regardless."
    )
    forceSample: bool | None = absent()


# --- answers ------------------------------------------------------------------------------------


Kind: TypeAlias = Literal["system", "custom"]


class GreenflashMembership(BaseModel):
    model_config = with_example(examples.MEMBERSHIP_EXAMPLE)

    id: Uuid
    name: str
    type: Kind
    presetId: str | None = Field(description="The preset of a system segment.", examples=["happy-users"])


class GreenflashSegmentSummary(GreenflashMembership):
    model_config = with_example(examples.SUMMARY_EXAMPLE)

    memberCount: int
    isFavorited: bool = Field(description="Always false: Coterie has no favourites.")


class _Definition(BaseModel):
    description: str | None
    icon: str | None
    filters: dict[str, Any] = Field(
        description="As they were sent. For a segment made elsewhere that this grammar cannot express, "
        "Coterie's own rule."
    )
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashCreatedSegment(_Definition):
    model_config = with_example(examples.CREATED_EXAMPLE)

    id: Uuid
    name: str
    type: Literal["custom"]


class GreenflashSegment(_Definition, GreenflashSegmentSummary):
    model_config = with_example(examples.SEGMENT_EXAMPLE)

    createdBy: str | None = Field(description="Always null.")


class GreenflashParticipant(BaseModel):
    model_config = with_example(examples.PARTICIPANT_EXAMPLE)

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
    model_config = with_example({"success": True, "participant": examples.PARTICIPANT_EXAMPLE})

    success: bool
    participant: GreenflashParticipant


class GreenflashOrganization(BaseModel):
    model_config = with_example(examples.ORGANIZATION_EXAMPLE)

    id: Uuid
    externalId: str | None
    name: str | None
    properties: dict[str, Any]
    createdAt: Stamp
    updatedAt: Stamp


class GreenflashOrganizationWritten(BaseModel):
    model_config = with_example({"success": True, "organization": examples.ORGANIZATION_EXAMPLE})

    success: bool
    organization: GreenflashOrganization


class GreenflashLoggedMessage(BaseModel):
    messageId: Uuid
    externalMessageId: str | None
    messageType: str
    status: Literal["created", "deduplicated"]


class GreenflashMessagesLogged(BaseModel):
    model_config = with_example(examples.LOGGED_EXAMPLE)

    success: bool
    conversationId: Uuid
    messages: list[GreenflashLoggedMessage]
    systemPromptPromptId: str = Field(description="The prompt's id as it was sent, or empty.")
    systemPromptComponentIds: list[str] = Field(max_length=0)


class GreenflashRatingLogged(BaseModel):
    model_config = with_example({"success": True})

    success: bool


class GreenflashEventLogged(BaseModel):
    model_config = with_example({"success": True, "eventId": "order-7"})

    success: bool
    eventId: str = Field(description="The `insertId`, or a new id if none was sent.")


class GreenflashInteraction(BaseModel):
    model_config = with_example(examples.INTERACTION_EXAMPLE)

    id: Uuid
    externalId: str | None
    participantId: Uuid
    externalParticipantId: str | None
    organizationId: str | None
    organizationExternalId: str | None
    productId: str = Field(description="Empty if unknown.")
    versionId: str = Field(description="Empty if unknown.")
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
    model_config = with_example(examples.DETAIL_EXAMPLE)

    participant: GreenflashInteractionParticipant
    messages: list[GreenflashTurn]


class GreenflashScore(BaseModel):
    score: float = Field(description="0 without any score, with the label `no data`.")
    label: str


class GreenflashShare(BaseModel):
    total: int
    percentage: float = Field(description="Percentage of the conversations, 0 to 100.")


class GreenflashNamedCount(BaseModel):
    name: str
    count: int


class GreenflashSegmentAnalytics(BaseModel):
    model_config = with_example(examples.ANALYTICS_EXAMPLE)

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
    topicGroups: list[GreenflashNamedCount] = Field(description="Always empty: no data groups topics.")
    keywords: list[GreenflashNamedCount]
    summary: dict[str, Any] | None = Field(description="Always null.")


class GreenflashFault(BaseModel):
    message: str
    path: str


class GreenflashError(BaseModel):
    model_config = with_example(examples.ERROR_EXAMPLE)

    success: Literal[False]
    error: str
    message: str
    path: str | None = Field(None, description="The place in the request, if a field is to blame.")
    errors: list[GreenflashFault] | None = Field(None, description="Every error, if there are several.")
