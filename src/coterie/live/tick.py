"""Time is a change like any other: the profiles that crossed a window's edge since the last look, each judged at its own instant.

Only leaves that are due are looked at, and of those only the profiles that crossed. The transitions carry the instants at which they fell due, also when
the process was down meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from coterie.index import Index
from coterie.live.book import Book, LiveSegment
from coterie.live.reconcile import Move
from coterie.model import Action, Cause
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import MovingLeaf
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value

NOTHING_DECIDED: Mapping[tuple[int, int], bool] = {}

Crossings = dict[int, dict[int, set[int]]]  # instant -> pid -> sids that may flip


class Indexed:
    """One indexed profile as the law looks at it, with the memberships already `decided` over the recorded ones."""

    __slots__ = ("_book", "_decided", "_index", "_pid")

    def __init__(
        self, pid: int, index: Index, book: Book, decided: Mapping[tuple[int, int], bool] = NOTHING_DECIDED
    ) -> None:
        self._pid = pid
        self._index = index
        self._book = book
        self._decided = decided

    def value(self, name: str) -> Value | None:
        return self._index.value(name, self._pid)

    def is_member(self, segment_id: str) -> bool:
        segment = self._book.by_id[segment_id]
        decided = self._decided.get((segment.sid, self._pid))
        return self._pid in segment.members if decided is None else decided


class Tick:
    """Everything that time changed after `since` and up to `now`."""

    def __init__(self, book: Book, index: Index, zone: ZoneInfo) -> None:
        self._book = book
        self._index = index
        self._zone = zone

    def moves(self, since: Instant, now: Instant) -> list[Move]:
        crossings = self._crossings(since, now)
        decided: dict[tuple[int, int], bool] = {}
        moves: list[Move] = []
        for at in sorted(crossings):
            moved: dict[tuple[int, int, Action], list[int]] = defaultdict(list)
            moment = Moment(Instant(at), self._zone)
            for pid, sids in sorted(crossings[at].items()):
                self._judge(pid, set(sids), moment, decided, moved)
            moves.extend(
                Move(self._book.by_sid[sid], action, Cause.TIME, at, pids)
                for (_, sid, action), pids in sorted(moved.items())
            )
        return moves

    def looked_up(self, now: Instant) -> dict[MovingLeaf, Instant | None]:
        """For the leaves that were due: when somebody crosses them next."""
        return {leaf: self._index.next_crossing(leaf, now) for leaf in self._book.due.due_leaves(now)}

    def _crossings(self, since: Instant, now: Instant) -> Crossings:
        found: Crossings = defaultdict(lambda: defaultdict(set))
        for leaf in self._book.due.due_leaves(now):
            sids = self._book.due.sids[leaf]
            instants, pids = self._index.crossings(leaf, since, now)
            for at, pid in zip(instants.tolist(), pids.tolist(), strict=True):
                found[at][pid] |= sids
        return found

    def _judge(
        self, pid: int, waiting: set[int], moment: Moment, decided: dict[tuple[int, int], bool],
        moved: dict[tuple[int, int, Action], list[int]],
    ) -> None:  # fmt: skip
        seen = Indexed(pid, self._index, self._book, decided)
        while waiting:
            segment: LiveSegment = min((self._book.by_sid[sid] for sid in waiting), key=lambda one: one.depth)
            waiting.discard(segment.sid)
            assert segment.rule is not None
            was = seen.is_member(segment.id)
            holds = evaluate(segment.rule, seen, moment)
            if holds != was:
                decided[segment.sid, pid] = holds
                moved[segment.depth, segment.sid, Action.ENTER if holds else Action.EXIT].append(pid)
                waiting |= self._book.users.get(segment.id, set())
