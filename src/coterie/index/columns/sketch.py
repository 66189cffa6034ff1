"""A sketch of a column of numbers or times, in up to 4,096 buckets.

Each bucket has the lowest and the highest value ever seen in it. A bucket that a range includes
whole, or not at all, decides for its rows by its number alone. Columns of few distinct values get a
bucket for each, and never need the values again. (The idea is Hentschel, Kester and Idreos,
"Column Sketches", SIGMOD 2018.)

Buckets are drawn from the present values. As these change a bucket may come to hold too many, and
the sketch is worn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Bools
from coterie.index.columns.codes import Codes, code_type
from coterie.index.resolve import ResolvedLeaf
from coterie.rules.kernel import NumberIn, NumberRange, TimeRange

Values = npt.NDArray[Any]  # float64 or int64

BUCKETS_MAX: Final = 4_096
CROWDED: Final = 1 / 64
"""A bucket of several values with more than this share of the rows is crowded."""

CROWDED_FROM: Final = 4_096


class Sketch:
    """Codes for values.

    A value in bucket b, counted from 0 below the first bound, has code b + 1.
    """

    def __init__(self, bounds: Values) -> None:
        codes = len(bounds) + 2
        self.dtype = code_type(codes - 1)
        self.drawn_from = 0
        self._bounds = bounds
        limits = np.iinfo(np.int64) if bounds.dtype == np.int64 else np.finfo(np.float64)
        self._low: Values = np.full(codes, limits.max, dtype=bounds.dtype)
        self._high: Values = np.full(codes, limits.min, dtype=bounds.dtype)
        self._row_counts = np.zeros(codes, dtype=np.int64)
        self._coded = 0

    @classmethod
    def of(cls, sample: Values) -> Sketch:
        """Draw buckets of about as many values each; a frequent value gets one to itself."""
        distinct, counts = np.unique(sample, return_counts=True)
        if len(distinct) > BUCKETS_MAX:
            quantiles = np.sort(sample)[np.linspace(0, len(sample) - 1, BUCKETS_MAX).astype(np.int64)]
            bounds = np.unique(quantiles)
        else:
            bounds = distinct
        frequent = distinct[counts > max(1, len(sample) // BUCKETS_MAX)][:BUCKETS_MAX]
        with np.errstate(over="ignore"):  # after the largest float comes infinity, which is as good a bound
            after = frequent + 1 if frequent.dtype == np.int64 else np.nextafter(frequent, np.inf)
        return cls(np.union1d(np.union1d(bounds, frequent), after))

    def encode(self, values: Values, present: Bools) -> Codes:
        """Return the codes of the values, and count them in their buckets."""
        codes = (np.searchsorted(self._bounds, values, side="right") + 1).astype(self.dtype)
        codes[~present] = 0
        np.minimum.at(self._low, codes, values)
        np.maximum.at(self._high, codes, values)
        counts = np.bincount(codes, minlength=len(self._row_counts))
        counts[0] = 0
        self._row_counts += counts
        self._coded += int(counts.sum())
        self._extend()
        return codes

    def encode_one(self, value: Any) -> int:
        """Do the same for one value; faster."""
        code = int(self._bounds.searchsorted(value, side="right")) + 1
        if value < self._low[code]:
            self._low[code] = value
        if value > self._high[code]:
            self._high[code] = value
        self._row_counts[code] += 1
        self._coded += 1
        if code == len(self._row_counts) - 1:
            self._extend()
        return code

    def _extend(self) -> None:
        """Begin another bucket after the last when that is full.

        Values that only grow, such as instants of writing, all fall into the last bucket. Every row
        keeps its code, which drawing new buckets would change.
        """
        full = max(self.drawn_from, CROWDED_FROM) * CROWDED / 4
        highest = self._high[-1]
        if self._row_counts[-1] <= full or self._low[-1] >= highest or len(self._row_counts) > np.iinfo(self.dtype).max:
            return
        limits = np.iinfo(np.int64) if self._bounds.dtype == np.int64 else np.finfo(np.float64)
        if highest >= limits.max:
            return
        after = highest + 1 if self._bounds.dtype == np.int64 else np.nextafter(highest, np.inf)
        self._bounds = np.append(self._bounds, after)
        self._low = np.append(self._low, np.array(limits.max, dtype=self._low.dtype))
        self._high = np.append(self._high, np.array(limits.min, dtype=self._high.dtype))
        self._row_counts = np.append(self._row_counts, 0)

    def forget(self, codes: Codes) -> None:
        """Stop counting rows with `codes`, which have other values, or none, from now on."""
        self._row_counts -= np.bincount(codes, minlength=len(self._row_counts))

    def forget_one(self, code: int) -> None:
        self._row_counts[code] -= 1

    @property
    def is_worn(self) -> bool:
        """Whether to draw new buckets: after doubling, or when many values fell into one since."""
        since = self._coded - self.drawn_from
        if since > self.drawn_from + 16:
            return True
        if since * 8 < self.drawn_from:
            return False
        several = self._low[1:] < self._high[1:]
        crowded = bool((self._row_counts[1:][several] > CROWDED * max(self.drawn_from, CROWDED_FROM)).any())
        if not crowded:
            self.drawn_from = self._coded  # check again after as many more
        return crowded

    def used(self) -> Bools:
        table = np.ones(len(self._row_counts), dtype=np.bool_)
        table[0] = False
        return table

    def share(self, table: Bools) -> float:
        """Return the share of the rows whose codes are in `table`."""
        return float(self._row_counts[1:][table[1:]].sum() / max(1, int(self._row_counts[1:].sum())))

    def divide(
        self, leaf: NumberIn | NumberRange | TimeRange, matches: Callable[[ResolvedLeaf, Values], Bools]
    ) -> tuple[Bools, Bools, Bools]:
        """Return three tables: codes that match `leaf` whole, codes it cuts, codes that no row has.

        A bucket is cut where the verdict depends on the value.
        """
        unused = self._low > self._high
        occupied = ~unused
        occupied[0] = unused[0] = False
        if isinstance(leaf, NumberIn):
            wanted = np.array(sorted(leaf.values))
            touched = np.searchsorted(wanted, self._low, "left") < np.searchsorted(wanted, self._high, "right")
        else:
            touched = matches(_only_low(leaf), self._high) & matches(_only_high(leaf), self._low)
        whole = matches(leaf, self._low) & matches(leaf, self._high)
        if isinstance(leaf, NumberIn):
            whole &= self._low == self._high
        return whole & occupied, touched & occupied & ~whole, unused

    def bytes(self) -> int:
        return int(self._bounds.nbytes + self._low.nbytes + self._high.nbytes + self._row_counts.nbytes)


def _only_low(leaf: NumberRange | TimeRange) -> NumberRange | TimeRange:
    if isinstance(leaf, NumberRange):
        return NumberRange(leaf.property, low=leaf.low, open_low=leaf.open_low)
    return TimeRange(leaf.property, low=leaf.low)


def _only_high(leaf: NumberRange | TimeRange) -> NumberRange | TimeRange:
    if isinstance(leaf, NumberRange):
        return NumberRange(leaf.property, high=leaf.high, open_high=leaf.open_high)
    return TimeRange(leaf.property, high=leaf.high)
