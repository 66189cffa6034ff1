"""`first` and `last`: for each profile the earliest or latest row that has a value.

Of several rows at one instant the law chooses.
"""

from __future__ import annotations

import numpy as np

from coterie.index.activity.group_by_profile import ByProfile, Groups, only
from coterie.index.activity.measure_result import FirstLast, MeasureResult
from coterie.index.activity.selection import Selected
from coterie.index.bits import Bools, Pids
from coterie.rules.activity import ActivityRow
from coterie.rules.subjects import measure as by_law
from coterie.rules.values import kind_of


def first_or_last(measure: str, of: str, by_profile: ByProfile) -> MeasureResult:
    """For each profile, the row whose value of the column `of` is its `first` or its `last`."""
    rows = by_profile.rows
    has = by_profile.sorted(rows.present(of))
    places = np.arange(len(rows)) if by_profile.order is None else by_profile.order
    places, groups = only(has, places), Groups(only(has, by_profile.pids))
    if not groups.count:
        return FirstLast(groups.pids, rows, places, of)
    ats = rows.ats if len(places) == len(rows) and by_profile.order is None else rows.ats[places]
    if by_profile.by_instant:
        chosen = groups.starts if measure == "first" else groups.starts + groups.lengths() - 1
        tied = _others_there(chosen, ats, groups, measure)
    else:
        edge = groups.reduced(np.minimum if measure == "first" else np.maximum, ats)
        there = np.flatnonzero(ats == np.repeat(edge, groups.lengths()))
        starts = there.searchsorted(groups.starts)
        chosen = there[starts]
        tied = np.diff(starts, append=len(there)) > 1
    best = places[chosen]
    lengths = groups.lengths()
    for group in np.flatnonzero(tied).tolist():
        start = int(groups.starts[group])
        same = start + np.flatnonzero(ats[start : start + lengths[group]] == ats[chosen[group]])
        best[group] = _of_tied(measure, of, rows, places[same])
    return FirstLast(groups.pids, rows, best, of)


def _others_there(chosen: Pids, ats: Pids, groups: Groups, measure: str) -> Bools:
    """Where the row beside the chosen one is at the same instant. Rows are in that order."""
    several = groups.lengths() > 1
    beside = np.where(several, chosen + (1 if measure == "first" else -1), chosen)
    tied: Bools = several & (ats[beside] == ats[chosen])
    return tied


def _of_tied(measure: str, of: str, rows: Selected, places: Pids) -> int:
    values = rows.values(of, places)
    tied = [ActivityRow(rows.at(0), {of: value}) for value in values if value is not None]
    best = by_law(measure, of, tied)
    assert best is not None
    with_value = (
        n for n, value in enumerate(values) if value is not None and (kind_of(value), value) == (kind_of(best), best)
    )
    return int(places[next(with_value)])
