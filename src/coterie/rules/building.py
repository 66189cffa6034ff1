"""Activity in Python: measures over events or conversations of a window, for `build.py`.

Each method of `Activity` returns a new one. A measure gives a `Measure`, which compares like a
property; `any` and `none` are rules already. All of it stays JSON until the reader reads it at the
end, so that mistakes get the reader's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from coterie.errors import InvalidRule
from coterie.rules.comparing import Comparable, as_document
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Combinable, Rule
from coterie.rules.operand_shapes import NOTHING
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.write import write_rule

LIMITS = RuleLimits()


class Step:
    """One event of a sequence, as JSON."""

    __slots__ = ("document",)

    def __init__(self, document: Mapping[str, object]) -> None:
        self.document = document

    def __repr__(self) -> str:
        return f"Step({self.document!r})"


class Activity:
    """Events or conversations of a window, before they are measured."""

    __slots__ = ("_source", "_subject")

    def __init__(self, document: Mapping[str, Mapping[str, object]]) -> None:
        ((self._source, self._subject),) = document.items()

    def __repr__(self) -> str:
        parts = ", ".join(f"{key}={value!r}" for key, value in self._subject.items())
        return f"{self._source}({parts})"

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is neither true nor false. Ask for .any(), or compare a measure such as .count().")

    # --- filters

    def where(self, rule: Rule) -> Activity:
        """Only those that match a rule (all rules, if several): `.where(prop("total") > 50)`."""
        if not isinstance(rule, Combinable):
            raise InvalidRule(f"“where” takes a rule, not {rule!r}.", hint='Such as .where(prop("total") > 50).')
        written = write_rule(rule)
        earlier = self._subject.get("where")
        return self._with(where=written if earlier is None else {"all": [earlier, written]})

    def last(self, length: object) -> Activity:
        """Only those no longer ago than that: `.last("30d")`."""
        return self._in_window(last=length)

    def before(self, length: object) -> Activity:
        """Only those that long ago or longer: `.before("30d")`."""
        return self._in_window(before=length)

    def since(self, start: object) -> Activity:
        """Only those from an instant, or the beginning of a date, on."""
        return self._in_window(**{"from": start})

    def until(self, end: object) -> Activity:
        """Only those up to an instant, or the end of a date."""
        return self._in_window(to=end)

    def between(self, start: object, end: object) -> Activity:
        """Only those from one instant or date to another, both included."""
        return self._in_window(**{"from": start, "to": end})

    def calendar(self, word: str) -> Activity:
        """Only those in a period of the calendar: `.calendar("this_month")`."""
        return self._in_window(calendar=word)

    # --- measures

    def count(self) -> Measure:
        """Their number."""
        return self._measured("count")

    def sum(self, of: str) -> Measure:
        """The sum of one of their properties; 0 where there are none."""
        return self._measured("sum", of)

    def mean(self, of: str) -> Measure:
        """The mean of one of their properties."""
        return self._measured("mean", of)

    def min(self, of: str) -> Measure:
        """The lowest number in one of their properties."""
        return self._measured("min", of)

    def max(self, of: str) -> Measure:
        """The highest number in one of their properties."""
        return self._measured("max", of)

    def distinct(self, of: str) -> Measure:
        """The number of different values of one of their properties."""
        return self._measured("distinct", of)

    def first_value(self, of: str) -> Measure:
        """The value of a property in the earliest that has one (the measure `first`)."""
        return self._measured("first", of)

    def last_value(self, of: str) -> Measure:
        """The value of a property in the latest that has one (the measure `last`)."""
        return self._measured("last", of)

    def first_at(self) -> Measure:
        """The time of the earliest."""
        return self._measured("first_at")

    def last_at(self) -> Measure:
        """The time of the latest."""
        return self._measured("last_at")

    def change(self, of: str) -> Measure:
        """The mean of a property in the window (a `last`) minus its mean in the window before."""
        return self._measured("change", of)

    def any(self) -> Rule:
        """True where there is at least one."""
        return self._measured("any") == True  # noqa: E712 - this makes a rule

    def none(self) -> Rule:
        """True where there is none."""
        return self._measured("none") == True  # noqa: E712 - this makes a rule

    # --- as a step

    def within(self, length: object) -> Step:
        """This event as a step of a sequence, at most that long after the step before."""
        return Step({**self.as_step().document, "within": as_document(length)})

    def as_step(self) -> Step:
        """This event as a step of a sequence."""
        if self._source != "event" or "window" in self._subject:
            raise InvalidRule(
                "A step is an event without a window of its own.",
                hint='Give the window to the sequence: sequence("a", "b", last="30d").',
            )
        return Step({"event": dict(self._subject)})

    # --- parts

    def _measured(self, measure: str, of: str | None = None) -> Measure:
        property_of = {} if of is None else {"of": of}
        return Measure({self._source: {**self._subject, "measure": measure, **property_of}})

    def _in_window(self, **window: object) -> Activity:
        written = {key: as_document(value) for key, value in window.items()}
        earlier = self._subject.get("window")
        if isinstance(earlier, Mapping):
            if {*earlier, *written} != {"from", "to"}:
                raise InvalidRule("These are two windows.", hint="Only since(...) and until(...) go together.")
            written = {**earlier, **written}
        return self._with(window=written)

    def _with(self, **parts: object) -> Activity:
        return Activity({self._source: {**self._subject, **parts}})


class Measure(Comparable):
    """A measure before it is compared. Comparing it gives a rule."""

    __slots__ = ("_document",)

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def __repr__(self) -> str:
        return f"Measure({self._document!r})"

    def _condition(self, name: str, operand: object, case_sensitive: bool = False) -> Rule:
        compared: dict[str, object] = {**self._document, "operator": name}
        if OPERATORS[name].takes is not NOTHING:
            compared["value"] = as_document(operand)
        if case_sensitive:
            compared["case_sensitive"] = True
        return read_rule(compared, LIMITS)
