"""The kernel: the few shapes that everything below `rules` has to understand.

Operators lower to these (`lower.py`), so the index and the SQL engines never hear of operators. A
lowered rule is a tree of `And`, `Or`, `Complement` and leaves. A leaf is *positive*: false for a
profile whose value is missing or of another kind. A negation is a `Complement` around a leaf, so
twins share a cached leaf. Leaves are frozen, hashable and canonical: two conditions that mean the
same give equal leaves.

All time bounds are instants in milliseconds, inclusive at both ends, None for open. Text in a leaf
with `cased` False is already folded (`values.fold`) and is compared with the folded value.

A leaf asks about a *subject*, which has at most one value per profile: a property (its name), the
instant at which a property last changed (`ChangedAt`), a measure over events or conversations
(`Measured`), or whether events followed one another (`Followed`). The field is called `property` in
every leaf, whatever its subject is. Events and conversations are *activity*: each row has an
instant (`at`) and values of its own. The `where` of a measure is a lowered rule over those values;
in its leaves `property` is always a name, and `AT` stands for the instant.

It is long because the whole kernel is to be read on one page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

AT = "\0at"
"""The name of an activity row's instant. No property can have this name."""


# --- subjects


@dataclass(frozen=True, slots=True)
class ChangedAt:
    """When the property got the value it has (a time). Missing where the property is."""

    property: str


@dataclass(frozen=True, slots=True)
class EventsNamed:
    """The profile's events of one name; of every name where it is None."""

    name: str | None


ANY_EVENT = EventsNamed(None)


@dataclass(frozen=True, slots=True)
class Conversations:
    """The profile's conversations, each at the instant of its latest message."""


Source: TypeAlias = EventsNamed | Conversations


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure over the activity of a source that lies in the window and matches `where`.

    `window` is a conjunction of leaves on `AT`, one of which always excludes the future. For
    `change` it is the later of the two windows, `TimeAround(AT, 1 - length, 0)`; the earlier one is
    as long and ends where that begins.
    """

    source: Source
    measure: str  # one of MEASURES but `none`, which is a complement of `any`
    of: str | None
    window: tuple[TimeRange | TimeAround | TimeInCalendar, ...]
    where: Lowered | None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.source, self.measure, self.of, self.window, self.where)))

    def __hash__(self) -> int:
        """Computed once: every event looks subjects up, and nested leaves are slow to hash."""
        return self._hash


@dataclass(frozen=True, slots=True)
class LoweredStep:
    """One event of a sequence. `within` is in milliseconds after the step before, inclusive."""

    source: EventsNamed
    where: Lowered | None
    within: int | None


@dataclass(frozen=True, slots=True)
class Followed:
    """Whether the profile has events in the window that match the steps in order (never missing).

    Each event is later than the one before.
    """

    steps: tuple[LoweredStep, ...]
    window: tuple[TimeRange | TimeAround | TimeInCalendar, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.steps, self.window)))

    def __hash__(self) -> int:
        """Computed once: every event looks subjects up, and nested leaves are slow to hash."""
        return self._hash


MeasureSubject: TypeAlias = Measured | Followed
"""A subject taken from events or conversations."""
Subject: TypeAlias = str | ChangedAt | MeasureSubject


# --- leaves


@dataclass(frozen=True, slots=True)
class IsSet:
    """The property has a value, of any kind."""

    property: Subject


@dataclass(frozen=True, slots=True)
class TextIn:
    """A text equal to one of `values` (equality is a set of one)."""

    property: Subject
    values: frozenset[str]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that contains, starts or ends with `pattern`, or in which RE2 finds it ("regex").

    A regex that is not `cased` is matched with RE2's (?i) against the original text, the others
    against folded text.
    """

    property: Subject
    how: Literal["contains", "starts", "ends", "regex"]
    pattern: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number equal to one of `values`."""

    property: Subject
    values: frozenset[float]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number between `low` and `high`; its `open_` flag excludes an end, None leaves it open."""

    property: Subject
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False


@dataclass(frozen=True, slots=True)
class BooleanIs:
    property: Subject
    value: bool


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A time from `low` to `high`: fixed instants."""

    property: Subject
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TimeAround:
    """A time from now + `low` to now + `high` (milliseconds). Moves with the clock."""

    property: Subject
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TimeInCalendar:
    """A time inside the period that a calendar `word` names now, cut in the workspace's zone."""

    property: Subject
    word: str


@dataclass(frozen=True, slots=True)
class Anniversary:
    """A time whose month and day fall on one of `days` days from today, in the workspace's zone."""

    property: Subject
    days: int


@dataclass(frozen=True, slots=True)
class ListIncludes:
    """A list with at least one (`every` False) or all (`every` True) of `items` in it."""

    property: Subject
    items: frozenset[str]
    every: bool
    cased: bool = False


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A member of the segment with this id."""

    segment: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A profile whose number, mixed with `seed`, is less than `below`, which is at most 2**64.

    See `rules/sampling.py`.
    """

    seed: int
    below: int


PropertyLeaf: TypeAlias = (
    IsSet | TextIn | TextMatch | NumberIn | NumberRange | BooleanIs
    | TimeRange | TimeAround | TimeInCalendar | Anniversary | ListIncludes
)  # fmt: skip
Leaf: TypeAlias = PropertyLeaf | MemberOf | Sampled
MovingLeaf: TypeAlias = TimeAround | TimeInCalendar | Anniversary


@dataclass(frozen=True, slots=True)
class And:
    children: tuple[Lowered, ...]


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Lowered, ...]


@dataclass(frozen=True, slots=True)
class Complement:
    child: Lowered


Lowered: TypeAlias = And | Or | Complement | Leaf
