"""The engine of one workspace: the store, the index and the book of segments, and the one place where they change together.

Every write goes through `submit`. The writer thread opens a transaction, applies the jobs to a `Round`, finds the moves, writes facts and
transitions, commits, and only then makes the commit visible in memory (`_publish`) and answers. Readers hold `visible.reading()` while they ask the index and
the members, so that what they see is always one whole commit.

Time: whatever fell due is settled before the next write or question is served (`catch_up`), and by a sleeping thread (`ticker.py`) when nobody asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from coterie.clock import Clock
from coterie.errors import CoterieError, IdempotencyConflict
from coterie.index import Index, Staged
from coterie.index.lock import ReadersWriterLock
from coterie.live.book import Book, LiveSegment
from coterie.live.catalogue import Catalogue
from coterie.live.collector import collector_paused
from coterie.live.ingest import Ingest
from coterie.live.reconcile import Move, Reconcile, blocks_of
from coterie.live.round import Draft, Round
from coterie.live.tick import Tick
from coterie.live.writer import GroupWriter, Job
from coterie.model import Action, AnsweredBefore, Receipt
from coterie.rules.moment import Moment
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.records import StoredProperty
from coterie.store.store import Store, Transaction

T = TypeVar("T")

SNAPSHOT_EVERY = 100_000
"""Transitions after which the memberships that moved are stored whole again, so that opening never folds more than that."""


@dataclass(slots=True)
class Definition:
    """What a job that changes definitions asks of the commit, beside its drafts."""

    enter: LiveSegment | None = None
    leave: LiveSegment | None = None
    moves: Sequence[Move] = ()
    property: StoredProperty | None = None
    forget: str | None = None


class Engine:
    """One open workspace. `opening.open_engine` makes it."""

    def __init__(
        self, store: Store, index: Index, book: Book, catalogue: Catalogue, clock: Clock, settings: Settings
    ) -> None:
        self.store = store
        self.index = index
        self.book = book
        self.catalogue = catalogue
        self.clock = clock
        self.settings = settings
        self.zone = ZoneInfo(store.zone)
        self.visible = ReadersWriterLock()
        self.ingest = Ingest(settings, self.zone, self.sid_of_list)
        self.last_sequence = store.last_sequence()
        self.settled_at = Instant(int(store.meta("settled_at") or store.created_at))
        self.due_changed = threading.Event()
        self._since_snapshot = 0
        self._reconcile = Reconcile(book, index)
        self._tick = Tick(book, index, self.zone)
        self._writer = GroupWriter(self._commit, group_max=settings.writer_group_max)

    def close(self) -> None:
        """Finish what was submitted, store the memberships whole, and close the store."""
        self._writer.close()
        self.store.write(self._save_memberships)
        self.store.close()

    # --- time

    def now(self) -> Instant:
        """The present. It never goes back behind what was settled, even when the machine's clock does."""
        return max(self.clock.now(), self.settled_at)

    def moment(self) -> Moment:
        return Moment(self.now(), self.zone)

    def catch_up(self) -> None:
        """Return once everything that has fallen due is in the memberships."""
        due = self.book.due.next_at
        if due is not None and due <= self.clock.now():
            self.submit(Job(lambda round_: None, alone=True))

    # --- writing

    def write(self, run: Callable[[Round], T], *, receipt: Receipt | None = None) -> T:
        """Apply `run` in the next commit; return its answer once that is on disk and visible. Raises AnsweredBefore."""
        answer: T = self.submit(Job(run, receipt))
        return answer

    def define(self, run: Callable[[Round], tuple[T, Definition]], *, receipt: Receipt | None = None) -> T:
        """The same for a job that changes definitions: it gets a commit of its own."""
        answer: T = self.submit(Job(run, receipt, alone=True))
        return answer

    def submit(self, job: Job) -> Any:
        return self._writer.submit(job).result()

    def _commit(self, jobs: Sequence[Job]) -> None:
        now = self.now()
        self._settle_time(now)
        try:
            with collector_paused():
                self._commit_together(jobs, now)
        except CoterieError:
            raise
        except Exception:
            if len(jobs) == 1:
                raise
            # One request of the group broke: the others must not suffer for it. Each gets a commit of its own.
            for job in jobs:
                self._commit_one(job, now)

    def _commit_one(self, job: Job, now: Instant) -> None:
        try:
            self._commit_together([job], now)
        except Exception as error:
            job.answer.set_exception(error)

    def _commit_together(self, jobs: Sequence[Job], now: Instant) -> None:
        outcomes: list[Callable[[], None]] = []
        commit = _Commit()

        def work(tx: Transaction) -> None:
            round_ = Round(tx, self.catalogue, now)
            for job in jobs:
                outcomes.append(self._run(job, round_, commit))
            commit.drafts = round_.write()
            commit.properties = list(round_.new_properties.values())
            self._judge(commit, Moment(now, self.zone))
            self._record(tx, commit.moves, now)

        self.store.write(work)
        self._publish(commit, now)
        for outcome in outcomes:
            outcome()

    def _run(self, job: Job, round_: Round, commit: _Commit) -> Callable[[], None]:
        """Apply one job; how to answer it is returned, to be done after the commit. A job refused is answered too."""
        try:
            self._refuse_repeated(job.receipt, round_.tx)
            answer = job.run(round_)
        except (CoterieError, AnsweredBefore) as error:
            refused = error
            return lambda: job.answer.set_exception(refused)
        if job.alone and isinstance(answer, tuple):
            answer, commit.definition = answer
        if job.receipt is not None:
            round_.tx.purge_answers(round_.now - self.settings.idempotency_kept_for * 1000)
            round_.tx.put_answer(job.receipt.key, job.receipt.fingerprint, job.receipt.render(answer), round_.now)
        return lambda: job.answer.set_result(answer)

    def _refuse_repeated(self, receipt: Receipt | None, tx: Transaction) -> None:
        known = tx.find_answer(receipt.key) if receipt else None
        if known is None or receipt is None:
            return
        fingerprint, answer = known
        if fingerprint != receipt.fingerprint:
            raise IdempotencyConflict(
                "This Idempotency-Key was used for another request.", hint="Use a new key for each different request."
            )
        raise AnsweredBefore(answer)

    def _judge(self, commit: _Commit, moment: Moment) -> None:
        if commit.drafts:
            commit.staged = self._reconcile.stage(commit.drafts)
            commit.moves.extend(self._reconcile.moves(commit.drafts, commit.staged, moment))
        commit.moves.extend(commit.definition.moves)

    def _record(self, tx: Transaction, moves: Sequence[Move], now: Instant) -> None:
        if moves:
            tx.append_transitions(blocks_of(moves, self.last_sequence))
        tx.set_meta("settled_at", str(int(now)))

    # --- making a commit visible

    def _publish(self, commit: _Commit, now: Instant) -> None:
        definition = commit.definition
        with self.visible.writing():
            for known in commit.properties:
                self.catalogue.put(known)
            if definition.property is not None:
                self.catalogue.put(definition.property)
            if commit.staged is not None:
                self.index.publish(commit.staged)
            if definition.forget is not None:
                self.catalogue.forget(definition.forget)
            if definition.enter is not None:
                self._enter(definition.enter, now)
            self._move(commit.moves)
            if definition.leave is not None:
                self.book.leave(definition.leave)
            self.settled_at = max(self.settled_at, now)
            self._notice(commit.drafts, now)
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self.store.write(self._save_memberships)

    def _enter(self, segment: LiveSegment, now: Instant) -> None:
        known = self.book.by_sid.get(segment.sid)
        if known is not None:
            segment.members = known.members
        self.book.enter(segment)
        for leaf in segment.moving:
            if self.book.due.at.get(leaf) is None:
                self.book.due.look(leaf, self.index.next_crossing(leaf, now))
        self.due_changed.set()

    def _move(self, moves: Sequence[Move]) -> None:
        for move in moves:
            segment = self.book.by_sid[move.segment.sid]
            if move.action is Action.ENTER:
                segment.members.update(move.pids)
            else:
                segment.members.difference_update(BitMap(move.pids))
            segment.unsaved = True
            self.last_sequence += len(move.pids)
            self._since_snapshot += len(move.pids)

    def _notice(self, drafts: Sequence[Draft], now: Instant) -> None:
        due = self.book.due
        for name in due.watched():
            for draft in drafts:
                if draft.deleted or not (draft.is_new or name in draft.changed):
                    continue
                value = draft.new(name)
                if isinstance(value, Instant):
                    due.notice(name, value, now)
                    self.due_changed.set()

    # --- time

    def _settle_time(self, now: Instant) -> None:
        """Write what fell due up to `now`, in a commit of its own."""
        due = self.book.due.next_at
        if due is None or due > now:
            return
        moves = self._tick.moves(self.settled_at, now)
        looked_up = self._tick.looked_up(now)
        self.store.write(lambda tx: self._record(tx, moves, now))
        with self.visible.writing():
            self._move(moves)
            self.book.due.settled(looked_up, now)
            self.settled_at = now
        self.due_changed.set()

    # --- the memberships, stored whole

    def _save_memberships(self, tx: Transaction) -> None:
        for segment in self.book.by_sid.values():
            if segment.unsaved:
                tx.save_membership(segment.sid, segment.members, self.last_sequence)
                segment.unsaved = False
        self._since_snapshot = 0

    def sid_of_list(self, segment_id: str) -> int | None:
        segment = self.book.by_id.get(segment_id)
        return segment.sid if segment is not None and segment.is_static else None

    def renamed(self, segment: LiveSegment, **changes: object) -> LiveSegment:
        """A copy of a segment's record with these fields changed, its rule and members as they are."""
        return replace(segment, stored=replace(segment.stored, **changes))  # type: ignore[arg-type]  # fields of one record


class _Commit:
    """What one commit gathers on its way."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.properties: list[StoredProperty] = []
        self.staged: Staged | None = None
        self.moves: list[Move] = []
        self.definition = Definition()
