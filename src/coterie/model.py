"""The things Coterie speaks of, as plain frozen data. They do not serialise themselves: only the faces know a wire.

It is long because the words of the project stand in one place; none of it decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeAlias, TypeVar

from coterie.errors import Problem
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Kind, Value

T = TypeVar("T")


class Unset:
    """The type of `UNSET`: the field was not sent, which is not the same as sent as null."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset()

PROFILE_FIELDS = ("external_id", "email", "created_at", "updated_at")
"""What every profile has of itself; rules look at these by the same names, so no property may be called one of them."""


# --- profiles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, or whoever is known by an email or an external id: what is known of them."""

    id: str  # UUIDv7
    external_id: str | None
    email: str | None
    properties: Mapping[str, Value]
    created_at: Instant
    updated_at: Instant
    lists: tuple[str, ...] = ()  # ids of the static segments it is in


@dataclass(frozen=True, slots=True)
class ProfileInput:
    """A profile as it is sent. Fields left UNSET, and properties not named, stay as they are; None removes.

    Property values are as they come: JSON values, datetimes, tagged times `{"time": ...}`; the workspace reads them at
    the door. `lists` replaces the static segments the profile is in.
    """

    id: str | Unset = UNSET
    external_id: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    properties: Mapping[str, object] = field(default_factory=dict)
    lists: Sequence[str] | Unset = UNSET
    anonymous_id: str | Unset = UNSET  # one more name of it; another profile known by that alone is merged into it


class Outcome(StrEnum):
    CREATED = "created"
    CLAIMED = "claimed"  # a profile known by email only now has an external id
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ProfileWrite:
    id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a batch that was not stored, and why. Paths are relative to the item."""

    problems: tuple[Problem, ...]


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """Whose event or conversation it is: by one or more identifiers. A profile nobody knows yet is made, unless it is named by `id` only.

    `id` is the profile's own; else `external_id` is looked up first, then `email`, then `anonymous_id`. A profile known by `anonymous_id` only
    is what a browser is before its person signs in; naming it together with another identifier merges the two.
    """

    id: str | Unset = UNSET
    external_id: str | Unset = UNSET
    email: str | Unset = UNSET
    anonymous_id: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class EventInput:
    """An event as it is sent. `at` is ISO 8601 text, an aware datetime or an Instant, now when UNSET; properties are as for a profile.

    Events with the same `message_id` are one event, for as long as it is kept: the first that came.
    """

    name: str
    profile: ProfileRef
    at: object | Unset = UNSET
    message_id: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


class EventOutcome(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"  # its message_id was stored before


@dataclass(frozen=True, slots=True)
class EventWrite:
    profile_id: str
    outcome: EventOutcome


@dataclass(frozen=True, slots=True)
class MergeProfiles:
    """Two references turn out to be to one person: `loser` is merged into `winner`. Either is made where nobody knows it."""

    winner: ProfileRef
    loser: ProfileRef


@dataclass(frozen=True, slots=True)
class FirstAccepted:
    """`first`; or, where its identifiers contradict what is known, `otherwise`."""

    first: ProfileInput
    otherwise: ProfileInput


@dataclass(frozen=True, slots=True)
class Event:
    """Something a profile did."""

    profile_id: str
    name: str
    at: Instant
    message_id: str | None
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class EventName:
    """What is known of the events of one name."""

    name: str
    count: int
    first_at: Instant | None
    last_at: Instant | None


@dataclass(frozen=True, slots=True)
class EventProperty:
    """A property that events of a name have had, and in which kinds."""

    name: str
    kinds: tuple[Kind, ...]
    first_seen_at: Instant


# --- conversations ----------------------------------------------------------------------------------------------------

SCORES = ("sentiment", "frustration", "struggle", "commercial_intent", "cqi", "rating")
FLAGS = (
    "jailbreak_detected", "hallucination_detected", "user_toxicity_detected", "model_toxicity_detected",
    "user_bias_detected", "model_bias_detected", "missing_capability_detected",
)  # fmt: skip
ANALYSIS_LISTS = ("topics", "keywords")
CONVERSATION_FIELDS = (
    *SCORES, *FLAGS, *ANALYSIS_LISTS, "product_id", "version_id", "model", "started_at", "message_count",
)  # fmt: skip
"""What rules see of a conversation beside its own properties. A property with one of these names is seen as `properties.<name>`."""


@dataclass(frozen=True, slots=True)
class MessageInput:
    """A message of a conversation. Within it, messages with the same `external_id` are one: the first that came."""

    role: str  # user, assistant, system, tool or what the sender calls it
    content: str | None = None
    external_id: str | None = None
    at: object | Unset = UNSET
    extra: Mapping[str, object] = field(default_factory=dict)  # kept and shown, not looked at by rules: any JSON


@dataclass(frozen=True, slots=True)
class ConversationInput:
    """A conversation as it is sent: found by `id` or `external_id`, else made. Fields left UNSET stay; None removes.

    `analysis` takes SCORES (numbers), FLAGS (booleans) and ANALYSIS_LISTS (lists of text). `properties`, `analysis` are merged name by name.
    `messages` are added. `at` is the instant it counts at; when it is never sent, that is its latest message, or when it was first seen.
    """

    id: str | Unset = UNSET
    external_id: str | Unset = UNSET
    profile: ProfileRef | Unset = UNSET  # needed to make one
    product_id: str | None | Unset = UNSET
    version_id: str | None | Unset = UNSET
    model: str | None | Unset = UNSET
    started_at: object | None | Unset = UNSET
    at: object | Unset = UNSET
    properties: Mapping[str, object] = field(default_factory=dict)
    analysis: Mapping[str, object] = field(default_factory=dict)
    messages: Sequence[MessageInput] = ()


@dataclass(frozen=True, slots=True)
class ConversationWrite:
    """`messages` says for each message that was sent its id, and whether it was new."""

    id: str
    profile_id: str
    outcome: Outcome
    messages: tuple[tuple[str, bool], ...] = ()


Fact: TypeAlias = ProfileInput | EventInput | ConversationInput | MergeProfiles | FirstAccepted
FactWrite: TypeAlias = ProfileWrite | EventWrite | ConversationWrite
"""The result of writing a fact."""


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    external_id: str | None
    role: str
    content: str | None
    at: Instant
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a profile said, and what came of analysing it. `at` is the instant it counts at for windows."""

    id: str  # UUIDv7
    external_id: str | None
    profile_id: str
    product_id: str | None
    version_id: str | None
    model: str | None
    started_at: Instant
    at: Instant
    properties: Mapping[str, Value]
    analysis: Mapping[str, Value]
    message_count: int
    created_at: Instant
    updated_at: Instant


# --- organizations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Organization:
    """A company or a team, as dialects that know of them send it: kept and shown. Rules look at the properties of a profile by which it belongs to one."""

    id: str  # UUIDv7
    external_id: str
    name: str | None
    properties: Mapping[str, object]  # any JSON
    created_at: Instant
    updated_at: Instant


# --- segments ---------------------------------------------------------------------------------------------------------


class SegmentKind(StrEnum):
    """`dynamic` follows a rule; `static` is a list that people are put into; `system` is made by Coterie itself."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Origin:
    """The dialect a segment was made in and its definition as it was sent there, to be shown back exactly so."""

    dialect: str
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Segment:
    """A named set of profiles, its definition, and how many are in it now."""

    id: str  # UUIDv7
    name: str
    kind: SegmentKind
    rule: Rule | None  # None for static
    description: str | None
    origin: Origin | None
    version: int  # of the definition: 1, then one more at each change of the rule
    member_count: int
    created_at: Instant
    updated_at: Instant


class Action(StrEnum):
    ENTER = "enter"
    EXIT = "exit"


class Cause(StrEnum):
    FACTS = "facts"
    TIME = "time"
    DEFINITION = "definition"
    PROFILE_DELETED = "profile_deleted"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Transition:
    sequence: int  # gap-free per workspace, from 1
    segment_id: str
    segment_version: int
    profile_id: str | None  # None once the profile has been deleted
    action: Action
    cause: Cause
    at: Instant


# --- properties -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Property:
    """A declared or seen property. `type` is None when it was never declared: values then keep the kind they were sent with."""

    id: str  # UUIDv7
    name: str
    type: Kind | None
    fallback: str | None  # SendKit's fallback_value; for templates, never part of matching
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class TopValue:
    value: str | bool
    count: int


@dataclass(frozen=True, slots=True)
class KindSummary:
    """What is known of one property's values of one kind."""

    kind: Kind
    count: int  # profiles that have it
    distinct: int | None  # None where it was not counted (too many)
    top: tuple[TopValue, ...] = ()  # text, boolean, list
    low: float | Instant | None = None  # number, time
    high: float | Instant | None = None


@dataclass(frozen=True, slots=True)
class PropertySummary:
    property: Property
    count: int  # profiles that have any value
    kinds: tuple[KindSummary, ...]


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """The answer to a declaration: how many stored values were converted, and how many became missing because they could not be."""

    property: Property
    converted: int
    dropped: int
    warnings: tuple[
        Problem, ...
    ] = ()  # segments whose rules compare with another kind now; `path` is (segment id, ...)


RewriteRules: TypeAlias = Callable[[Sequence[Segment], Sequence[Property]], Mapping[str, Rule]]
"""Given every segment, oldest first, and every property as it will be, the rules that change, by segment id.

It runs in the writer's thread, so it must not call the workspace. What it raises leaves everything as it was."""


# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. `next` is the cursor of the following page, None on the last. `total` where it is known."""

    items: tuple[T, ...]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class NodeCount:
    """How many profiles one node of the rule holds for, on its own. `path` leads to it in the rule's canonical JSON."""

    path: tuple[str | int, ...]
    sentence: str
    count: int
    children: tuple[NodeCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What saving the rule over an existing segment would do."""

    segment_id: str
    enter: int
    leave: int
    stay: int


@dataclass(frozen=True, slots=True)
class Preview:
    count: int
    total: int  # all profiles
    tree: NodeCount
    sample: tuple[Profile, ...]
    sentence: str
    warnings: tuple[Problem, ...]
    as_of: Instant
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One node of a rule, judged for one profile. `actual` is the value that was looked at, None where missing or for a group."""

    path: tuple[str | int, ...]
    sentence: str
    holds: bool
    actual: Value | None = None
    children: tuple[Verdict, ...] = ()
    counted: tuple[Counted, ...] = ()  # events and conversations that went into `actual`, latest first, the first few
    counted_count: int = 0  # all of them


@dataclass(frozen=True, slots=True)
class Counted:
    """An event or a conversation that a measure counted. `name` is the event's, None for a conversation."""

    name: str | None
    at: Instant
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explanation:
    profile_id: str
    segment_id: str
    member: bool
    since: Instant | None  # the transition that made it so; None when it never moved
    verdict: Verdict | None  # None for static segments
    as_of: Instant
    changes_at: Instant | None = None  # when membership next changes if nothing happens; None where it never will
    changes_known_until: Instant | None = None  # how far ahead was looked; None where the answer holds for ever


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `coterie check` found. `faults` is empty when the data directory is sound."""

    profiles: int
    segments: int
    transitions: int
    faults: tuple[str, ...]


# --- history ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SizeAt:
    """How many were in a segment at an instant, and how many came and went since the point before."""

    at: Instant
    count: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in a segment between two instants. Those who came and went again in between are counted by cause, and are in neither set."""

    segment_id: str
    from_at: Instant
    to_at: Instant
    count_from: int
    count_to: int
    entered: int  # in at the end, not at the beginning
    left: int
    causes: Mapping[str, Mapping[str, int]]  # cause -> {"enter": transitions, "exit": transitions}


# --- destinations -----------------------------------------------------------------------------------------------------


class DestinationState(StrEnum):
    ACTIVE = "active"
    FAILING = "failing"  # the last attempt failed; attempts go on
    DISABLED = "disabled"  # by hand, or after five days of failures only


@dataclass(frozen=True, slots=True)
class Destination:
    """A webhook: where transitions are sent. `segments`, `actions` and `causes` narrow them down; None lets all through."""

    id: str  # UUIDv7
    url: str
    description: str | None
    segments: tuple[str, ...] | None
    actions: tuple[Action, ...] | None
    causes: tuple[Cause, ...] | None
    state: DestinationState
    state_reason: str | None
    delivered_sequence: int  # every transition up to it was delivered, given up, or waits in a retry
    waiting_count: int  # deliveries that wait for another attempt
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class DestinationSecret:
    """What deliveries are signed with (`whsec_...`). An old one signs too until it `expires_at`."""

    secret: str
    created_at: Instant
    expires_at: Instant | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at delivering one transition. `status` is the receiver's; None where none came, and `error` says why."""

    sequence: int
    message_id: str
    at: Instant
    status: int | None
    error: str | None
    took: float  # seconds
    next_at: Instant | None


# --- access and receipts ----------------------------------------------------------------------------------------------


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, without its secret. Scopes include one another: admin > write > read."""

    id: str
    name: str
    workspace: str
    scope: Scope
    prefix: str  # the first characters of the secret, to recognise it by
    created_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """What makes a write happen once: the caller's key, a fingerprint of the request, and how to render the answer.

    `render` is called inside the transaction; its bytes are stored with the facts, and given again to the same key.
    """

    key: str
    fingerprint: str
    render: Callable[[object], bytes]


class IdempotentReplay(Exception):
    """Raised instead of writing twice: `answer` is what the first request with this record's key was told."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("answered before")
        self.answer = answer
