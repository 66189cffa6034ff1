"""A few profiles: plain Python over lists, which for ten events is quicker than setting up arrays.

A profile's happenings are put together once and kept, in the staged change or, for what is published, until the table changes: one write asks
many subjects of the same profile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from coterie.index.happenings.staged import StagedHappenings
from coterie.index.happenings.table import Table
from coterie.rules.happening import Happening
from coterie.rules.kernel import Followed, Measured, Source
from coterie.rules.moment import Moment
from coterie.rules.subjects import subject_value
from coterie.rules.values import Instant, Value

KEPT_MAX: Final = 4_096

_at = attrgetter("at")


class Few:
    """Asked by many at once."""

    def __init__(self, find: Callable[[Source], Table | None]) -> None:
        self._find = find
        self._kept: dict[tuple[Source, int], tuple[Table, int, list[Happening]]] = {}

    def value(
        self, subject: Measured | Followed, pid: int, moment: Moment, staged: StagedHappenings | None
    ) -> Value | None:
        """The subject's value for one profile."""
        return subject_value(subject, lambda source: self.happenings(source, pid, staged), moment)

    def happenings(self, source: Source, pid: int, staged: StagedHappenings | None) -> Sequence[Happening]:
        """One profile's happenings, in the order of their instants. The list is shared: it must not be changed."""
        if staged is None or not staged.touches(source):
            return self._published(source, pid)
        known = staged.seen.get((source, pid))
        if known is None:
            known = staged.seen[source, pid] = self._as_staged(source, pid, staged)
        return known

    def _published(self, source: Source, pid: int) -> list[Happening]:
        table = self._find(source)
        if table is None:
            return []
        known = self._kept.get((source, pid))
        if known is not None and known[0] is table and known[1] == table.version:
            return known[2]
        found = [Happening(Instant(int(table.ats[place])), table.values_at(place)) for place in table.places_of(pid)]
        found.sort(key=_at)
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        self._kept[source, pid] = table, table.version, found
        return found

    def _as_staged(self, source: Source, pid: int, staged: StagedHappenings) -> Sequence[Happening]:
        table = self._find(source)
        taken = staged.taken_of(source, pid)
        found: list[Happening] = []
        if taken is None:
            found.extend(self._published(source, pid))
        elif table is not None:
            found.extend(
                Happening(Instant(int(table.ats[place])), table.values_at(place))
                for place in table.places_of(pid)
                if int(table.numbers[place]) not in taken
            )
        found.extend(Happening(Instant(row.at), row.values) for row in staged.rows_of(source, pid))
        found.sort(key=_at)
        return found

    def forget(self) -> None:
        self._kept.clear()
