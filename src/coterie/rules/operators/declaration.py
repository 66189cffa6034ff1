"""What an operator is: one declaration that says everything.

To add an operator: declare it in the file of its kind beside this one, add it to that file's tuple, and write its cases in
`spec/cases/`. Nothing else: the JSON schema, the menus, the reference page, the error messages, the law and the
lowering are read from the declaration.

A positive operator states its `meaning` for a value that is present and of one of its `kinds`; for any other value it is false,
and no declaration has to say so. A negative one is made by `complement` and is the exact opposite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from coterie.rules.kernel import Lowered, Subject
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.values import Kind, Value


class Takes(StrEnum):
    """The shape of the operand. `read.py` turns JSON into it, `schema.py` describes it, the menus choose an input by it."""

    NOTHING = "nothing"
    SAME = "same"  # one value of one of the operator's kinds (text, number, boolean)
    SOME = "some"  # a non-empty list of texts, or of numbers
    RANGE = "range"  # [low, high]: two numbers, or two instants or dates
    INSTANT = "instant"  # an instant, or a bare date (the whole day, in the workspace's zone)
    DATE = "date"  # a bare date
    DURATION = "duration"  # "30m", "24h", "7d", "4w"
    DAYS = "days"  # a duration in whole days, at most 366
    WORD = "word"  # a calendar word
    PATTERN = "pattern"  # an RE2 regular expression


@dataclass(frozen=True, slots=True)
class Example:
    """A value, an operand (both as JSON) and whether the operator holds, in UTC; shown in the reference, run as a test."""

    value: object
    operand: object
    holds: bool
    now: str | None = None


Meaning = Callable[[Value, Operand, bool, Moment], bool]  # value, operand, case_sensitive, moment
Lowering = Callable[
    [Subject, Operand, bool, ZoneInfo], Lowered
]  # subject, operand, case_sensitive, the workspace's zone


@dataclass(frozen=True, slots=True, eq=False)  # an operator is itself, and can be a key
class Operator:
    """One operator. `reads` is its place in a sentence: "{subject} is at least {operand}".

    Its subject is the value of the property; where `of_change`, the instant at which the property got that value, and `kinds` are the kinds of that.
    """

    name: str
    reads: str
    kinds: frozenset[Kind]
    takes: Takes
    meaning: Meaning
    lowers: Lowering
    examples: tuple[Example, ...]
    summary: str
    case_option: bool = False
    complement_of: str | None = None
    of_change: bool = False


def complement(name: str, *, of: Operator, reads: str, summary: str, examples: tuple[Example, ...]) -> Operator:
    """The exact opposite of `of`: true wherever that is false, a missing value included."""
    return replace(of, name=name, reads=reads, summary=summary, examples=examples, complement_of=of.name)
