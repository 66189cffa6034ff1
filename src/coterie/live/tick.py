"""Time is a change like any other: the profiles that crossed a window's edge since the last look, each judged at its own instant.

Only leaves that are due are looked at, and of those only the profiles that crossed. The transitions carry the instants at which they fell due, also when
the process was down meanwhile.

A profile that crossed at one instant only is, from that instant on, what it is at the end; so all such profiles are judged together, at the end, by the
index's columns. Those that crossed more than once are few when the span is short: a span with many of them is cut in two. What is left over is judged by
the law, one by one.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from coterie.index import Index
from coterie.live.book import Book, LiveSegment
from coterie.live.reconcile import FEW, Move, rows_in
from coterie.model import Action, Cause
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import MovingLeaf
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

NOTHING_DECIDED: Mapping[str, BitMap] = {}


class Indexed:
    """One indexed profile as the law looks at it, with the memberships already `decided` (by id) in place of the recorded ones."""

    __slots__ = ("_book", "_decided", "_index", "_pid")

    def __init__(self, pid: int, index: Index, book: Book, decided: Mapping[str, BitMap] = NOTHING_DECIDED) -> None:
        self._pid = pid
        self._index = index
        self._book = book
        self._decided = decided

    def value(self, name: str) -> Value | None:
        return self._index.value(name, self._pid)

    def is_member(self, segment_id: str) -> bool:
        decided = self._decided.get(segment_id)
        return self._pid in (self._book.members_of(segment_id) if decided is None else decided)


class Tick:
    """Everything that time changed after `since` and up to `now`."""

    def __init__(self, book: Book, index: Index, zone: ZoneInfo) -> None:
        self._book = book
        self._index = index
        self._zone = zone

    def moves(self, since: Instant, now: Instant) -> list[Move]:
        """In the order of their instants; at one instant, those whom others depend on first."""
        span = _Span(self._book, self._index, self._zone, self._book.due.due_leaves(now))
        span.judge(span.crossings(since, now))
        return span.moves()

    def looked_up(self, now: Instant) -> dict[MovingLeaf, Instant | None]:
        """For the leaves that were due: when somebody crosses them next."""
        return {leaf: self._index.next_crossing(leaf, now) for leaf in self._book.due.due_leaves(now)}


@dataclass(frozen=True, slots=True)
class _Crossings:
    """Who crossed which leaf when, in the order of the instants: three columns."""

    at: np.ndarray
    pid: np.ndarray
    leaf: np.ndarray  # the place of the leaf among those that are due

    def __len__(self) -> int:
        return len(self.at)

    def only(self, chosen: np.ndarray | slice) -> _Crossings:
        return _Crossings(self.at[chosen], self.pid[chosen], self.leaf[chosen])

    def pids_of_several(self) -> np.ndarray:
        """The pids that cross at more than one instant."""
        both = np.unique(np.stack((self.pid, self.at)), axis=1)
        pids, counts = np.unique(both[0], return_counts=True)
        return pids[counts > 1]


@dataclass(slots=True)
class _Span:
    """A tick under way: the memberships as decided so far, and who moved."""

    book: Book
    index: Index
    zone: ZoneInfo
    leaves: list[MovingLeaf]
    _decided: dict[str, BitMap] = field(default_factory=dict)
    _moved: dict[tuple[int, int, int, Action], list[int]] = field(default_factory=lambda: defaultdict(list))

    def crossings(self, since: Instant, now: Instant) -> _Crossings:
        found = [self.index.crossings(leaf, since, now) for leaf in self.leaves]
        if not found:
            return _Crossings(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
        places = [np.full(len(pids), place, dtype=np.int64) for place, (_, pids) in enumerate(found)]
        at, pid = (np.concatenate(column).astype(np.int64) for column in zip(*found, strict=True))
        order = np.argsort(at, kind="stable")
        return _Crossings(at, pid, np.concatenate(places)).only(order)

    def judge(self, crossed: _Crossings) -> None:
        several = crossed.pids_of_several()
        if len(several) > FEW:
            cut = _middle(crossed.at, crossed.at[np.isin(crossed.pid, several)])
            self.judge(crossed.only(slice(None, cut)))
            self.judge(crossed.only(slice(cut, None)))
            return
        once = ~np.isin(crossed.pid, several)
        if np.count_nonzero(once) > FEW:
            self._together(crossed.only(once), Moment(Instant(int(crossed.at[-1])), self.zone))
            crossed = crossed.only(~once)
        self._one_by_one(crossed)

    def moves(self) -> list[Move]:
        return [
            Move(self.book.by_sid[sid], action, Cause.TIME, at, sorted(pids))
            for (at, _, sid, action), pids in sorted(self._moved.items())
        ]

    # --- by the columns

    def _together(self, crossed: _Crossings, moment: Moment) -> None:
        """Profiles that cross once, judged at `moment`, when all of them have."""
        pids, first = np.unique(crossed.pid, return_index=True)
        instants = crossed.at[first]
        waiting: dict[int, list[np.ndarray]] = defaultdict(list)  # sid -> pids to judge
        for place, leaf in enumerate(self.leaves):
            of_leaf = np.unique(crossed.pid[crossed.leaf == place])
            for sid in self.book.due.sids[leaf] if len(of_leaf) else ():
                waiting[sid].append(of_leaf)
        turns = self.book.turns(waiting)
        while turns:
            segment = self.book.by_sid[heapq.heappop(turns)[1]]
            asked = waiting.pop(segment.sid)
            rows = asked[0] if len(asked) == 1 else np.unique(np.concatenate(asked))
            holds = self._holds(segment, rows, moment)
            flipped = rows[holds != rows_in(self._members(segment.id), rows)]
            if not len(flipped):
                continue
            entered = holds[np.searchsorted(rows, flipped)]
            self._decide(segment.id, flipped)
            for pid, at, enters in zip(
                flipped.tolist(), instants[np.searchsorted(pids, flipped)].tolist(), entered.tolist(), strict=True
            ):
                self._moved[at, segment.depth, segment.sid, Action.ENTER if enters else Action.EXIT].append(pid)
            for user in self.book.users.get(segment.id, ()):
                if user not in waiting:
                    heapq.heappush(turns, (self.book.by_sid[user].depth, user))
                waiting[user].append(flipped)

    def _holds(self, segment: LiveSegment, rows: np.ndarray, moment: Moment) -> np.ndarray:
        assert segment.lowered is not None
        return self.index.evaluate(segment.lowered, rows, moment, lambda one: rows_in(self._members(one), rows))

    def _members(self, segment_id: str) -> BitMap:
        decided = self._decided.get(segment_id)
        return self.book.members_of(segment_id) if decided is None else decided

    def _decide(self, segment_id: str, flipped: Iterable[int]) -> None:
        decided = self._decided.get(segment_id)
        if decided is None:
            decided = self._decided[segment_id] = BitMap(self.book.members_of(segment_id))
        decided ^= BitMap(flipped)

    # --- by the law

    def _one_by_one(self, crossed: _Crossings) -> None:
        waiting: dict[tuple[int, int], set[int]] = defaultdict(
            set
        )  # (instant, pid) -> sids to judge, in order of instants
        for at, pid, place in zip(crossed.at.tolist(), crossed.pid.tolist(), crossed.leaf.tolist(), strict=True):
            waiting[at, pid] |= self.book.due.sids[self.leaves[place]]
        for (at, pid), sids in waiting.items():
            self._judge(pid, sids, Moment(Instant(at), self.zone))

    def _judge(self, pid: int, waiting: set[int], moment: Moment) -> None:
        seen = Indexed(pid, self.index, self.book, self._decided)
        turns = self.book.turns(waiting)
        while turns:
            segment = self.book.by_sid[heapq.heappop(turns)[1]]
            waiting.discard(segment.sid)
            assert segment.rule is not None
            holds = evaluate(segment.rule, seen, moment)
            if holds == seen.is_member(segment.id):
                continue
            self._decide(segment.id, (pid,))
            self._moved[moment.now, segment.depth, segment.sid, Action.ENTER if holds else Action.EXIT].append(pid)
            for user in self.book.users.get(segment.id, set()) - waiting:
                waiting.add(user)
                heapq.heappush(turns, (self.book.by_sid[user].depth, user))


def _middle(every: np.ndarray, several: np.ndarray) -> int:
    """Where to cut `every` (ascending) so that about half of `several` is on either side, and something on both."""
    middle = several[(len(several) - 1) // 2]
    cut = int(np.searchsorted(every, middle, "right"))
    return cut if cut < len(every) else int(np.searchsorted(every, middle, "left"))
