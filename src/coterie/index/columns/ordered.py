"""Parts and views of values that have an order: numbers (float64) and times (int64 milliseconds).

Beside its value each row has a small code, the number of the bucket of its value (`sketch.py`),
zero for no value. A range judges the codes first, a quarter of the memory to read. Only the rows in
the one or two buckets that it cuts through need their values.
"""

from __future__ import annotations

from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from coterie.index import bits
from coterie.index.bits import Bools, Pids
from coterie.index.columns.codes import Codes, CodeSet
from coterie.index.columns.days import month_days
from coterie.index.columns.part import BLOCK, Scan, View, at, grown
from coterie.index.columns.sketch import Sketch
from coterie.index.resolve import OnDays, OrderedLeaf, ResolvedLeaf, kind_of_leaf, wrong_kind
from coterie.rules.kernel import IsSet, NumberIn, NumberRange, TimeRange
from coterie.rules.values import Instant, Kind, Value

Values = npt.NDArray[Any]  # float64 or int64

CUT_MAX: Final = 1 / 16
"""When more than this share of the rows would be judged twice, all are judged once, by value."""


def above(leaf: NumberRange | TimeRange, values: Values) -> Bools | None:
    """Return which values meet the lower end of a range leaf; None when it has none."""
    match leaf:
        case NumberRange(low=None) | TimeRange(low=None):
            return None
        case NumberRange(low=low, open_low=True):
            return values > low
        case NumberRange(low=low) | TimeRange(low=low):
            return values >= low


def below(leaf: NumberRange | TimeRange, values: Values) -> Bools | None:
    """Return which values meet the upper end of a range leaf; None when it has none."""
    match leaf:
        case NumberRange(high=None) | TimeRange(high=None):
            return None
        case NumberRange(high=high, open_high=True):
            return values < high
        case NumberRange(high=high) | TimeRange(high=high):
            return values <= high


def _all_of(rows: int, *conditions: Bools | None) -> Bools:
    verdicts = np.ones(rows, dtype=np.bool_)
    for condition in conditions:
        if condition is not None:
            np.bitwise_and(verdicts, condition, out=verdicts)
    return verdicts


class ValueMatcher:
    """Matches leaves against bare values, present or not.

    Times need the workspace's zone, for anniversaries.
    """

    def __init__(self, kind: Kind, zone: ZoneInfo) -> None:
        self.kind = kind
        self._zone = zone

    def suits(self, leaf: ResolvedLeaf) -> bool:
        """Return whether values of this kind may match `leaf`."""
        return kind_of_leaf(leaf) in (None, self.kind)

    def matches(self, leaf: ResolvedLeaf, values: Values) -> Bools:
        """Return whether each value matches `leaf`. Raises TypeError for a leaf of another kind."""
        if not isinstance(leaf, OrderedLeaf) or not self.suits(leaf):
            raise wrong_kind(leaf, self.kind)
        match leaf:
            case IsSet():
                return np.ones(len(values), dtype=np.bool_)
            case NumberIn(values=wanted):
                return np.isin(values, np.array(sorted(wanted)))
            case OnDays(days=days):
                table = np.zeros(13 * 32, dtype=np.bool_)
                table[[month * 32 + day for month, day in days]] = True
                verdicts: Bools = table[month_days(values, self._zone)]
                return verdicts
            case NumberRange() | TimeRange():
                return _all_of(len(values), above(leaf, values), below(leaf, values))
            case _:
                assert_never(leaf)

    def value(self, value: Any) -> Value:
        return float(value) if self.kind is Kind.NUMBER else Instant(value)


class OrderedView:
    """The values of a few rows."""

    __slots__ = ("_matcher", "_present", "values")

    def __init__(self, matcher: ValueMatcher, values: Values, present: Bools) -> None:
        self._matcher = matcher
        self.values = values
        self._present = present

    def judge(self, leaf: ResolvedLeaf) -> Bools:
        if not self._matcher.suits(leaf):
            return np.zeros(len(self.values), dtype=np.bool_)
        return self._matcher.matches(leaf, self.values) & self._present

    def present(self) -> Bools:
        return self._present

    def value(self, place: int) -> Value | None:
        return self._matcher.value(self.values[place]) if self._present[place] else None

    def taken(self, places: Pids) -> OrderedView:
        """Return a view of the rows at `places`."""
        return OrderedView(self._matcher, self.values[places], self._present[places])


class Ordered:
    """The values of all rows, zero for none, and the codes, which say which rows have one."""

    def __init__(self, kind: Kind, zone: ZoneInfo) -> None:
        self.kind = kind
        self.block = BLOCK
        self.count = 0
        self.length = 0
        self.values: Values = np.zeros(0, dtype=np.float64 if kind is Kind.NUMBER else np.int64)
        self.codes: Codes = np.zeros(0, dtype=np.uint8)
        self.matcher = ValueMatcher(kind, zone)
        self._sketch: Sketch = Sketch.of(self.values)
        self._loading = False

    def scan(self, leaf: ResolvedLeaf) -> Scan | None:
        if not self.matcher.suits(leaf):
            return None
        if isinstance(leaf, IsSet):
            used = CodeSet(self._sketch.used())
            return lambda start, stop: used.contains(self.codes[start:stop])
        if isinstance(leaf, OnDays):
            return self._by_value(leaf)
        if not isinstance(leaf, NumberIn | NumberRange | TimeRange):
            raise wrong_kind(leaf, self.kind)
        within, cut, unused = self._sketch.divide(leaf, self.matcher.matches)
        if self._sketch.share(cut) > CUT_MAX:
            return self._by_value(leaf)
        return self._by_code(leaf, CodeSet(within, unused), CodeSet(cut, unused))

    def _by_value(self, leaf: ResolvedLeaf) -> Scan:
        def scan(start: int, stop: int) -> Bools:
            verdicts: Bools = self.matcher.matches(leaf, self.values[start:stop])
            verdicts &= self.codes[start:stop] != 0
            return verdicts

        return scan

    def _by_code(self, leaf: ResolvedLeaf, within: CodeSet, cut: CodeSet) -> Scan | None:
        codes, values, matches = self.codes, self.values, self.matcher.matches
        if cut.is_empty:
            return None if within.is_empty else lambda start, stop: within.contains(codes[start:stop])

        def scan(start: int, stop: int) -> Bools:
            block = codes[start:stop]
            verdicts = within.contains(block)
            undecided = bits.members(bits.pack(cut.contains(block)))
            verdicts[undecided] = matches(leaf, values[start:stop][undecided])
            return verdicts

        return scan

    def gather(self, pids: Pids) -> OrderedView:
        present: Bools = at(self.codes, self.length, pids) != 0
        return OrderedView(self.matcher, at(self.values, self.length, pids), present)

    def put(self, pids: Pids, view: View) -> None:
        assert isinstance(view, OrderedView)
        self._reach(int(pids.max()) + 1)
        present = view.present()
        old_codes = self.codes[pids]
        self.count += int(np.count_nonzero(present)) - int(np.count_nonzero(old_codes))
        self.values[pids] = view.values
        if self._loading:
            self.codes[pids] = present
            return
        codes = self._sketch.encode(view.values, present)
        self._sketch.forget(old_codes)
        self.codes[pids] = codes
        if self._sketch.is_worn:
            self.sort()

    def put_one(self, pid: int, value: Value | None) -> None:
        if pid >= self.length:
            if value is None:
                return
            self._reach(pid + 1)
        old_code = self.codes[pid].item()
        self.count += (value is not None) - (old_code != 0)
        self._sketch.forget_one(old_code)
        if value is None:
            self.values[pid] = self.codes[pid] = 0
            return
        self.values[pid] = value
        self.codes[pid] = self._sketch.encode_one(value)
        if self._sketch.is_worn:
            self.sort()

    def _reach(self, length: int) -> None:
        self.values = grown(self.values, length)
        self.codes = grown(self.codes, length)
        self.length = max(self.length, length)

    def begin_load(self) -> None:
        self._loading = True

    def settle(self) -> None:
        if self._loading:
            self._loading = False
            self.sort()

    def sort(self) -> None:
        """Draw new buckets from the present values, and encode every row again."""
        present = self.codes[: self.length] != 0
        sketch = Sketch.of(_sample(self.values[: self.length], present))
        codes = np.zeros(len(self.codes), dtype=sketch.dtype)
        for start in range(0, self.length, BLOCK):
            block = slice(start, min(start + BLOCK, self.length))
            if present[block].any():
                codes[block] = sketch.encode(self.values[block], present[block])
        sketch.drawn_from = self.count
        self._sketch, self.codes = sketch, codes

    def clear(self, pids: Pids) -> None:
        pids = pids[pids < self.length]
        old_codes = self.codes[pids]
        self.count -= int(np.count_nonzero(old_codes))
        if not self._loading:
            self._sketch.forget(old_codes)
        self.values[pids] = 0
        self.codes[pids] = 0

    def value(self, pid: int) -> Value | None:
        if pid >= self.length or not self.codes[pid]:
            return None
        return self.matcher.value(self.values[pid])

    def present(self, pids: Pids) -> Bools:
        present: Bools = at(self.codes, self.length, pids) != 0
        return present

    def present_values(self) -> Values:
        values: Values = self.values[: self.length][self.codes[: self.length] != 0]
        return values

    def bytes(self) -> int:
        return int(self.values.nbytes + self.codes.nbytes) + self._sketch.bytes()


def _sample(values: Values, present: Bools, size: int = 2**18) -> Values:
    """Return the values of up to about `size` rows, evenly spread."""
    rows = np.flatnonzero(present)
    return values[rows[:: max(1, len(rows) // size)]]
