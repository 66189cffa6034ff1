"""What an operator is: one declaration that says everything.

To add an operator, declare it in the file of its kind beside this one, add it to that file's tuple,
and write its cases in `spec/cases/`. Nothing else: the JSON schema, the menus, the reference page,
the error messages, the law and the lowering read the declaration. A new shape of operand is a
declaration of its own, in `operand_shapes/`.

A positive operator states its `meaning` for a value that is present and of one of its `kinds`; for
any other value it is false, and no declaration has to say so. `complement` makes a negative one,
its exact opposite.
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
    """A value and an operand, as JSON, and whether the operator holds, in UTC.

    The reference shows it, and a test runs it.
    """

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
    """One operator. `reads` is its sentence: "{subject} is at least {operand}".

    Its subject is the value of the property; where `of_change`, the instant at which the property
    last changed, and `kinds` are then the kinds of that. Where it `refuses_empty`, an empty text
    would hold for every text.
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
    refuses_empty: bool = False


def complement(name: str, *, of: Operator, reads: str, summary: str, examples: tuple[Example, ...]) -> Operator:
    """The exact opposite of `of`: true wherever that is false, a missing value included."""
    return replace(of, name=name, reads=reads, summary=summary, examples=examples, complement_of=of.name)
