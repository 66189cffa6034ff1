"""A rule at the door of a workspace: over HTTP it has been read already, but a program builds its rules from nodes, and nodes check nothing.

What is accepted can be written, and read again by the next opening; it is the rule as it was so read that lives on.
"""

from __future__ import annotations

from coterie.errors import InvalidRule
from coterie.rules.limits import DEPTH_MAX_MAX, RuleLimits
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.write import write_rule

ANY_SIZE = RuleLimits(
    depth_max=DEPTH_MAX_MAX, nodes_max=10**9, operand_values_max=10**9, pattern_length_max=10**9, text_length_max=10**9,
    property_name_length_max=10**9,
)  # fmt: skip
"""How large a rule may be and still be read. What a person may send is for the faces to limit, each as its documents say; a stored rule stays
readable when such a limit is lowered."""


def accept(rule: Rule) -> Rule:
    """The rule, read from its own JSON. Raises InvalidRule."""
    try:
        document = write_rule(rule)
    except RecursionError:
        raise InvalidRule(f"The rule has more than {DEPTH_MAX_MAX} levels.", path=("rule",)) from None
    except Exception as error:  # nodes take anything; whatever has no JSON is no rule
        raise InvalidRule(
            f"The rule cannot be written down: {error!r}.", path=("rule",), hint="Build it with `prop` and `segment`."
        ) from error
    return read_rule(document, ANY_SIZE)
