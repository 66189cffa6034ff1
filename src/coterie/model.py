"""The things Coterie speaks of, as plain frozen data. They do not serialise themselves: only the faces know a wire.

It is long because the words of the project stand in one place; none of it decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeVar

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
class Refused:
    """An item of a batch that was not stored, and why. Paths are relative to the item."""

    problems: tuple[Problem, ...]


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


@dataclass(frozen=True, slots=True)
class Explanation:
    profile_id: str
    segment_id: str
    member: bool
    since: Instant | None  # the transition that made it so; None when it never moved
    verdict: Verdict | None  # None for static segments
    as_of: Instant


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `coterie check` found. `faults` is empty when the data directory is sound."""

    profiles: int
    segments: int
    transitions: int
    faults: tuple[str, ...]


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
class Receipt:
    """What makes a write happen once: the caller's key, a fingerprint of the request, and how to render the answer.

    `render` is called inside the transaction; its bytes are stored with the facts, and given again to the same key.
    """

    key: str
    fingerprint: str
    render: Callable[[object], bytes]


class AnsweredBefore(Exception):
    """Raised instead of writing twice: `answer` is what the first request with this receipt's key was told."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("answered before")
        self.answer = answer
