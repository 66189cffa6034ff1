"""The engine of one workspace: store, index and segment registry, and where they change together.

Every write goes through `submit`. The writer thread opens a transaction, applies the jobs to a
`UnitOfWork`, finds the transitions, writes facts and transitions, commits, and only then makes the
commit visible in memory (`_publish`) and answers. Readers ask the index and the members inside
`reading()`, so they always see one whole commit.

Time: whatever fell due is settled before the next write or read is served (`catch_up`,
`settling.py`), and by a sleeping thread (`ticker.py`) when nobody asks.

If a commit that is on disk fails to become visible, memory may no longer be true. That is a defect
of ours. The workspace then refuses everything until it is opened again: nothing is lost on disk,
but an answer from such a memory could be wrong.

It is long because whatever changes memory is here, in the order in which it happens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog
from pyroaring import BitMap

from coterie.clock import Clock
from coterie.errors import StoreError, workspace_closed
from coterie.index import Index
from coterie.index.lock import ReadersWriterLock
from coterie.live.collector import collector_paused
from coterie.live.commit import Commit, Definition
from coterie.live.loading import Loader
from coterie.live.registry.catalogue import Catalogue
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.settling import Settling, Unsettled
from coterie.live.snapshots import MembershipSnapshots
from coterie.live.transitions.batch import TransitionBatch, blocks_of
from coterie.live.transitions.by_definition import transitions_of_rewrite
from coterie.live.transitions.by_facts import FactTransitions
from coterie.live.writer import GroupWriter, Job
from coterie.live.writes.conversations import ConversationWrites
from coterie.live.writes.events import EventWrites
from coterie.live.writes.mixed_batch import MixedBatch
from coterie.live.writes.profiles import ProfileWrites
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Action, IdempotencyRecord
from coterie.rules.kernel import Lowered
from coterie.rules.moment import Moment
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.store import Store, Transaction

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Engine:
    """One open workspace. `opening.open_engine` makes it."""

    def __init__(
        self,
        store: Store,
        index: Index,
        segments: SegmentRegistry,
        catalogue: Catalogue,
        loader: Loader,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.store = store
        self.index = index
        self.segments = segments
        self.catalogue = catalogue
        self.loader = loader
        self.clock = clock
        self.settings = settings
        self.zone = ZoneInfo(store.zone)
        self.visible = ReadersWriterLock()
        resolution = IdentityResolution(settings)
        self.profiles = ProfileWrites(settings, self.zone, self.sid_of_list, resolution)
        self.events = EventWrites(settings, self.zone, resolution)
        self.conversations = ConversationWrites(settings, self.zone, resolution, self.events)
        self.mixed_batch = MixedBatch(settings, self.profiles, self.events, self.conversations, resolution)
        with store.read() as reads:
            self.last_sequence = reads.last_sequence()
            settled_at = Instant(int(reads.meta("settled_at") or store.created_at))
            self.has_suppressions = reads.meta("has_suppressions") is not None
        self.settling = Settling(segments, index, self.zone, settled_at, self._record_alone, self._publishing_alone)
        self._latest = settled_at  # the instant of the last commit
        self._moved = threading.Condition()
        self.corrections: list[str] = []
        """The memberships that opening corrected, in sentences for `coterie check`."""
        self._closed = False
        self._failed = False
        self._by_facts = FactTransitions(segments, index, loader.changes_of)
        self._snapshots = MembershipSnapshots(store, segments)
        self._writer = GroupWriter(self._commit, group_max=settings.writer_group_max)

    def close(self) -> None:
        """Finish what was submitted, store the memberships whole, and close the store."""
        self._writer.close()
        self._closed = True
        with self._moved:
            self._moved.notify_all()
        try:
            if not self._failed:
                self._snapshots.save_all(self.last_sequence)
        finally:
            self.store.close()

    def _refuse_unusable(self) -> None:
        if self._failed:
            raise StoreError(
                f"{self.store.path} was written, but what is in memory could not follow; the log says why.",
                hint="Open it again; nothing that was acknowledged is lost.",
            )
        if self._closed:
            raise workspace_closed()

    # --- reading and time

    @contextmanager
    def reading(self) -> Iterator[Moment]:
        """Lend one whole commit, and the moment that it is true of.

        Nothing that falls due by then is missing from the memberships.
        """
        while True:
            self.catch_up()
            with self.visible.reading():
                self._refuse_unusable()
                if not self.settling.has_backlog:
                    yield self._moment()
                    return

    def _moment(self) -> Moment:
        """Now; or, where something fell due after `catch_up`, the last moment before that."""
        now, due = self.now(), self.segments.timetable.next_at
        return Moment(now if due is None or due > now else Instant(due - 1), self.zone)

    def now(self) -> Instant:
        """The present.

        It never goes back behind what was settled, even when the machine's clock does.
        """
        return max(self.clock.now(), self._latest, self.settling.settled_at)

    def catch_up(self) -> None:
        """Return once everything that has fallen due is in the memberships."""
        self._refuse_unusable()
        timetable = self.segments.timetable
        due = timetable.next_at
        while due is not None and due <= self.clock.now():
            self.submit(Job(lambda work: None, alone=True, only_time=True))
            due = timetable.next_at

    # --- writing

    def write(self, run: Callable[[UnitOfWork], T], *, idempotency: IdempotencyRecord | None = None) -> T:
        """Apply `run` in the next commit; return its answer once that is on disk and visible.

        Raises IdempotentReplay.
        """
        answer: T = self.submit(Job(run, idempotency))
        return answer

    def define(
        self, run: Callable[[UnitOfWork], tuple[T, Definition]], *, idempotency: IdempotencyRecord | None = None
    ) -> T:
        """The same for a job that changes definitions: it gets a commit of its own."""
        answer: T = self.submit(Job(run, idempotency, alone=True))
        return answer

    def submit(self, job: Job) -> Any:
        """Queue a job, wait, and return its answer or raise its error.

        StoreError once the workspace is closed.
        """
        return self._writer.submit(job).result()

    def _commit(self, jobs: Sequence[Job]) -> None:
        now = self.now()
        self._refuse_unusable()
        self.settling.settle(now, whole=jobs[0].alone and not jobs[0].only_time)
        if jobs[0].only_time:
            jobs[0].answer.set_result(None)
            return
        try:
            with collector_paused():
                self._commit_together(jobs, now)
        except Exception:
            if len(jobs) == 1 or self._failed:
                raise
            # One request of the group broke. The others must not suffer: each gets its own commit.
            for job in jobs:
                self._commit_one(job, now)

    def _commit_one(self, job: Job, now: Instant) -> None:
        try:
            self._commit_together([job], now)
        except Exception as error:
            job.fail(error)

    def _commit_together(self, jobs: Sequence[Job], now: Instant) -> None:
        self._refuse_unusable()
        commit = Commit(idempotency_kept_for=self.settings.idempotency_kept_for * 1000)

        def transact(tx: Transaction) -> None:
            commit.apply(jobs, UnitOfWork(tx, self.catalogue, now, has_suppressions=self.has_suppressions))
            self.settling.refuse_unsettled(commit.drafts, now)
            self._judge(commit, Moment(now, self.zone))
            self._record(tx, commit.transitions, now)

        try:
            self.store.write(transact)
        except Unsettled as unsettled:
            self.settling.settle_first(unsettled.pids, now)
            self._commit_together(jobs, now)
            return
        self._publish(commit, now)
        commit.answer()
        self._snapshots.save_slice(self.last_sequence)

    def _judge(self, commit: Commit, moment: Moment) -> None:
        if commit.drafts:
            commit.staged = self._by_facts.stage(commit.drafts)
            commit.transitions.extend(self._by_facts.transitions(commit.drafts, commit.staged, moment))
        commit.transitions.extend(commit.definition.transitions)
        if commit.definition.rewritten:
            commit.transitions.extend(
                transitions_of_rewrite(
                    self.segments, self.index, commit.definition.rewritten, commit.staged, commit.transitions, moment
                )
            )

    def _record(self, tx: Transaction, transitions: Sequence[TransitionBatch], now: Instant) -> None:
        if transitions:
            tx.append_transitions(blocks_of(transitions, self.last_sequence))
        tx.set_meta("settled_at", str(int(self.settling.settled_to(now))))

    def _record_alone(self, transitions: Sequence[TransitionBatch], now: Instant) -> None:
        """Record transitions that time causes, in a commit of their own."""
        self.store.write(lambda tx: self._record(tx, transitions, now))

    # --- what rules look at

    def prepare(self, rule: Lowered) -> None:
        """Load what the rule looks at: event properties that no rule looked at before.

        Any thread.
        """
        if not self.loader.is_loaded(rule):
            self.submit(Job(lambda work: self.loader.load_missing(rule), alone=True))

    # --- making a commit visible

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        with self.visible.writing():
            try:
                yield
            except BaseException:
                self._failed = True
                log.critical("memory_could_not_follow", workspace=self.store.workspace_id, exc_info=True)
                raise

    def _publish(self, commit: Commit, now: Instant) -> None:
        definition = commit.definition
        with self._publishing():
            for known in commit.properties:
                self.catalogue.put(known)
            if definition.property is not None:
                self.catalogue.put(definition.property)
            for name in commit.event_names:
                self.catalogue.see_event(name)
            for seen in commit.event_properties:
                self.catalogue.see(seen)
            self.has_suppressions = self.has_suppressions or commit.has_suppressions
            if commit.staged is not None:
                self.index.publish(commit.staged)
            if definition.deleted_property is not None:
                self.catalogue.forget(definition.deleted_property)
            if definition.segment is not None:
                self._register(definition.segment, now)
            for segment in definition.rewritten:
                self._register(segment, now)
            self._move(commit.transitions)
            if definition.deleted_segment is not None:
                self.segments.remove(definition.deleted_segment)
            self._latest = max(self._latest, now)
            self.settling.committed(now)
            self.settling.observe(commit.drafts, now)
        self._wake(commit.transitions)

    @contextmanager
    def _publishing_alone(self, transitions: Sequence[TransitionBatch]) -> Iterator[None]:
        """Publish transitions that time causes, with what the caller changes meanwhile."""
        with self._publishing():
            self._move(transitions)
            yield
        self._wake(transitions)

    def _wake(self, transitions: Sequence[TransitionBatch]) -> None:
        """Wake the threads that wait for transitions."""
        if transitions:
            with self._moved:
                self._moved.notify_all()

    def wait_for_transitions(self, after: int, timeout: float) -> int:
        """Wait until the last visible sequence is greater than `after`, and return it.

        Returns earlier when `timeout` seconds are up or the workspace is closed.
        """
        with self._moved:
            self._moved.wait_for(lambda: self.last_sequence > after or self._closed, timeout)
        return self.last_sequence

    def _register(self, segment: LiveSegment, now: Instant) -> None:
        before = self.segments.by_sid.get(segment.sid)
        if before is not None:
            segment.members, segment.unsaved = before.members, before.unsaved
        self.segments.add(segment)
        self.settling.look_up(segment, now)

    def _move(self, transitions: Sequence[TransitionBatch]) -> None:
        for batch in transitions:
            segment = self.segments.by_sid[batch.segment.sid]
            if batch.action is Action.ENTER:
                segment.members.update(batch.pids)
            else:
                segment.members.difference_update(BitMap(batch.pids))
            segment.unsaved = True
            self.last_sequence += len(batch.pids)
            self._snapshots.count(len(batch.pids))

    def sid_of_list(self, segment_id: str) -> int | None:
        """The number of a static segment, None for any other id."""
        segment = self.segments.by_id.get(segment_id)
        return segment.sid if segment is not None and segment.is_static else None
