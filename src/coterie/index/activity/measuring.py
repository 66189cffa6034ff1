"""Measures over matching rows: one value for each profile, by grouping its rows and reducing them.

`rules.subjects.measure` says what each measure is; a new one is a new `case` here.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from coterie.index.activity.first_last import first_or_last
from coterie.index.activity.group_by_profile import ByProfile, Groups, counted, only
from coterie.index.activity.measure_result import Counts, ExactValues, Floats, MeasureResult, Sums
from coterie.index.activity.selection import Selected
from coterie.index.bits import Pids
from coterie.rules.kernel import Measured
from coterie.rules.subjects import exact_sum
from coterie.rules.values import Value

NOTHING: Final[dict[str, Value]] = {"count": 0.0, "sum": 0.0, "distinct": 0.0, "any": False}
"""The measures that have a value where there is nothing to measure."""

_ROUNDING: Final = 2.0**-52


def measured(subject: Measured, rows: Selected) -> MeasureResult:
    """The subject's values.

    Left out are the profiles without one of `rows`, and those whose value is missing or the value
    of a profile without activity.
    """
    match subject.measure:
        case "count":
            return Counts(*counted(rows))
        case "any":
            pids = counted(rows)[0]
            return ExactValues(pids, np.ones(len(pids), dtype=np.bool_))
    by_profile = ByProfile.of(rows)
    of = subject.of
    match subject.measure:
        case "first_at" | "last_at":
            groups = Groups(by_profile.pids)
            ats = by_profile.sorted(by_profile.rows.ats)
            return ExactValues(groups.pids, groups.reduced(_extreme(subject.measure == "first_at"), ats))
        case "distinct":
            assert of is not None
            return _distinct(by_profile, of)
        case "first" | "last":
            assert of is not None
            return first_or_last(subject.measure, of, by_profile)
    assert of is not None
    numbers, present = (by_profile.sorted(column) for column in by_profile.rows.numbers(of))
    numbers, groups = only(present, numbers), Groups(only(present, by_profile.pids))
    match subject.measure:
        case "min" | "max":
            return ExactValues(groups.pids, groups.reduced(_extreme(subject.measure == "min"), numbers))
        case "sum":
            return sums(groups, numbers, False)
        case "mean" | "change":  # a change is of two means
            return sums(groups, numbers, True)
        case name:
            raise AssertionError(f"there is no measure {name}")


def _extreme(least: bool) -> np.ufunc:
    return np.minimum if least else np.maximum


def _distinct(by_profile: ByProfile, of: str) -> MeasureResult:
    codes = by_profile.sorted(by_profile.rows.codes(of))
    has = codes != 0
    codes, groups = only(has, codes), Groups(only(has, by_profile.pids))
    if not groups.count:
        return Counts(groups.pids, groups.starts)
    if int(codes.max()) < 64:
        of_each = groups.reduced(np.bitwise_or, np.uint64(1) << codes.astype(np.uint64))
        return Counts(groups.pids, np.bitwise_count(of_each).astype(np.int64))
    of_group = np.repeat(np.arange(len(groups.pids), dtype=np.uint64), groups.lengths())
    pairs = np.sort(of_group << np.uint64(32) | codes.astype(np.uint64))
    new = np.ones(len(pairs), dtype=np.bool_)
    new[1:] = pairs[1:] != pairs[:-1]
    return Counts(groups.pids, np.diff(Groups(pairs[new] >> np.uint64(32)).starts, append=int(np.count_nonzero(new))))


# --- sums -----------------------------------------------------------------------------------------


def sums(groups: Groups, ordered: Floats, mean: bool) -> Sums:
    """The sums of each profile's numbers, or their means."""
    lengths = groups.lengths()
    with np.errstate(all="ignore"):
        about = groups.reduced(np.add, ordered)
        size = about if (ordered >= 0).all() else groups.reduced(np.add, np.abs(ordered))
        off = size * lengths * _ROUNDING
        if (np.rint(ordered) == ordered).all():
            off[size < 2.0**53] = 0  # whole numbers, which add up exactly
        off[lengths == 1] = 0
        if mean:
            about, off = about / lengths, _of_quotient(about / lengths, off, lengths)
    off[~np.isfinite(about) | ~np.isfinite(off)] = np.inf

    def exactly(places: Pids) -> list[float]:
        ends = groups.starts + lengths
        totals = [exact_sum(ordered[groups.starts[place] : ends[place]].tolist()) for place in places.tolist()]
        if not mean:
            return totals
        return [total / int(lengths[place]) for total, place in zip(totals, places.tolist(), strict=True)]

    return Sums(groups.pids, about, off, exactly, len(ordered))


def _of_quotient(quotient: Floats, off: Floats, lengths: Pids) -> Floats:
    return np.where(off > 0, off / lengths + np.abs(quotient) * 4 * _ROUNDING + 1e-323, 0)


def changes(later: MeasureResult, earlier: MeasureResult) -> Sums:
    """The means of `later` minus those of `earlier`, of the profiles that have both."""
    assert isinstance(later, Sums)
    assert isinstance(earlier, Sums)
    pids, after, before = np.intersect1d(later.pids, earlier.pids, assume_unique=True, return_indices=True)
    return later.minus(earlier, pids, after, before)
