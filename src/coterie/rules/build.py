"""Rules written as Python expressions.

    (prop("plan") == "enterprise") & ((prop("mrr") > 100) | prop("signed_up_at").in_last("30d"))
    event("order_placed").where(prop("total") > 50).last("30d").count() >= 3
    conversation().last("90d").mean("commercial_intent") >= 0.6
    sequence("signed_up", event("order_placed").within("7d"), last="90d")

Every operator is a method of what can be compared (`comparing.py`); activity is in `building.py`.
Operands are what the JSON takes, and datetimes, dates and timedeltas as well. Mistakes raise
InvalidRule with the same words as for JSON.
"""

from __future__ import annotations

from coterie.errors import InvalidRule
from coterie.rules.building import LIMITS, Activity, Step
from coterie.rules.comparing import METHOD_NAMES, Comparable, as_document
from coterie.rules.nodes import PropertyCondition, Rule
from coterie.rules.operands import InvalidOperand
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.read_operand import read_operand


def prop(name: str) -> Property:
    """A property to compare: `prop("plan") == "enterprise"`.

    It is the profile's; inside `where`, the event's or the conversation's.
    """
    if not isinstance(name, str) or not name:
        raise InvalidRule("A property is named by a text that is not empty.")
    return Property(name)


def event(name: str | None = None) -> Activity:
    """The profile's events of that name, or of every name: `event("login").count() >= 3`."""
    if name is not None and (not isinstance(name, str) or not name):
        raise InvalidRule("An event is named by a text that is not empty.", hint="event() means events of every name.")
    return Activity({"event": {} if name is None else {"name": name}})


def conversation() -> Activity:
    """The profile's conversations: `conversation().last("90d").mean("cqi") >= 0.6`."""
    return Activity({"conversation": {}})


def sequence(
    *steps: str | Activity | Step,
    last: object = None,
    before: object = None,
    since: object = None,
    until: object = None,
    calendar: str | None = None,
) -> Rule:
    """True for profiles with these events one after the other, all in the window.

    `sequence("signed_up", event("ordered").within("7d"))`. A step is the name of an event, or an
    event with `where`; `within` limits the time since the step before.
    """
    window_parts = {"last": last, "before": before, "from": since, "to": until, "calendar": calendar}
    window = {key: as_document(value) for key, value in window_parts.items() if value is not None}
    written = [_step(step).document for step in steps]
    return read_rule({"sequence": written, **({"window": window} if window else {})}, LIMITS)


def segment(segment_id: str) -> Rule:
    """True for the members of the segment with this id."""
    return read_rule({"segment": segment_id}, LIMITS)


def sample(percent: float, *, salt: str = "") -> Rule:
    """True for a stable share of all profiles, drawn by `salt`: `sample(10, salt="spring")`."""
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
        except InvalidOperand as error:
            raise InvalidRule(error.message, hint=error.hint) from None
        if case_sensitive and not operator.case_option:
            raise InvalidRule(f"case_sensitive means nothing to {name}: no text is compared.")
        return PropertyCondition(self.name, name, read, case_sensitive)


def _step(step: str | Activity | Step) -> Step:
    if isinstance(step, str):
        step = event(step)
    if isinstance(step, Activity):
        step = step.as_step()
    if not isinstance(step, Step):
        raise InvalidRule(f'A step is the name of an event, or event("..."), not {step!r}.')
    return step


__all__ = [
    "METHOD_NAMES",
    "Activity",
    "Property",
    "Step",
    "conversation",
    "event",
    "prop",
    "sample",
    "segment",
    "sequence",
]
