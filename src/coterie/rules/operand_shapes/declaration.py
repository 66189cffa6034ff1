"""What the shape of an operand is: one declaration that says everything.

The reader, the writer, the JSON schema, the sentences, the methods in Python, the reference and the
tests all take from it. To add a shape, write its reader and its schema in the file of its kind
beside this one, declare it there, and add it to that file's `DECLARED`. Where its operand is of a
Python type that no other shape has, name that type in `nodes.Operand` as well.

A shape knows nothing of operators: an operator says `takes=SAME`, and the shape reads what the
operator was given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Operand
from coterie.rules.operands import write_operand
from coterie.rules.values import Kind
from coterie.rules.words import operand_words

Schema = dict[str, object]
Ref = Callable[[str], Schema]
Reader = Callable[[object, str, frozenset[Kind], RuleLimits], Operand]  # raw, the operator's name, kinds, limits
Describer = Callable[[frozenset[Kind], RuleLimits, Ref], Schema]


@dataclass(frozen=True, slots=True, eq=False)  # a shape is itself, and can be a key
class OperandShape:
    """What the operand of an operator looks like.

    The `kinds` that `read` and `schema` get are those that make sense where the operator is used.
    """

    name: str
    """As the API gives it: the `takes` of an operator."""
    wanted: str
    """What an operator takes, in an error: “Here it takes …”."""
    meaning: str
    """What the value of a condition is, in the reference: Markdown."""
    read: Reader
    """From a JSON value. Raises InvalidOperand."""
    schema: Describer
    """The JSON schema."""
    samples: tuple[object, ...] = ()
    """JSON values for tests to draw from; empty where tests/strategies.py does better."""
    write: Callable[[Operand], object] = write_operand
    """To a JSON value, in its one canonical form."""
    words: Callable[[Operand], str] = operand_words
    """In a sentence."""
    arguments: Literal["none", "one", "pair", "several"] = "one"
    """The arguments of the operator's Python method; a pair and several may also be one list."""
    of_its_kinds: bool = False
    """The operand is of the kind that it is compared with."""
    suggested: bool = True
    """Named in a hint as an alternative for an operand that does not suit an operator."""
