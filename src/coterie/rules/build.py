"""Rules written as Python expressions.

    (prop("plan") == "enterprise") & ((prop("mrr") > 100) | prop("signed_up_at").in_last("30d"))
    event("order_placed").where(prop("total") > 50).last("30d").count() >= 3
    conversation().last("90d").mean("commercial_intent") >= 0.6
    sequence("signed_up", event("order_placed").within("7d"), last="90d")

Every operator is a method of what can be compared (`comparing.py`); what happened is in `building.py`. Operands are what the JSON takes, and
datetimes, dates and timedeltas besides. Mistakes raise InvalidRule with the same words as for JSON.
"""

from __future__ import annotations

from coterie.errors import InvalidRule
from coterie.rules.building import LIMITS, Happenings, Step
from coterie.rules.comparing import METHOD_NAMES, Comparable, as_document
from coterie.rules.nodes import PropertyCondition, Rule
from coterie.rules.operands import InvalidOperand
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.read_operand import read_operand


def prop(name: str) -> Property:
    """A property, to be compared: `prop("plan") == "enterprise"`. Of the profile; inside `where`, of the event or the conversation."""
    if not isinstance(name, str) or not name:
        raise InvalidRule("A property is named by a text that is not empty.")
    return Property(name)


def event(name: str | None = None) -> Happenings:
    """The profile's events of that name, of every name where it is left out: `event("login").last("7d").count() >= 3`."""
    if name is not None and (not isinstance(name, str) or not name):
        raise InvalidRule("An event is named by a text that is not empty.", hint="event() means events of every name.")
    return Happenings({"event": {} if name is None else {"name": name}})


def conversation() -> Happenings:
    """The profile's conversations: `conversation().last("90d").mean("commercial_intent") >= 0.6`."""
    return Happenings({"conversation": {}})


def sequence(
    *steps: str | Happenings | Step,
    last: object = None,
    before: object = None,
    since: object = None,
    until: object = None,
    calendar: str | None = None,
) -> Rule:
    """True for profiles with these events one after the other, all in the window: `sequence("signed_up", event("ordered").within("7d"))`.

    A step is the name of an event, or an event with `where`; `within` says how soon after the step before it has to come.
    """
    given = {"last": last, "before": before, "from": since, "to": until, "calendar": calendar}
    window = {key: as_document(value) for key, value in given.items() if value is not None}
    written = [_step(step).document for step in steps]
    return read_rule({"sequence": written, **({"window": window} if window else {})}, LIMITS)


def segment(segment_id: str) -> Rule:
    """True for the members of the segment with this id."""
    return read_rule({"segment": segment_id}, LIMITS)


def sample(percent: float, *, salt: str = "") -> Rule:
    """True for a stable share of all profiles, the same ones each time; another salt draws others: `sample(10, salt="spring")`."""
    return read_rule({"sample": {"percent": as_document(percent), "salt": salt}}, LIMITS)


class Property(Comparable):
    """A property that has not been compared yet. Comparing it gives a rule."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"prop({self.name!r})"

    def _condition(self, name: str, operand: object, case_sensitive: bool = False) -> Rule:
        operator = OPERATORS[name]
        try:
            read = read_operand(operator, as_document(operand), LIMITS)
        except InvalidOperand as refusal:
            raise InvalidRule(refusal.message, hint=refusal.hint) from None
        if case_sensitive and not operator.case_option:
            raise InvalidRule(f"case_sensitive means nothing to {name}: no text is compared.")
        return PropertyCondition(self.name, name, read, case_sensitive)


def _step(step: str | Happenings | Step) -> Step:
    if isinstance(step, str):
        step = event(step)
    if isinstance(step, Happenings):
        step = step.as_step()
    if not isinstance(step, Step):
        raise InvalidRule(f'A step is the name of an event, or event("..."), not {step!r}.')
    return step


__all__ = [
    "METHOD_NAMES",
    "Happenings",
    "Property",
    "Step",
    "conversation",
    "event",
    "prop",
    "sample",
    "segment",
    "sequence",
]
