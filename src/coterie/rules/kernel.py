"""The kernel: the few shapes that everything below `rules` has to understand.

Operators lower to these (`lower.py`), so the index and the SQL engines never hear of operators. A lowered rule is a tree
of `And`, `Or`, `Complement` and leaves. A leaf is *positive*: false for a profile whose value is missing or of another kind; negations are
a `Complement` around one, so twins share a cached leaf. Leaves are frozen, hashable and canonical: two conditions that mean the
same give equal leaves.

All time bounds are instants in milliseconds, inclusive at both ends, None for open. Text in a leaf with `cased` False is already
folded (`values.fold`) and is compared with the folded value.

A leaf asks about a *subject*, which has at most one value per profile: a property (its name), when a property last changed (`ChangedAt`), a measure
over events or conversations (`Measured`), or whether events followed one another (`Followed`). The field is called `property` in every leaf,
whatever its subject is. Events and conversations are *happenings*: each has an instant (`at`) and values of its own; the `where` of a
measure is a lowered rule over those values, in whose leaves `property` is always a name, and `AT` stands for the instant.

It is long because the whole kernel is to be read on one page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

AT = "\0at"
"""The name under which a happening's instant is looked at. No property can be called so."""


# --- subjects


@dataclass(frozen=True, slots=True)
class ChangedAt:
    """When the property got the value it has (a time). Missing where the property is."""

    property: str


@dataclass(frozen=True, slots=True)
class EventsNamed:
    """The profile's events of one name; of every name where it is None."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Conversations:
    """The profile's conversations, each at the instant of its latest message."""


Source: TypeAlias = EventsNamed | Conversations


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure over those happenings of a source that lie in the window and meet `where`.

    `window` is the conjunction of leaves on `AT`; it always contains one that leaves out what is yet to come. For `change` it is the later of the
    two windows, `TimeAround(AT, 1 - length, 0)`, and the earlier one is as long and ends where that begins.
    """

    source: Source
    measure: str  # one of nodes.MEASURES but `none`, which is a complement of `any`
    of: str | None
    window: tuple[TimeRange | TimeAround | TimeInCalendar, ...]
    where: Lowered | None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.source, self.measure, self.of, self.window, self.where)))

    def __hash__(self) -> int:
        """Computed once: subjects are looked up for every event, and a hash of nested leaves takes a microsecond."""
        return self._hash


@dataclass(frozen=True, slots=True)
class LoweredStep:
    """One event of a sequence. `within` is in milliseconds after the step before, that length included."""

    source: EventsNamed
    where: Lowered | None
    within: int | None


@dataclass(frozen=True, slots=True)
class Followed:
    """Whether the profile has events in the window, each later than the one before, that meet the steps in order (a boolean, never missing)."""

    steps: tuple[LoweredStep, ...]
    window: tuple[TimeRange | TimeAround | TimeInCalendar, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.steps, self.window)))

    def __hash__(self) -> int:
        """Computed once: subjects are looked up for every event, and a hash of nested leaves takes a microsecond."""
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
    """A text that contains, starts with or ends with `pattern`, or in which RE2 finds `pattern` anywhere ("regex").

    A regex that is not `cased` is matched with RE2's (?i) against the original text; the others against folded text.
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
    """A number between `low` and `high`; an end is excluded where its `open_` flag says so, absent where None."""

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
    """A time from now + `low` to now + `high` (milliseconds, usually negative for the past). Moves with the clock."""

    property: Subject
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TimeInCalendar:
    """A time inside the period named by a calendar `word` at the moment of asking, cut in the workspace's zone."""

    property: Subject
    word: str


@dataclass(frozen=True, slots=True)
class Anniversary:
    """A time whose month and day, in the workspace's zone, fall on one of the `days` days that start with today."""

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
    """A profile whose number, mixed with `seed`, comes out below `below` (see `rules/sampling.py`); `below` is at most 2**64."""

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
