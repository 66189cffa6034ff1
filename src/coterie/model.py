"""The nouns of Coterie as plain frozen data.

They do not serialise themselves: only the dialects know a wire format. The file is long because
the project's words are defined in one place; none of it decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeAlias, TypeVar

from coterie.errors import Problem
from coterie.rules.nodes import Rule
from coterie.rules.normalize import NormalRule
from coterie.rules.values import Instant, Kind, Value

T = TypeVar("T")


class Unset:
    """The type of `UNSET`: the field was not sent, which differs from null."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset()

PROFILE_FIELDS = ("external_id", "email", "created_at", "updated_at")
"""The fields of every profile. Rules use the same names, so no property may have one of them."""


# --- profiles


@dataclass(frozen=True, slots=True)
class Profile:
    """A person or account: its identifiers and its properties."""

    id: str  # UUIDv7
    external_id: str | None
    email: str | None
    properties: Mapping[str, Value]
    created_at: Instant
    updated_at: Instant
    lists: tuple[str, ...] = ()  # ids of the static segments it is in


@dataclass(frozen=True, slots=True)
class ProfileInput:
    """A profile as it is sent. Fields left UNSET and properties not named stay; None removes.

    Property values may be JSON values, datetimes or tagged times (`{"time": ...}`); the workspace
    coerces them on input. `lists` replaces the static segments that the profile is in.
    """

    id: str | Unset = UNSET
    external_id: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    properties: Mapping[str, object] = field(default_factory=dict)
    lists: Sequence[str] | Unset = UNSET
    anonymous_id: str | Unset = UNSET  # a profile with no other identifier is merged into it


class Outcome(StrEnum):
    """The result of putting a profile or a conversation."""

    CREATED = "created"
    CLAIMED = "claimed"  # a profile known by email only now has an external id
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ProfileWrite:
    """The result of putting a profile."""

    id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a batch that was not stored, and why. Paths are relative to the item."""

    problems: tuple[Problem, ...]


# --- events


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """The profile of an event or conversation, by one or more identifiers.

    An unknown profile is created, unless `id` alone names it. `id` is Coterie's own id; otherwise
    `external_id` is looked up first, then `email`, then `anonymous_id`. A profile with an
    `anonymous_id` only is a browser before its user signs in; a reference that adds another
    identifier merges the two profiles.
    """

    id: str | Unset = UNSET
    external_id: str | Unset = UNSET
    email: str | Unset = UNSET
    anonymous_id: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class EventInput:
    """An event as it is sent.

    `at` is ISO 8601 text, an aware datetime or an Instant; UNSET means now. Properties are as for
    a profile. Of events with the same `message_id` only the first is stored.
    """

    name: str
    profile: ProfileRef
    at: object | Unset = UNSET
    message_id: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


class EventOutcome(StrEnum):
    """The result of putting an event."""

    STORED = "stored"
    DUPLICATE = "duplicate"  # its message_id was stored before


@dataclass(frozen=True, slots=True)
class EventWrite:
    """The result of putting an event: its profile, and whether it was new."""

    profile_id: str
    outcome: EventOutcome


@dataclass(frozen=True, slots=True)
class MergeProfiles:
    """Merge the profile `loser` into `winner`. An unknown profile is created first."""

    winner: ProfileRef
    loser: ProfileRef


@dataclass(frozen=True, slots=True)
class PutInOrganization:
    """Put `profile` into the organization with this external id, which is created if needed.

    With None, take it out of its organization.
    """

    profile: ProfileInput
    organization: str | None


@dataclass(frozen=True, slots=True)
class FirstAccepted:
    """Put `first`, or `otherwise` where the identifiers of `first` conflict with stored ones."""

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
    """One event name, with the count and the first and last instant of its events."""

    name: str
    count: int
    first_at: Instant | None
    last_at: Instant | None


@dataclass(frozen=True, slots=True)
class EventProperty:
    """A property of the events of one name, and the kinds of its values."""

    name: str
    kinds: tuple[Kind, ...]
    first_seen_at: Instant


# --- conversations

SCORES = ("sentiment", "frustration", "struggle", "commercial_intent", "cqi", "rating")
FLAGS = (
    "jailbreak_detected", "hallucination_detected", "user_toxicity_detected", "model_toxicity_detected",
    "user_bias_detected", "model_bias_detected", "missing_capability_detected",
)  # fmt: skip
ANALYSIS_LISTS = ("topics", "keywords")
CONVERSATION_FIELDS = (
    *SCORES, *FLAGS, *ANALYSIS_LISTS, "product_id", "version_id", "model", "started_at", "message_count",
)  # fmt: skip
"""A conversation's fields in rules. A property with one of these names is `properties.<name>`."""


@dataclass(frozen=True, slots=True)
class MessageInput:
    """A message of a conversation. Of messages with one `external_id` only the first is stored."""

    role: str  # user, assistant, system, tool or what the sender calls it
    content: str | None = None
    external_id: str | None = None
    at: object | Unset = UNSET
    extra: Mapping[str, object] = field(default_factory=dict)  # any JSON; stored and returned, not visible to rules


@dataclass(frozen=True, slots=True)
class ConversationInput:
    """A conversation as it is sent: found by `id` or `external_id`, otherwise created.

    Fields left UNSET stay; None removes. `analysis` takes SCORES (numbers), FLAGS (booleans) and
    ANALYSIS_LISTS (lists of text). `properties` and `analysis` are merged by name; `messages` are
    added. `at` is the instant at which windows count the conversation; by default that of its
    latest message, or else of its arrival.
    """

    id: str | Unset = UNSET
    external_id: str | Unset = UNSET
    profile: ProfileRef | Unset = UNSET  # required to create a conversation
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
    """`messages` has the id of each message sent, and whether it was new."""

    id: str
    profile_id: str
    outcome: Outcome
    messages: tuple[tuple[str, bool], ...] = ()


Fact: TypeAlias = ProfileInput | EventInput | ConversationInput | MergeProfiles | FirstAccepted | PutInOrganization
FactWrite: TypeAlias = ProfileWrite | EventWrite | ConversationWrite
"""The result of writing a fact."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation, as stored."""

    id: str
    external_id: str | None
    role: str
    content: str | None
    at: Instant
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its analysis. `at` is the instant at which windows count it."""

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


# --- organizations


@dataclass(frozen=True, slots=True)
class Organization:
    """A company or a team, stored and returned as it was sent.

    Rules do not see organizations; they see the properties of profiles that refer to one.
    """

    id: str  # UUIDv7
    external_id: str
    name: str | None
    properties: Mapping[str, object]  # any JSON
    created_at: Instant
    updated_at: Instant


# --- segments


class SegmentKind(StrEnum):
    """`dynamic` follows a rule, `static` is a list edited by hand, `system` comes with Coterie."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Origin:
    """The dialect that created a segment, and the definition exactly as it was sent."""

    dialect: str
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Segment:
    """A named set of profiles: its definition and the count of its members now."""

    id: str  # UUIDv7
    name: str
    kind: SegmentKind
    rule: Rule | None  # None for static
    document: Mapping[str, object] | None  # the rule as canonical JSON values
    description: str | None
    origin: Origin | None
    version: int  # of the definition: 1, then one more at each change of the rule
    member_count: int
    created_at: Instant
    updated_at: Instant


class Action(StrEnum):
    """The direction of a transition."""

    ENTER = "enter"
    EXIT = "exit"


class Cause(StrEnum):
    """Why a transition happened."""

    FACTS = "facts"
    TIME = "time"
    DEFINITION = "definition"
    PROFILE_DELETED = "profile_deleted"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Transition:
    """One profile entering or leaving one segment."""

    sequence: int  # gap-free per workspace, from 1
    segment_id: str
    segment_version: int
    profile_id: str | None  # None once the profile has been deleted
    action: Action
    cause: Cause
    at: Instant


# --- properties


@dataclass(frozen=True, slots=True)
class Property:
    """A declared or seen property.

    `type` is None for an undeclared property, whose values keep the kind they were sent with.
    """

    id: str  # UUIDv7
    name: str
    type: Kind | None
    fallback: str | None  # SendKit's fallback_value; for templates, never part of matching
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value, and how many profiles have it."""

    value: str | bool
    count: int


@dataclass(frozen=True, slots=True)
class KindSummary:
    """Statistics of one property's values of one kind."""

    kind: Kind
    count: int  # profiles that have it
    distinct: int | None  # None where it was not counted (too many)
    top: tuple[TopValue, ...] = ()  # text, boolean, list
    low: float | Instant | None = None  # number, time
    high: float | Instant | None = None


@dataclass(frozen=True, slots=True)
class PropertySummary:
    """A property with statistics of its values, kind by kind."""

    property: Property
    count: int  # profiles that have any value
    kinds: tuple[KindSummary, ...]


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """The result of a declaration: stored values converted, and dropped as inconvertible."""

    property: Property
    converted: int
    dropped: int
    # Segments whose rules compare with another kind now; `path` is (segment id, ...).
    warnings: tuple[Problem, ...] = ()


RewriteRules: TypeAlias = Callable[[Sequence[Segment], Sequence[Property]], Mapping[str, Rule | NormalRule]]
"""Given every segment, oldest first, and every property as it will be, returns the rules that
change, by segment id. It runs in the writer's thread, so it must not call the workspace. When it
raises, nothing changes."""


# --- answers


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. `next` is the cursor of the next page, None on the last page."""

    items: tuple[T, ...]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class NodeCount:
    """How many profiles match one node of a rule by itself. `path` is in the canonical JSON."""

    path: tuple[str | int, ...]
    sentence: str
    count: int
    children: tuple[NodeCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What saving the rule as the definition of an existing segment would change."""

    segment_id: str
    enter: int
    leave: int
    stay: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The count of a rule and of each of its nodes, as of one instant."""

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
    """One node of a rule, judged for one profile.

    `actual` is the subject's value, None where it is missing and for a group.
    """

    path: tuple[str | int, ...]
    sentence: str
    holds: bool
    actual: Value | None = None
    children: tuple[Verdict, ...] = ()
    counted: tuple[Counted, ...] = ()  # the latest events and conversations behind `actual`
    counted_count: int = 0  # of all events and conversations behind `actual`


@dataclass(frozen=True, slots=True)
class Counted:
    """An event or conversation that a measure counted. `name` is None for a conversation."""

    name: str | None
    at: Instant
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a profile is in a segment or not."""

    profile_id: str
    segment_id: str
    member: bool
    since: Instant | None  # the last transition; None without one
    verdict: Verdict | None  # None for static segments
    as_of: Instant
    changes_at: Instant | None = None  # when time alone next changes membership; None for never
    changes_known_until: Instant | None = None  # the forecast's end; None for no end


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The report of `coterie check`. `faults` is empty when the data directory is sound."""

    profiles: int
    segments: int
    transitions: int
    faults: tuple[str, ...]


# --- history


@dataclass(frozen=True, slots=True)
class SizeAt:
    """The size of a segment at an instant, and who entered and left since the point before."""

    at: Instant
    count: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in a segment between two instants.

    `causes` counts every transition; `entered` and `left` leave out profiles that returned to
    where they were.
    """

    segment_id: str
    from_at: Instant
    to_at: Instant
    count_from: int
    count_to: int
    entered: int  # in at the end, not at the beginning
    left: int
    causes: Mapping[str, Mapping[str, int]]  # cause -> {"enter": transitions, "exit": transitions}


# --- destinations


class DestinationState(StrEnum):
    """Whether deliveries to a destination succeed, fail or are switched off."""

    ACTIVE = "active"
    FAILING = "failing"  # the last attempt failed; attempts continue
    DISABLED = "disabled"  # by hand, or after five days of nothing but failures


@dataclass(frozen=True, slots=True)
class Destination:
    """A webhook that receives transitions. `segments`, `actions`, `causes` filter; None is all."""

    id: str  # UUIDv7
    url: str
    description: str | None
    segments: tuple[str, ...] | None
    actions: tuple[Action, ...] | None
    causes: tuple[Cause, ...] | None
    state: DestinationState
    state_reason: str | None
    delivered_sequence: int  # transitions up to it are delivered, abandoned or awaiting a retry
    waiting_count: int  # deliveries awaiting another attempt
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class DestinationSecret:
    """The secret that signs deliveries (`whsec_...`). An old secret signs until `expires_at`."""

    secret: str
    created_at: Instant
    expires_at: Instant | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver one transition.

    `status` is the receiver's; None without a response, where `error` says why.
    """

    sequence: int
    message_id: str
    at: Instant
    status: int | None
    error: str | None
    took: float  # seconds
    next_at: Instant | None


# --- access and idempotency


class Scope(StrEnum):
    """What a key may do. Scopes include one another: admin > write > read."""

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
    """Makes a write happen once: the caller's key and a fingerprint of the request.

    `render` turns the result into the response, inside the transaction; its bytes are stored with
    the facts and returned to a repeated request with the same key.
    """

    key: str
    fingerprint: str
    render: Callable[[object], bytes]


class IdempotentReplay(Exception):
    """Raised instead of writing twice. `answer` is the response to the first request."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("answered before")
        self.answer = answer
