"""The kernel: the few shapes that everything below `rules` has to understand.

Operators lower to these (`lower.py`), so the index and the SQL engines never hear of operators. A lowered rule is a tree
of `And`, `Or`, `Complement` and leaves. A leaf is *positive*: false for a profile whose value is missing or of another kind; negations are
a `Complement` around one, so twins share a cached leaf. Leaves are frozen, hashable and canonical: two conditions that mean the
same give equal leaves.

All time bounds are instants in milliseconds, inclusive at both ends, None for open. Text in a leaf with `cased` False is already
folded (`values.fold`) and is compared with the folded value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class IsSet:
    """The property has a value, of any kind."""

    property: str


@dataclass(frozen=True, slots=True)
class TextIn:
    """A text equal to one of `values` (equality is a set of one)."""

    property: str
    values: frozenset[str]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that contains, starts with or ends with `pattern`, or in which RE2 finds `pattern` anywhere ("regex").

    A regex that is not `cased` is matched with RE2's (?i) against the original text; the others against folded text.
    """

    property: str
    how: Literal["contains", "starts", "ends", "regex"]
    pattern: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number equal to one of `values`."""

    property: str
    values: frozenset[float]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number between `low` and `high`; an end is excluded where its `open_` flag says so, absent where None."""

    property: str
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False


@dataclass(frozen=True, slots=True)
class BooleanIs:
    property: str
    value: bool


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A time from `low` to `high`: fixed instants."""

    property: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TimeAround:
    """A time from now + `low` to now + `high` (milliseconds, usually negative for the past). Moves with the clock."""

    property: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TimeInCalendar:
    """A time inside the period named by a calendar `word` at the moment of asking, cut in the workspace's zone."""

    property: str
    word: str


@dataclass(frozen=True, slots=True)
class Anniversary:
    """A time whose month and day, in the workspace's zone, fall on one of the `days` days that start with today."""

    property: str
    days: int


@dataclass(frozen=True, slots=True)
class ListIncludes:
    """A list with at least one (`every` False) or all (`every` True) of `items` in it."""

    property: str
    items: frozenset[str]
    every: bool
    cased: bool = False


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A member of the segment with this id."""

    segment: str


PropertyLeaf: TypeAlias = (
    IsSet | TextIn | TextMatch | NumberIn | NumberRange | BooleanIs
    | TimeRange | TimeAround | TimeInCalendar | Anniversary | ListIncludes
)  # fmt: skip
Leaf: TypeAlias = PropertyLeaf | MemberOf
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
