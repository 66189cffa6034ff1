"""What one profile did, from the tables and from what is staged.

It is looked up once and kept: with the staged change or, for what is published, until the table
changes; one write asks many subjects of the same profile.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from coterie.index.activity.rows import ProfileActivity
from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.table import Table
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Source
from coterie.rules.values import Instant

CACHED_MAX: Final = 4_096

_at = attrgetter("at")


class ProfileLookup:
    """Used by many threads at once.

    `table_of` gives the table of a source, None where it has no rows yet.
    """

    def __init__(self, table_of: Callable[[Source], Table | None]) -> None:
        self._table_of = table_of
        self._cache: dict[tuple[Source, int], tuple[Table | None, int, ProfileActivity]] = {}

    def activity(self, source: Source, pid: int, staged: StagedActivity | None) -> ProfileActivity:
        """One profile's rows from a source: as published, or as `staged` would leave them."""
        if staged is None or not staged.touches(source):
            return self._published(source, pid)
        activity = staged.looked_up.get((source, pid))
        if activity is None:
            activity = staged.looked_up[source, pid] = ProfileActivity.of(self._as_staged(source, pid, staged))
        return activity

    def _published(self, source: Source, pid: int) -> ProfileActivity:
        table = self._table_of(source)
        version = -1 if table is None else table.version
        cached = self._cache.get((source, pid))
        if cached is not None and cached[0] is table and cached[1] == version:
            return cached[2]
        activity = ProfileActivity.of(()) if table is None else _at_places(table, table.places_of(pid))
        if len(self._cache) >= CACHED_MAX:
            self._cache.clear()
        self._cache[source, pid] = table, version, activity
        return activity

    def _as_staged(self, source: Source, pid: int, staged: StagedActivity) -> list[ActivityRow]:
        table = self._table_of(source)
        removed = staged.removed_of(source, pid)
        rows: list[ActivityRow] = []
        if removed is None:
            rows.extend(self._published(source, pid).rows())
        elif table is not None:
            places = [place for place in table.places_of(pid) if int(table.numbers[place]) not in removed]
            rows.extend(_at_places(table, places).rows())
        rows.extend(ActivityRow(Instant(row.at), row.values) for row in staged.rows_of(source, pid))
        rows.sort(key=_at)
        return rows

    def forget(self) -> None:
        """Drop everything that is cached."""
        self._cache.clear()


def _at_places(table: Table, places: list[int]) -> ProfileActivity:
    if not places:
        return ProfileActivity.of(())
    ats: list[int] = table.ats[places].tolist()
    if places[-1] >= table.sorted:  # the tail is in no order
        order = sorted(range(len(places)), key=ats.__getitem__)
        places, ats = [places[place] for place in order], [ats[place] for place in order]
    return ProfileActivity(ats, lambda: list(map(ActivityRow, map(Instant, ats), table.values_at(places))))
