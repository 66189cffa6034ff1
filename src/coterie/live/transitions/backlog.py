"""The backlog: what fell due and has not been judged yet.

It is judged in slices, so that a midnight at which a million profiles move keeps nobody waiting for
long. While slices are left, a write that touches a profile first has everything judged that fell
due for it, up to the write's own instant (`judge_first`); then the write itself is judged. So each
profile's transitions are in the order of their instants, whoever else is waiting. Reads,
definitions and checks wait for the whole backlog.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index import Index
from coterie.live.registry.segments import SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.transitions.by_time import TimePass
from coterie.live.transitions.crossings import OrderedCrossings, find_crossings
from coterie.rules.values import Instant


class Backlog:
    """All crossings after `since` and up to `until`.

    `ahead` are the profiles for which some were judged before, each with the instant up to which.
    """

    def __init__(
        self, segments: SegmentRegistry, index: Index, zone: ZoneInfo, since: Instant, until: Instant,
        ahead: Mapping[int, Instant],
    ) -> None:  # fmt: skip
        self._segments = segments
        self._index = index
        self._zone = zone
        self.since = since
        self.until = until
        self._judged_to = since
        self._edges = segments.timetable.due(until)
        self._rest = _later_than(ahead, find_crossings(index, self._edges, since, until))

    def __len__(self) -> int:
        return len(self._rest)

    def take(self, count: int) -> list[TransitionBatch]:
        """Judge the next `count` crossings."""
        taken = self._rest.only(slice(None, count))
        if count < len(self._rest):
            self._rest = self._rest.only(slice(count, None)).without_places()  # valid until the next commit only
        else:
            self._rest = self._rest.only(slice(0))
        time_pass = TimePass(self._segments, self._index, self._zone, self._edges)
        time_pass.judge(taken, self._judged_to)
        if len(taken):
            self._judged_to = Instant(int(taken.at[-1]))
        return time_pass.transitions()

    def judge_first(self, pids: Collection[int], now: Instant, ahead: Mapping[int, Instant]) -> list[TransitionBatch]:
        """Judge these profiles before all others, up to `now`, which may be later than `until`."""
        chosen = np.fromiter(pids, dtype=np.int64, count=len(pids))
        is_chosen = np.isin(self._rest.pid, chosen)
        earlier = TimePass(self._segments, self._index, self._zone, self._edges)
        earlier.judge(self._rest.only(is_chosen).without_places(), self._judged_to)
        self._rest = self._rest.only(~is_chosen)
        edges = self._segments.timetable.due(now)
        later = TimePass(self._segments, self._index, self._zone, edges, earlier.decided)
        crossed = _later_than(ahead, find_crossings(self._index, edges, self.until, now))
        later.judge(crossed.only(np.isin(crossed.pid, chosen)), self.until)
        return earlier.transitions() + later.transitions()


def _later_than(ahead: Mapping[int, Instant], crossed: OrderedCrossings) -> OrderedCrossings:
    """Without the crossings that were judged before."""
    if not ahead:
        return crossed
    judged_to = np.array([ahead.get(pid, -(2**62)) for pid in crossed.pid.tolist()], dtype=np.int64)
    return crossed.only(crossed.at > judged_to)
