"""Time is settled: everything that fell due up to an instant is judged, recorded and published.

The writer does so before each write, in commits of their own. Where much is due, it is judged in
slices (`transitions/backlog.py`), with writes in between.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

from coterie.index import Index
from coterie.live.collector import collector_paused
from coterie.live.registry.measures import sources_of
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.registry.timetable import Column
from coterie.live.transitions.backlog import Backlog
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.writes.draft import Draft
from coterie.rules.kernel import AT, ChangedAt, Source
from coterie.rules.values import Instant

SLICE = 20_000
"""Crossings that are judged in one commit: some tenths of a second, for which writes wait."""


class Unsettled(Exception):
    """A write touches profiles for which something fell due that has not been judged yet."""

    def __init__(self, pids: set[int]) -> None:
        super().__init__("something fell due first")
        self.pids = pids


class Settling:
    """What fell due and how far it is settled. Used by the writer only, but for `due_changed`."""

    def __init__(
        self,
        segments: SegmentRegistry,
        index: Index,
        zone: ZoneInfo,
        settled_at: Instant,
        record: Callable[[Sequence[TransitionBatch], Instant], None],
        publishing: Callable[[Sequence[TransitionBatch]], AbstractContextManager[None]],
    ) -> None:
        """`record` writes transitions to the store, as of an instant; `publishing` shows them."""
        self._segments = segments
        self._timetable = segments.timetable
        self._index = index
        self._zone = zone
        self._record = record
        self._publishing = publishing
        self.settled_at = settled_at
        """The instant up to which time is settled for every profile."""
        self._backlog: Backlog | None = None
        self._ahead: dict[int, Instant] = {}  # profiles settled beyond `settled_at`, each up to an instant
        self.due_changed = threading.Event()
        """Set when something may fall due sooner, or was settled. The ticker waits for it."""

    @property
    def has_backlog(self) -> bool:
        """Whether something fell due that has been judged in part only."""
        return self._backlog is not None

    def settled_to(self, now: Instant) -> Instant:
        """The instant up to which time is settled by a commit at `now`."""
        return now if self._backlog is None else self._backlog.since

    def committed(self, now: Instant) -> None:
        """A commit at `now` was published."""
        if self._backlog is None:
            self.settled_at = max(self.settled_at, now)

    # --- what falls due

    def look_up(self, segment: LiveSegment, now: Instant) -> None:
        """Look up when the edges of a new segment are crossed next."""
        for edge in self._timetable.unknown(segment.leaves):
            self._timetable.set_next(edge, self._index.next_crossing(edge, now))
        self.due_changed.set()

    def observe(self, drafts: Sequence[Draft], now: Instant) -> None:
        """Tell the timetable the instants that a commit brings."""
        timetable = self._timetable
        instants: dict[tuple[Source | None, Column], list[int]] = defaultdict(list)
        for draft in drafts:
            for column in timetable.columns(None):
                name = column.property if isinstance(column, ChangedAt) else column
                if draft.deleted or not (draft.is_new or name in draft.changed):
                    continue
                value = draft.new(column)
                if isinstance(value, Instant):
                    instants[None, column].append(value)
            for source, changes in draft.activity.items():
                for matching in sources_of(source) if changes.added else ():
                    for column in timetable.columns(matching):
                        if column == AT:
                            instants[matching, column].extend(row.at for row in changes.added)
                        else:
                            values = (row.values.get(str(column)) for row in changes.added)
                            instants[matching, column].extend(at for at in values if isinstance(at, Instant))
        soonest = timetable.next_at
        for (row_source, column), observed in instants.items():
            timetable.observe(row_source, column, observed, now)
        if timetable.next_at != soonest:
            self.due_changed.set()

    # --- settling it

    def settle(self, now: Instant, *, whole: bool) -> None:
        """Settle what fell due up to `now`: the whole of it, or one slice where there is much."""
        while self._backlog is not None or ((due := self._timetable.next_at) is not None and due <= now):
            if not self._settle_slice(now) and not whole:
                return

    def _settle_slice(self, now: Instant) -> bool:
        """Judge the next slice, and return whether it was the last."""
        if self._backlog is None:
            self._backlog = Backlog(self._segments, self._index, self._zone, self.settled_at, now, self._ahead)
        backlog = self._backlog
        with collector_paused():
            transitions = backlog.take(SLICE)
        if len(backlog):
            self._write(transitions, now)
            return False
        self._backlog = None
        until = backlog.until
        next_crossings = [(edge, self._index.next_crossing(edge, until)) for edge in self._timetable.due(until)]
        if transitions or self._ahead:  # otherwise the next commit records how far time is settled
            self._record(transitions, until)
        with self._publishing(transitions):
            for edge, at in next_crossings:
                self._timetable.set_next(edge, at)
            self.settled_at = until
            self._ahead = {pid: at for pid, at in self._ahead.items() if at > until}
        self.due_changed.set()
        return True

    def refuse_unsettled(self, drafts: Sequence[Draft], now: Instant) -> None:
        """Raise Unsettled where something that fell due for one of these has not been judged."""
        if self._backlog is not None:
            pids = {draft.pid for draft in drafts if not draft.is_new and self._ahead.get(draft.pid, -1) < now}
            if pids:
                raise Unsettled(pids)

    def settle_first(self, pids: set[int], now: Instant) -> None:
        """Settle these profiles up to `now`, before all others."""
        assert self._backlog is not None
        self._write(self._backlog.judge_first(pids, now, self._ahead), now)
        self._ahead.update(dict.fromkeys(pids, now))

    def _write(self, transitions: Sequence[TransitionBatch], now: Instant) -> None:
        if transitions:
            self._record(transitions, now)
            with self._publishing(transitions):
                pass
