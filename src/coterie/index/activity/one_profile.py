"""A few profiles: plain Python over lists, which for ten events is quicker than setting up arrays.

What a profile did is looked up once and kept, in the staged change or, for what is published, until the table changes: one write asks many
subjects of the same profile. Its instants are in order, so that a window is a slice; its values are looked up when a subject needs them.
The arithmetic is the law's own (`rules.subjects`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.table import Table
from coterie.index.activity.window import Window, bounds, windows
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Followed, Lowered, LoweredStep, MeasureSubject, Source
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.subjects import change, measure
from coterie.rules.values import Instant, Value

KEPT_MAX: Final = 4_096

_at = attrgetter("at")


class ProfileActivity:
    """One profile's happenings from one source, in the order of their instants."""

    __slots__ = ("_find", "_known", "ats")

    def __init__(self, ats: list[int], find: Callable[[], list[ActivityRow]]) -> None:
        self.ats = ats
        self._find = find
        self._known: list[ActivityRow] | None = None

    def happenings(self) -> list[ActivityRow]:
        """The list is shared: it must not be changed."""
        if self._known is None:
            self._known = self._find()
        return self._known


class OneProfile:
    """Asked by many at once."""

    def __init__(self, find: Callable[[Source], Table | None]) -> None:
        self._find = find
        self._kept: dict[tuple[Source, int], tuple[Table | None, int, ProfileActivity]] = {}

    # --- subjects

    def value(self, subject: MeasureSubject, pid: int, moment: Moment, staged: StagedActivity | None) -> Value | None:
        """The subject's value for one profile."""
        if isinstance(subject, Followed):
            return self._followed(subject, pid, moment, staged)
        own = self.own(subject.source, pid, staged)
        if subject.where is None and subject.of is None:
            return _of_instants(subject.measure, own.ats, *bounds(subject.window, moment))
        rows = [_counting(own, window, subject.where, moment) for window in windows(subject)]
        return measure(subject.measure, subject.of, rows[0]) if len(rows) == 1 else change(subject.of, *rows)

    def _followed(self, subject: Followed, pid: int, moment: Moment, staged: StagedActivity | None) -> bool:
        """As `rules.subjects` has it: of the instants reached, only the latest before an event can help it most."""
        reached: list[int] | None = None
        for step in subject.steps:
            own = self.own(step.source, pid, staged)
            if step.where is None:
                ats = _slice(own.ats, *bounds(subject.window, moment))
            else:
                ats = [one.at for one in _counting(own, subject.window, step.where, moment)]
            reached = ats if reached is None else [at for at in ats if _follows(at, reached, step)]
            if not reached:
                return False
        return True

    # --- what a profile did

    def activity(self, source: Source, pid: int, staged: StagedActivity | None) -> Sequence[ActivityRow]:
        """One profile's happenings, in the order of their instants. The list is shared: it must not be changed."""
        return self.own(source, pid, staged).happenings()

    def own(self, source: Source, pid: int, staged: StagedActivity | None) -> ProfileActivity:
        if staged is None or not staged.touches(source):
            return self._published(source, pid)
        known = staged.seen.get((source, pid))
        if known is None:
            found = self._as_staged(source, pid, staged)
            known = staged.seen[source, pid] = ProfileActivity([one.at for one in found], lambda: found)
        return known

    def _published(self, source: Source, pid: int) -> ProfileActivity:
        table = self._find(source)
        known = self._kept.get((source, pid))
        version = -1 if table is None else table.version
        if known is not None and known[0] is table and known[1] == version:
            return known[2]
        own = ProfileActivity([], list) if table is None else _own(table, table.places_of(pid))
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        self._kept[source, pid] = table, version, own
        return own

    def _as_staged(self, source: Source, pid: int, staged: StagedActivity) -> list[ActivityRow]:
        table = self._find(source)
        taken = staged.taken_of(source, pid)
        found: list[ActivityRow] = []
        if taken is None:
            found.extend(self._published(source, pid).happenings())
        elif table is not None:
            places = [place for place in table.places_of(pid) if int(table.numbers[place]) not in taken]
            found.extend(_own(table, places).happenings())
        found.extend(ActivityRow(Instant(row.at), row.values) for row in staged.rows_of(source, pid))
        found.sort(key=_at)
        return found

    def forget(self) -> None:
        self._kept.clear()


def _own(table: Table, places: list[int]) -> ProfileActivity:
    if not places:
        return ProfileActivity([], list)
    ats: list[int] = table.ats[places].tolist()
    if places[-1] >= table.sorted:  # the tail is in no order
        order = sorted(range(len(places)), key=ats.__getitem__)
        places, ats = [places[place] for place in order], [ats[place] for place in order]
    return ProfileActivity(ats, lambda: list(map(ActivityRow, map(Instant, ats), table.values_at(places))))


def _slice(ats: list[int], low: int, high: int) -> list[int]:
    return ats[bisect_left(ats, low) : bisect_right(ats, high)]


def _counting(own: ProfileActivity, window: Window, where: Lowered | None, moment: Moment) -> list[ActivityRow]:
    """Those that lie in the window and meet `where`."""
    low, high = bounds(window, moment)
    first, last = bisect_left(own.ats, low), bisect_right(own.ats, high)
    if first >= last:
        return []
    inside = own.happenings()[first:last]
    return inside if where is None else [one for one in inside if matches(where, one.values, moment, one.at)]


def _of_instants(name: str, ats: list[int], low: int, high: int) -> Value | None:
    """The measures that look at no values."""
    first, last = bisect_left(ats, low), bisect_right(ats, high)
    match name:
        case "count":
            return float(max(last - first, 0))
        case "any":
            return last > first
        case "first_at":
            return Instant(ats[first]) if last > first else None
        case "last_at":
            return Instant(ats[last - 1]) if last > first else None
        case _:
            raise AssertionError(f"{name} is taken of a property")


def _follows(at: int, reached: list[int], step: LoweredStep) -> bool:
    place = bisect_left(reached, at)
    return place > 0 and (step.within is None or at - reached[place - 1] <= step.within)
