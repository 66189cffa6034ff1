"""Comparisons in Python, for `build.py`: the operators as methods, and Python's own signs.

Every operator is a method of `Comparable`, made from its declaration; `==`, `<` and so on are short
for some of them. Operands are what the JSON takes, and datetimes, dates and timedeltas as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NoReturn

from coterie.errors import InvalidRule
from coterie.rules.nodes import Not, Rule
from coterie.rules.operators import OPERATORS, Operator
from coterie.rules.values import INSTANT_MAX, INSTANT_MIN, Instant

METHOD_NAMES = {name: "is_in" if name == "in" else name for name in OPERATORS}
"""The operators as methods: by their own names, save `in`, which Python keeps for itself."""

_MILLISECOND = 1


class Comparable:
    """A subject before it is compared. Comparing it gives a rule."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # == makes a rule, so there is nothing to hash by

    if TYPE_CHECKING:  # every operator, set below from the declarations

        def __getattr__(self, name: str) -> Callable[..., Rule]: ...

    def _condition(self, name: str, operand: object, case_sensitive: bool = False) -> Rule:
        """The rule that compares this by the operator called `name`.

        `operand` is a JSON value, or a Python value that `as_document` takes.
        """
        raise NotImplementedError

    def __eq__(self, other: object) -> Rule:  # type: ignore[override]  # a rule, not a verdict: that is the point
        if isinstance(other, datetime):
            return self._condition("between", [other, other])
        if isinstance(other, date):
            return self._condition("on", other)
        self._comparable(other, "==")
        return self._condition("equals", other)

    def __ne__(self, other: object) -> Rule:  # type: ignore[override]  # a rule, as for ==
        if isinstance(other, date):
            return Not(self == other)
        self._comparable(other, "!=")
        return self._condition("not_equals", other)

    def __gt__(self, other: object) -> Rule:
        return self._condition("after" if isinstance(other, date) else "greater_than", other)

    def __lt__(self, other: object) -> Rule:
        return self._condition("before" if isinstance(other, date) else "less_than", other)

    def __ge__(self, other: object) -> Rule:
        if isinstance(other, datetime):
            return self._condition("after", Instant(max(Instant.of(other) - _MILLISECOND, INSTANT_MIN)))
        if isinstance(other, date):
            return self._condition("between", [other, date.max])
        return self._condition("at_least", other)

    def __le__(self, other: object) -> Rule:
        if isinstance(other, datetime):
            return self._condition("before", Instant(min(Instant.of(other) + _MILLISECOND, INSTANT_MAX)))
        if isinstance(other, date):
            return self._condition("between", [date.min, other])
        return self._condition("at_most", other)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is neither true nor false. Compare it, or ask {self!r}.is_set().")

    def __and__(self, other: object) -> NoReturn:
        raise TypeError(f"Put brackets around each comparison: ({self!r} == ...) & (...). Python takes & and | first.")

    __or__ = __rand__ = __ror__ = __and__

    def _comparable(self, other: object, sign: str) -> None:
        if other is None:
            raise TypeError(
                f"A missing value equals nothing. Instead of {sign} None, ask {self!r}.is_not_set() or .is_set()."
            )
        if isinstance(other, list | tuple | set | frozenset):
            raise TypeError(f"Instead of {sign} with many values, use {self!r}.is_in([...]) or .includes_any([...]).")
        if isinstance(other, Comparable):
            raise TypeError(f"{self!r} is compared with a value, not with another subject.")


def as_document(operand: object) -> object:
    """The operand as JSON has it."""
    match operand:
        case bool() | str() | None:
            return operand
        case Instant():
            return operand.iso()
        case datetime():
            return Instant.of(operand).iso()
        case date():
            return operand.isoformat()
        case timedelta():
            return _duration(operand)
        case Integral():  # NumPy's too
            return int(operand)
        case Real():
            return float(operand)
        case dict():
            return operand  # refused by the reader, in its own words
        case Iterable():
            return [as_document(item) for item in operand]
        case _:
            return operand


def _duration(length: timedelta) -> str:
    seconds, rest = divmod(length, timedelta(seconds=1))
    if rest or seconds <= 0:
        raise InvalidRule("A length of time is a whole number of seconds, and more than none.")
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _method(operator: Operator) -> Callable[..., Rule]:
    def method(self: Comparable, *operands: Any, case_sensitive: bool = False) -> Rule:
        return self._condition(operator.name, _operand(operator, operands), case_sensitive)

    method.__name__ = METHOD_NAMES[operator.name]
    method.__qualname__ = f"Comparable.{method.__name__}"
    method.__doc__ = operator.summary
    return method


def _operand(operator: Operator, operands: tuple[Any, ...]) -> Any:
    """The operand of a call: `between(1, 5)` and `includes_any("a", "b")` take lists."""
    name = METHOD_NAMES[operator.name]
    shape = operator.takes.arguments
    if shape == "none":
        if operands:
            raise TypeError(f"{name}() takes no value.")
        return None
    one_scalar = len(operands) == 1 and (isinstance(operands[0], str) or not isinstance(operands[0], Iterable))
    if shape == "pair" and len(operands) == 2:
        return list(operands)
    if shape == "several" and (len(operands) > 1 or one_scalar):
        return list(operands)
    if len(operands) != 1 or operands[0] is None:
        raise TypeError(f"{name}() takes {'a low and a high end' if shape == 'pair' else 'one value'}.")
    return operands[0]


for _operator in OPERATORS.values():
    setattr(Comparable, METHOD_NAMES[_operator.name], _method(_operator))
