"""A rule in normal form: checked by the reader, with its canonical JSON beside it.

A rule comes as JSON values (`parse`) or as nodes (`normalize`): a program may build nodes that no
JSON could give, and a dialect builds them from its own grammar. Either way it is read once and
written once, and the document is what is stored and answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from coterie.errors import InvalidRule
from coterie.rules.limits import DEPTH_MAX_MAX, RuleLimits
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.write import Document, write_rule

ANY_SIZE = RuleLimits(
    depth_max=DEPTH_MAX_MAX, nodes_max=10**9, operand_values_max=10**9, pattern_length_max=10**9, text_length_max=10**9,
    property_name_length_max=10**9,
)  # fmt: skip
"""Limits for rules that are stored, or built by a program.

What a person may send is for each dialect to limit; a stored rule stays readable when such a limit
is lowered.
"""


@dataclass(frozen=True, slots=True)
class NormalRule:
    """A rule that has been read, and the document that it writes and is read from."""

    rule: Rule
    document: Document


def parse(document: object, limits: RuleLimits) -> NormalRule:
    """The rule of a JSON document. Raises InvalidRule, which names every problem."""
    rule = read_rule(document, limits)
    return NormalRule(rule, write_rule(rule))


def normalize(rule: Rule | NormalRule) -> NormalRule:
    """The rule of nodes, written and read from what was written. Raises InvalidRule."""
    if isinstance(rule, NormalRule):
        return rule
    try:
        document = write_rule(rule)
    except RecursionError:
        raise InvalidRule(f"The rule has more than {DEPTH_MAX_MAX} levels.", path=("rule",)) from None
    except Exception as error:  # nodes take anything, and what has no JSON is no rule
        raise InvalidRule(
            f"The rule has no JSON form: {error!r}.", path=("rule",), hint="Build it with `prop` and `segment`."
        ) from error
    return NormalRule(read_rule(document, ANY_SIZE), document)
