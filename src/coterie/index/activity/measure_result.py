"""The result of a measure: the profiles that have a value, and these values.

Sums are the reason for several forms: adding up in any other order than the law's gives another
last digit. They are cached as they were added up, with a bound on how far off that is, and those
for which it might matter are added up exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, assert_never

import numpy as np
import numpy.typing as npt

from coterie.index.activity.selection import Selected
from coterie.index.bits import Bools, Pids
from coterie.index.columns.ordered import OrderedView, ValueMatcher
from coterie.index.resolve import OnDays, ResolvedLeaf
from coterie.rules.kernel import (
    BooleanIs,
    IsSet,
    ListIncludes,
    NumberIn,
    NumberRange,
    TextIn,
    TextMatch,
    TimeRange,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Kind

Values = npt.NDArray[Any]
Floats = npt.NDArray[np.floating[Any]]


class MeasureResult(Protocol):
    """`pids` ascend; each has a value."""

    pids: Pids

    def judge(self, resolved: ResolvedLeaf, moment: Moment) -> Bools:
        """For each pid, whether its value meets a leaf."""
        ...

    def values(self) -> Values: ...
    def bytes(self) -> int: ...


class ExactValues:
    """Values that are exact: numbers, instants or booleans."""

    def __init__(self, pids: Pids, values: Values) -> None:
        self.pids = pids
        self._values = values

    def judge(self, resolved: ResolvedLeaf, moment: Moment) -> Bools:
        return meets(resolved, self._values, moment)

    def values(self) -> Values:
        return self._values

    def bytes(self) -> int:
        return int(self.pids.nbytes + self._values.nbytes)


class Counts:
    """Whole numbers from 0, mostly small: a leaf is answered once for each that there may be."""

    def __init__(self, pids: Pids, counts: Pids) -> None:
        self.pids = pids
        self._counts = counts

    def judge(self, resolved: ResolvedLeaf, moment: Moment) -> Bools:
        most = int(self._counts.max()) if len(self._counts) else 0
        if most > max(1_024, len(self._counts)):
            return meets(resolved, self.values(), moment)
        verdicts: Bools = meets(resolved, np.arange(most + 1, dtype=np.float64), moment)[self._counts]
        return verdicts

    def values(self) -> Values:
        return self._counts.astype(np.float64)

    def bytes(self) -> int:
        return int(self.pids.nbytes + self._counts.nbytes)


def meets(resolved: ResolvedLeaf, values: Values, moment: Moment) -> Bools:
    """Which values, all of the kind that their dtype stands for, meet a leaf."""
    if values.dtype == np.bool_:
        match resolved:
            case IsSet():
                return np.ones(len(values), dtype=np.bool_)
            case BooleanIs(value=wanted):
                return values if wanted else ~values
            case TextIn() | TextMatch() | NumberIn() | NumberRange() | TimeRange() | OnDays() | ListIncludes():
                return np.zeros(len(values), dtype=np.bool_)  # on another kind of value
            case _:
                assert_never(resolved)
    kind = Kind.NUMBER if values.dtype == np.float64 else Kind.TIME
    return OrderedView(ValueMatcher(kind, moment.zone), values, np.ones(len(values), dtype=np.bool_)).judge(resolved)


class Sums:
    """Sums, or what was made of them: each at most `off` from the true one.

    `exactly` gives the true ones for some places.
    """

    def __init__(
        self, pids: Pids, about: Floats, off: Floats, exactly: Callable[[Pids], list[float]], added: int = 0
    ) -> None:
        self.pids = pids
        self.added = added  # how many numbers were added up
        self._about = about
        self._off = off
        self._exactly = exactly

    def judge(self, resolved: ResolvedLeaf, moment: Moment) -> Bools:
        self._settle(self._unsure(resolved))
        return meets(resolved, self._about, moment)

    def values(self) -> Values:
        self._settle(self._off != 0)
        return self._about

    def minus(self, other: Sums, pids: Pids, own: Pids, others: Pids) -> Sums:
        """The differences for `pids`, which are at the places `own` here and `others` there."""
        with np.errstate(all="ignore"):
            about = self._about[own] - other._about[others]
            off = self._off[own] + other._off[others]
            off = np.where(off > 0, off + np.abs(about) * 2.0**-50 + 1e-323, 0)
            off[~np.isfinite(about) | ~np.isfinite(off)] = np.inf

        def exactly(places: Pids) -> list[float]:
            after, before = self._exactly(own[places]), other._exactly(others[places])
            return [later - earlier for later, earlier in zip(after, before, strict=True)]

        return Sums(pids, about, off, exactly, self.added + other.added)

    def bytes(self) -> int:
        return int(4 * self.pids.nbytes) + 16 * self.added

    def _unsure(self, resolved: ResolvedLeaf) -> Bools:
        """Those so near an end of the leaf that they may be on its other side."""
        match resolved:
            case NumberRange(low=low, high=high):
                ends = np.array(sorted({end for end in (low, high) if end is not None}))
            case NumberIn(values=values):
                ends = np.array(sorted(values))
            case (
                IsSet() | TextIn() | TextMatch() | BooleanIs() | TimeRange() | OnDays() | ListIncludes()
            ):  # not on numbers, or not on their size
                return np.zeros(len(self.pids), dtype=np.bool_)
            case _:
                assert_never(resolved)
        unsure = ~np.isfinite(self._off)
        rough = np.flatnonzero((self._off > 0) & ~unsure)
        if len(rough) and len(ends):
            about, off = self._about[rough], self._off[rough]
            after = np.minimum(ends.searchsorted(about - off), len(ends) - 1)
            unsure[rough] = (ends[after] >= about - off) & (ends[after] <= about + off)
        return unsure

    def _settle(self, which: Bools) -> None:
        places = np.flatnonzero(which)
        if len(places):
            # made anew, not written into: others may be reading
            about, off = self._about.copy(), self._off.copy()
            about[places] = self._exactly(places)
            off[places] = 0
            self._about, self._off = about, off


class FirstLast:
    """For each pid one row, whose value of a column it is."""

    def __init__(self, pids: Pids, rows: Selected, places: Pids, of: str) -> None:
        self.pids = pids
        self._rows = rows
        self._places = places
        self._of = of

    def judge(self, resolved: ResolvedLeaf, moment: Moment) -> Bools:
        return self._rows.judged(resolved, self._of, self._places)

    def values(self) -> Values:
        values = np.empty(len(self.pids), dtype=object)
        values[:] = self._rows.values(self._of, self._places)
        return values

    def bytes(self) -> int:
        return int(self.pids.nbytes + self._places.nbytes + self._rows.pids.nbytes + self._rows.ats.nbytes)
