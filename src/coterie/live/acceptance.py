"""A rule at the door of a workspace: over HTTP it has been read already, but a program builds its rules from nodes, and nodes check nothing.

What is accepted can be written, and read again by the next opening; it is the rule as it was so read that lives on.
"""

from __future__ import annotations

from coterie.errors import InvalidRule, NotYet
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.walk import needs_events
from coterie.rules.write import write_rule


def accept(rule: Rule, limits: RuleLimits) -> Rule:
    """The rule, read from its own JSON. Raises InvalidRule, and NotYet for what this version cannot evaluate."""
    try:
        document = write_rule(rule)
    except RecursionError:
        raise InvalidRule(f"The rule has more than {limits.depth_max} levels.", path=("rule",)) from None
    except Exception as error:  # nodes take anything; whatever has no JSON is no rule
        raise InvalidRule(
            f"The rule cannot be written down: {error!r}.", path=("rule",), hint="Build it with `prop` and `segment`."
        ) from error
    accepted = read_rule(document, limits)
    if needs_events(accepted):
        raise NotYet(
            "This version does not evaluate conditions on events and conversations yet.",
            path=("rule",), hint="Use conditions on properties and segments.",
        )  # fmt: skip
    return accepted
