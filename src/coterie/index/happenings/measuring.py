"""Measures over rows that count: one value for each profile that has any, by sorting the rows by profile and reducing them.

`rules.subjects.measure` says what each measure is; a new one is a new `case` here.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Pids
from coterie.index.happenings.found import Floats, Found, Picked, Plain, Sums
from coterie.index.happenings.groups import Groups, counted, runs
from coterie.index.happenings.selection import Selected
from coterie.rules.happening import Happening
from coterie.rules.kernel import Measured
from coterie.rules.subjects import exact_sum
from coterie.rules.subjects import measure as by_law
from coterie.rules.values import Value, kind_of

NOTHING: Final[dict[str, Value]] = {"count": 0.0, "sum": 0.0, "distinct": 0.0, "any": False}
"""The measures that have a value where there is nothing to measure."""

_ROUNDING: Final = 2.0**-52


def measured(subject: Measured, rows: Selected) -> Found:
    """The subject's values. Profiles without one of `rows` are not among them, nor those whose value is missing, or is that of nothing."""
    of = subject.of
    match subject.measure:
        case "count":
            pids, counts = counted(rows.pids)
            return Plain(pids, counts.astype(np.float64))
        case "any":
            pids = counted(rows.pids)[0]
            return Plain(pids, np.ones(len(pids), dtype=np.bool_))
        case "first_at" | "last_at":
            groups = Groups.of(rows.pids)
            return Plain(groups.pids, _reduced(_extreme(subject.measure == "first_at"), rows.ats, groups))
        case "distinct":
            assert of is not None
            return _distinct(rows.pids, rows.codes(of))
        case "first" | "last":
            assert of is not None
            return _picked(subject.measure, of, rows)
    assert of is not None
    numbers, present = rows.numbers(of)
    pids = rows.pids
    if not present.all():
        numbers, pids = numbers[present], pids[present]
    groups = Groups.of(pids)
    if subject.measure in ("min", "max"):
        return Plain(groups.pids, _reduced(_extreme(subject.measure == "min"), numbers, groups))
    return sums(groups, numbers, subject.measure in ("mean", "change"))


def _extreme(least: bool) -> np.ufunc:
    return np.minimum if least else np.maximum


def _reduced(operation: np.ufunc, values: npt.NDArray[Any], groups: Groups) -> npt.NDArray[Any]:
    if not len(groups.starts):
        return values[:0]
    reduced: npt.NDArray[Any] = operation.reduceat(values[groups.order], groups.starts)
    return reduced


def _distinct(pids: npt.NDArray[Any], codes: npt.NDArray[np.int64]) -> Found:
    has = codes != 0
    groups = Groups.of(pids[has])
    codes = codes[has][groups.order]
    of_group = np.repeat(np.arange(len(groups.pids)), groups.lengths())
    order = np.lexsort((codes, of_group))
    of_group, codes = of_group[order], codes[order]
    new = np.ones(len(codes), dtype=np.bool_)
    new[1:] = (codes[1:] != codes[:-1]) | (of_group[1:] != of_group[:-1])
    return Plain(groups.pids, np.bincount(of_group[new], minlength=len(groups.pids)).astype(np.float64))


# --- sums -------------------------------------------------------------------------------------------------------------


def sums(groups: Groups, numbers: Floats, mean: bool) -> Sums:
    """The sums of each profile's numbers, or their means."""
    ordered = numbers[groups.order]
    lengths = groups.lengths()
    if not len(lengths):
        return Sums(groups.pids, np.zeros(0), np.zeros(0), lambda _: [])
    with np.errstate(all="ignore"):
        about = np.add.reduceat(ordered, groups.starts)
        size = np.add.reduceat(np.abs(ordered), groups.starts)
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
        return (
            [total / int(lengths[place]) for total, place in zip(totals, places.tolist(), strict=True)]
            if mean
            else totals
        )

    return Sums(groups.pids, about, off, exactly, len(ordered))


def _of_quotient(quotient: Floats, off: Floats, lengths: Pids) -> Floats:
    return np.where(off > 0, off / lengths + np.abs(quotient) * 4 * _ROUNDING + 1e-323, 0)


def changes(later: Found, earlier: Found) -> Sums:
    """The means of `later` minus those of `earlier`, of the profiles that have both."""
    assert isinstance(later, Sums)
    assert isinstance(earlier, Sums)
    pids, after, before = np.intersect1d(later.pids, earlier.pids, assume_unique=True, return_indices=True)
    return later.minus(earlier, pids, after, before)


# --- first and last ---------------------------------------------------------------------------------------------------


def _picked(measure: str, of: str, rows: Selected) -> Found:
    """The earliest or the latest row that has a value. Of several at one instant, the law says which."""
    has = np.flatnonzero(rows.present(of))
    groups = Groups.of(rows.pids[has])
    order = has[groups.order]
    ats = rows.ats[order]
    if not len(order):
        return Picked(groups.pids, rows, order, of)
    edge = np.repeat(_extreme(measure == "first").reduceat(ats, groups.starts), groups.lengths())
    there = np.flatnonzero(ats == edge)
    of_group = np.repeat(np.arange(len(groups.pids)), groups.lengths())[there]
    firsts, _ = runs(of_group)
    places = order[there[firsts]]
    for group in np.flatnonzero(np.diff(firsts, append=len(there)) > 1).tolist():
        stop = firsts[group + 1] if group + 1 < len(firsts) else len(there)
        places[group] = _of_tied(measure, of, rows, order[there[firsts[group] : stop]])
    return Picked(groups.pids, rows, places, of)


def _of_tied(measure: str, of: str, rows: Selected, places: Pids) -> int:
    values = [rows.value(of, place) for place in places.tolist()]
    tied = [Happening(rows.at(0), {of: value}) for value in values if value is not None]
    best = by_law(measure, of, tied)
    assert best is not None
    found = (
        n for n, value in enumerate(values) if value is not None and (kind_of(value), value) == (kind_of(best), best)
    )
    return int(places[next(found)])
