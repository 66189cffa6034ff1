"""The one step that keeps every segment true: some rows were touched; judge them before and after; the difference is the transitions.

Before is what is recorded. After is judged in one of two ways that give the same answer: a few rows by the law itself, for the segments that their
changes can flip (`flips.py`); many rows by the index's columns, for every segment that looks at what changed. Segments that use other segments come
after those they use, and see them as they will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from coterie.index import Index, Staged
from coterie.live.book import Book, LiveSegment
from coterie.live.round import Draft
from coterie.model import Action, Cause
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment
from coterie.rules.values import Value
from coterie.store.records import TransitionBlock

FEW = 24
"""Up to so many rows are judged one by one: below it the law is quicker than setting up columns."""


@dataclass(frozen=True, slots=True)
class Move:
    """Profiles that entered or left one segment at one instant, for one cause. `pids` ascend."""

    segment: LiveSegment
    action: Action
    cause: Cause
    at: int
    pids: Sequence[int]


def blocks_of(moves: Iterable[Move], last_sequence: int) -> list[TransitionBlock]:
    """The moves with their sequence numbers, without a gap."""
    blocks = []
    for move in moves:
        stored = move.segment.stored
        blocks.append(
            TransitionBlock(last_sequence + 1, stored.sid, stored.version, move.action, move.cause, move.at, move.pids)
        )
        last_sequence += len(move.pids)
    return blocks


class _Seen:
    """One draft as the law looks at it, with the memberships of this commit over the recorded ones."""

    __slots__ = ("_book", "_decided", "_draft")

    def __init__(self, draft: Draft, book: Book, decided: dict[tuple[int, int], bool]) -> None:
        self._draft = draft
        self._book = book
        self._decided = decided

    def value(self, name: str) -> Value | None:
        return self._draft.new(name)

    def is_member(self, segment_id: str) -> bool:
        segment = self._book.by_id[segment_id]
        decided = self._decided.get((segment.sid, self._draft.pid))
        return self._draft.pid in segment.members if decided is None else decided


class Reconcile:
    """Finds the moves that a commit's drafts make."""

    def __init__(self, book: Book, index: Index) -> None:
        self._book = book
        self._index = index

    def stage(self, drafts: Sequence[Draft]) -> Staged:
        """The drafts as rows of the index, which nobody sees before the commit is on disk."""
        whole = any(draft.is_new or draft.deleted for draft in drafts)
        changed = None if whole else set().union(*(draft.changed for draft in drafts))
        return self._index.stage(
            [draft.pid for draft in drafts],
            [None if draft.deleted else draft.document() for draft in drafts],
            changed,
        )

    def moves(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[Move]:
        """The transitions that these drafts make, in the order in which they are numbered."""
        gone = [draft for draft in drafts if draft.deleted]
        living = [draft for draft in drafts if not draft.deleted]
        moves = self._deletions(gone, moment)
        if len(living) <= FEW:
            return moves + self._few(living, moment)
        return moves + self._many(drafts, staged, moment)

    def _deletions(self, gone: Sequence[Draft], moment: Moment) -> list[Move]:
        return [
            Move(segment, Action.EXIT, Cause.PROFILE_DELETED, moment.now, pids)
            for segment in (self._book.in_order() if gone else ())
            if (pids := [draft.pid for draft in gone if draft.pid in segment.members])
        ]

    # --- a few rows, by the law

    def _few(self, drafts: Sequence[Draft], moment: Moment) -> list[Move]:
        decided: dict[tuple[int, int], bool] = {}
        moved: dict[tuple[int, Action], list[int]] = {}
        for draft in drafts:
            self._judge(draft, moment, decided, moved)
        ordered = sorted(moved.items(), key=lambda one: (self._book.by_sid[one[0][0]].depth, one[0][0], one[0][1]))
        return [Move(self._book.by_sid[sid], action, Cause.FACTS, moment.now, pids) for (sid, action), pids in ordered]

    def _judge(
        self, draft: Draft, moment: Moment, decided: dict[tuple[int, int], bool],
        moved: dict[tuple[int, Action], list[int]],
    ) -> None:  # fmt: skip
        book = self._book
        waiting = self._candidates(draft, moment)
        seen = _Seen(draft, book, decided)
        while waiting:
            segment = min((book.by_sid[sid] for sid in waiting), key=lambda one: one.depth)
            level = [sid for sid in waiting if book.by_sid[sid].depth == segment.depth]
            waiting.difference_update(level)
            for sid in level:
                segment = book.by_sid[sid]
                was = draft.pid in segment.members
                if segment.rule is None:
                    holds = (was or sid in draft.lists_added) and sid not in draft.lists_removed
                else:
                    holds = evaluate(segment.rule, seen, moment)
                if holds != was:
                    decided[sid, draft.pid] = holds
                    moved.setdefault((sid, Action.ENTER if holds else Action.EXIT), []).append(draft.pid)
                    waiting |= book.users.get(segment.id, set())

    def _candidates(self, draft: Draft, moment: Moment) -> set[int]:
        found: set[int] = set(draft.lists_added | draft.lists_removed)
        names: Iterable[str] = draft.changed
        if draft.is_new:
            found |= self._book.holds_for_nobody
            names = {*draft.values, "external_id", "email", "created_at", "updated_at"}
        for name in names:
            self._book.flips.candidates(name, draft.old(name), draft.new(name), moment.now, found)
        return found

    # --- many rows, by the index

    def _many(self, drafts: Sequence[Draft], staged: Staged, moment: Moment) -> list[Move]:
        pids = np.array([draft.pid for draft in drafts], dtype=np.int64)
        deleted = np.array([draft.deleted for draft in drafts])
        new = any(draft.is_new for draft in drafts)
        changed = set().union(*(draft.changed for draft in drafts))
        after: dict[str, np.ndarray] = {}
        before = _membership(pids)

        def members(segment_id: str) -> np.ndarray:
            known = after.get(segment_id)
            return before(self._book.by_id[segment_id]) if known is None else known

        moves: list[Move] = []
        for segment in self._book.in_order():
            if segment.is_static:
                now_in = self._listed(segment, drafts, before)
            elif new or segment.properties & changed or any(one in after for one in segment.uses):
                assert segment.lowered is not None
                now_in = staged.evaluate(segment.lowered, moment, members)
            else:
                continue
            if now_in is None:
                continue
            was_in = before(segment)
            differs = (now_in != was_in) & ~deleted
            if differs.any():
                after[segment.id] = now_in
                moves.extend(_both_ways(segment, pids, differs, now_in, moment))
        return moves

    @staticmethod
    def _listed(
        segment: LiveSegment, drafts: Sequence[Draft], before: Callable[[LiveSegment], np.ndarray]
    ) -> np.ndarray | None:
        sid = segment.sid
        added = [place for place, draft in enumerate(drafts) if sid in draft.lists_added]
        removed = [place for place, draft in enumerate(drafts) if sid in draft.lists_removed]
        if not added and not removed:
            return None
        now_in = before(segment).copy()
        now_in[added] = True
        now_in[removed] = False
        return now_in


def _membership(pids: np.ndarray) -> Callable[[LiveSegment], np.ndarray]:
    """Who of `pids` (ascending) is recorded as a member; looked up once per segment."""
    known: dict[int, np.ndarray] = {}
    touched = BitMap(pids)

    def before(segment: LiveSegment) -> np.ndarray:
        found = known.get(segment.sid)
        if found is None:
            found = known[segment.sid] = rows_in(segment.members, pids, touched)
        return found

    return before


def rows_in(members: BitMap, pids: np.ndarray, as_bitmap: BitMap | None = None) -> np.ndarray:
    """Which of `pids` (distinct, ascending) are among the members."""
    found = np.zeros(len(pids), dtype=np.bool_)
    among = (members & (BitMap(pids) if as_bitmap is None else as_bitmap)).to_array()
    found[np.searchsorted(pids, among)] = True
    return found


def _both_ways(
    segment: LiveSegment, pids: np.ndarray, differs: np.ndarray, now_in: np.ndarray, moment: Moment
) -> list[Move]:
    sides = ((Action.ENTER, pids[differs & now_in]), (Action.EXIT, pids[differs & ~now_in]))
    return [Move(segment, action, Cause.FACTS, moment.now, moved.tolist()) for action, moved in sides if len(moved)]
