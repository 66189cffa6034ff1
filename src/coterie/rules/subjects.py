"""The arithmetic of the measures, shared by the law (`evaluate.py`) and what is faster than it.

The order of the rows does not matter. A new measure is a new `case` of `measure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import fsum, inf

from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import (
    AT,
    Lowered,
    Source,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value, kind_of

ActivityOf = Callable[[Source], Sequence[ActivityRow]]
WindowLeaf = TimeRange | TimeAround | TimeInCalendar

_KINDS_IN_ORDER = (Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.TIME, Kind.LIST)


def counting(
    window: Iterable[WindowLeaf], where: Lowered | None, rows: Iterable[ActivityRow], moment: Moment
) -> list[ActivityRow]:
    """The rows that lie in the window and match `where`."""
    return [
        row
        for row in rows
        if all(matches(leaf, {}, moment, row.at) for leaf in window)
        and (where is None or matches(where, row.values, moment, row.at))
    ]


def halves(window: tuple[WindowLeaf, ...]) -> tuple[TimeAround, TimeAround]:
    """The two windows of `change`: its own, and the one before, which is as long."""
    (later,) = window
    assert isinstance(later, TimeAround)
    assert later.low is not None
    length = 1 - later.low
    return later, TimeAround(AT, later.low - length, -length)


# --- the arithmetic -------------------------------------------------------------------------------


def measure(name: str, of: str | None, rows: Sequence[ActivityRow]) -> Value | None:
    """The measure over the rows selected. `change`, over two windows, has its own function."""
    match name:
        case "count":
            return float(len(rows))
        case "any":
            return len(rows) > 0
        case "none":
            return not rows
        case "first_at":
            return min((row.at for row in rows), default=None)
        case "last_at":
            return max((row.at for row in rows), default=None)
        case "distinct":
            return float(len({(kind_of(value), value) for _, value in _valued(of, rows)}))
        case "first":
            return min(_valued(of, rows), key=_rank, default=(None, None))[1]
        case "last":
            return max(_valued(of, rows), key=_rank, default=(None, None))[1]
        case _:
            return _of_numbers(name, _numbers(of, rows))


def change(of: str | None, later: Iterable[ActivityRow], earlier: Iterable[ActivityRow]) -> float | None:
    """The mean over the later window minus the mean over the earlier; missing where either is."""
    after, before = (_of_numbers("mean", _numbers(of, rows)) for rows in (later, earlier))
    return None if after is None or before is None else after - before


def exact_sum(numbers: Iterable[float]) -> float:
    """The sum, rounded once, so that order does not matter; an infinity where it is too large."""
    numbers = list(numbers)
    try:
        return fsum(numbers)
    except OverflowError:  # on the way, perhaps, and not at the end
        total = sum(map(Fraction, numbers))
    try:
        return float(total)
    except OverflowError:
        return inf if total > 0 else -inf


def _of_numbers(name: str, numbers: list[float]) -> float | None:
    match name:
        case "sum":
            return exact_sum(numbers)
        case "mean":
            return exact_sum(numbers) / len(numbers) if numbers else None
        case "min":
            return min(numbers, default=None)
        case "max":
            return max(numbers, default=None)
        case _:
            raise AssertionError(f"there is no measure {name}")


def _valued(of: str | None, rows: Iterable[ActivityRow]) -> list[tuple[Instant, Value]]:
    assert of is not None
    return [(row.at, row.values[of]) for row in rows if of in row.values]


def _numbers(of: str | None, rows: Iterable[ActivityRow]) -> list[float]:
    return [value for _, value in _valued(of, rows) if isinstance(value, float)]


def _rank(valued: tuple[Instant, Value]) -> tuple[Instant, int, Value]:
    """By instant, and then by kind and value, so that order does not matter."""
    at, value = valued
    return at, _KINDS_IN_ORDER.index(kind_of(value)), value
