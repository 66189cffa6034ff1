"""A rule is a tree of seven kinds of node. The set is closed: take it apart with `match` and `assert_never`.

Nodes are frozen, hashable and hold values that have been read (an operand is never raw JSON). `read.py` makes them from JSON,
`write.py` turns them back, `build.py` makes them from Python expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from coterie.rules.values import Instant


@dataclass(frozen=True, slots=True)
class Duration:
    """An exact length of time. `text` is how it was written (`30d`), which is how it is written back."""

    milliseconds: int
    text: str


Operand: TypeAlias = (
    str
    | float
    | bool
    | Instant
    | date
    | Duration
    | tuple[str, ...]
    | tuple[float, ...]
    | tuple[Instant | date, ...]
    | None
)


@dataclass(frozen=True, slots=True)
class All:
    """True when every child is. Never empty."""

    children: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when at least one child is. Never empty."""

    children: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The true complement of its child: it also holds for a profile of which nothing is known."""

    child: Rule


@dataclass(frozen=True, slots=True)
class PropertyCondition:
    """One property of the profile, an operator, and the operand it is compared with.

    `property` is one of the profile's own (`email`, `external_id`, `created_at`, `updated_at`) or any name that was sent.
    """

    property: str
    operator: str
    operand: Operand = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The window of the given length that ends now."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Before:
    """Everything older than the given length."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Between:
    """From one instant to another; either end may be open."""

    start: Instant | date | None
    end: Instant | date | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar word, cut in the workspace's zone: `this_month`."""

    word: str


Window: TypeAlias = Last | Before | Between | Calendar | None

MEASURES = (
    "count", "sum", "mean", "min", "max", "distinct", "first", "last", "first_at", "last_at", "any", "none", "change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventCondition:
    """A measure over the profile's events called `name`, an operator and an operand.

    `where` is a rule over the event's own properties; `of` names the event property measured, where the measure needs one.
    """

    name: str
    measure: str
    operator: str
    operand: Operand = None
    of: str | None = None
    window: Window = None
    where: Rule | None = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class ConversationCondition:
    """A measure over the profile's conversations; the same fields as an event's, but for the name."""

    measure: str
    operator: str
    operand: Operand = None
    of: str | None = None
    window: Window = None
    where: Rule | None = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class SegmentCondition:
    """True for the members of another segment, given by its id."""

    segment: str


Condition: TypeAlias = PropertyCondition | EventCondition | ConversationCondition | SegmentCondition
Rule: TypeAlias = All | Any | Not | Condition
