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
from zoneinfo import ZoneInfo

from coterie.rules.kernel import Lowered, Subject
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import OperandShape
from coterie.rules.values import Kind, Value


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
    takes: OperandShape
    meaning: Meaning
    lowers: Lowering
    examples: tuple[Example, ...]
    summary: str
    case_option: bool = False
    complement_of: str | None = None
    of_change: bool = False
    refuses_empty: bool = False  # an empty text as the operand would hold for every text


def complement(name: str, *, of: Operator, reads: str, summary: str, examples: tuple[Example, ...]) -> Operator:
    """The exact opposite of `of`: true wherever that is false, a missing value included."""
    return replace(of, name=name, reads=reads, summary=summary, examples=examples, complement_of=of.name)
