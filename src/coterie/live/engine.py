"""The engine of one workspace: the store, the index and the book of segments, and the one place where they change together.

Every write goes through `submit`. The writer thread opens a transaction, applies the jobs to a `Round`, finds the transitions, writes facts and
transitions, commits, and only then makes the commit visible in memory (`_publish`) and answers. Readers ask the index and the members inside `reading()`, so that
what they see is always one whole commit.

Time: whatever fell due is settled before the next write or question is served (`catch_up`), and by a sleeping thread (`ticker.py`) when nobody asks.

Should a commit that is on disk fail to become visible, memory is no longer known to be true. That is a fault of ours; the workspace then refuses
everything until it is opened again, for nothing is lost on disk, and an answer from such a memory could be wrong.

It is long because whatever moves memory stands here, in the order in which it happens.
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
from coterie.errors import CoterieError, StoreError
from coterie.index import Index
from coterie.index.lock import ReadersWriterLock
from coterie.live.collector import collector_paused
from coterie.live.commit import Commit, Definition
from coterie.live.loading import is_loaded, load_missing
from coterie.live.registry.catalogue import Catalogue
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.registry.timetable import next_crossing
from coterie.live.transitions.backlog import Backlog, Tick
from coterie.live.transitions.batch import TransitionBatch, blocks_of
from coterie.live.transitions.by_definition import transitions_of_rewrite
from coterie.live.transitions.by_facts import FactTransitions
from coterie.live.writer import GroupWriter, Job
from coterie.live.writes.conversations import ConversationWrites
from coterie.live.writes.draft import Draft
from coterie.live.writes.events import EventWrites
from coterie.live.writes.mixed_batch import MixedBatch
from coterie.live.writes.profiles import ProfileWrites
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Action, IdempotencyRecord
from coterie.rules.edges import edges
from coterie.rules.kernel import ChangedAt, Lowered
from coterie.rules.moment import Moment
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.store import Store, Transaction

T = TypeVar("T")

SNAPSHOT_EVERY = 1_000_000
"""Transitions after which the memberships that moved are stored whole again, so that an opening folds few more than that (about a second)."""

SNAPSHOT_SLICE = 16
"""How many of them are stored after one commit, so that no commit waits long for it."""


SLICE = 20_000
"""Crossings that are judged in one commit: some tenths of a second, for which writes wait."""

log = structlog.get_logger(__name__)


class Unsettled(Exception):
    """A write touches profiles for whom something fell due that has not been judged yet."""

    def __init__(self, pids: set[int]) -> None:
        super().__init__("something fell due first")
        self.pids = pids


class Engine:
    """One open workspace. `opening.open_engine` makes it."""

    def __init__(
        self,
        store: Store,
        index: Index,
        segments: SegmentRegistry,
        catalogue: Catalogue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.store = store
        self.index = index
        self.segments = segments
        self.catalogue = catalogue
        self.clock = clock
        self.settings = settings
        self.zone = ZoneInfo(store.zone)
        self.visible = ReadersWriterLock()
        resolution = IdentityResolution(settings)
        self.profiles = ProfileWrites(settings, self.zone, self.sid_of_list, resolution)
        self.events = EventWrites(settings, self.zone, resolution)
        self.conversations = ConversationWrites(settings, self.zone, resolution, self.events)
        self.mixed_batch = MixedBatch(self.profiles, self.events, self.conversations, resolution)
        with store.read() as reads:
            self.last_sequence = reads.last_sequence()
            self.settled_at = Instant(int(reads.meta("settled_at") or store.created_at))
            self.has_suppressions = reads.meta("has_suppressions") is not None
        self._latest = self.settled_at  # the instant of the last commit
        self._backlog: Backlog | None = None
        self._ahead: dict[int, Instant] = {}  # profiles judged beyond what is settled for all, each up to an instant
        self.due_changed = threading.Event()
        self.changes_of: set[str] = set()
        """The properties of which the index knows when they changed: those that some rule has asked of."""
        self._moved = threading.Condition()
        self.corrections: list[str] = []
        """What opening found recorded wrongly and put right, in sentences; `coterie check` tells of it."""
        self._since_snapshot = 0
        self._to_save: list[int] = []
        self._closed = False
        self._failed = False
        self._by_facts = FactTransitions(segments, index, self.changes_of)
        self._tick = Tick(segments, index, self.zone)
        self._writer = GroupWriter(self._commit, group_max=settings.writer_group_max)

    def close(self) -> None:
        """Finish what was submitted, store the memberships whole, and close the store."""
        self._writer.close()
        self._closed = True
        with self._moved:
            self._moved.notify_all()
        try:
            if not self._failed:
                self._save_memberships()
        finally:
            self.store.close()

    def _refuse_unusable(self) -> None:
        if self._failed:
            raise StoreError(
                f"{self.store.path} was written, but what is in memory could not follow; the log says why.",
                hint="Open it again; nothing that was acknowledged is lost.",
            )
        if self._closed:
            raise StoreError("The workspace is closed.")

    # --- reading and time

    @contextmanager
    def reading(self) -> Iterator[Moment]:
        """One whole commit to look at, and the moment it is true of: nothing that falls due by then is missing from the memberships."""
        while True:
            self.catch_up()
            with self.visible.reading():
                self._refuse_unusable()
                if self._backlog is None:
                    yield self._moment()
                    return

    def _moment(self) -> Moment:
        """Now; or, where something has fallen due since `catch_up` looked, the last moment before that."""
        now, due = self.now(), self.segments.next_at
        return Moment(now if due is None or due > now else Instant(due - 1), self.zone)

    def now(self) -> Instant:
        """The present. It never goes back behind what was settled, even when the machine's clock does."""
        return max(self.clock.now(), self._latest)

    def catch_up(self) -> None:
        """Return once everything that has fallen due is in the memberships."""
        self._refuse_unusable()
        due = self.segments.next_at
        while due is not None and due <= self.clock.now():
            self.submit(Job(lambda work: None, alone=True, only_time=True))
            due = self.segments.next_at

    # --- writing

    def write(self, run: Callable[[UnitOfWork], T], *, idempotency: IdempotencyRecord | None = None) -> T:
        """Apply `run` in the next commit; return its answer once that is on disk and visible. Raises IdempotentReplay."""
        answer: T = self.submit(Job(run, idempotency))
        return answer

    def define(
        self, run: Callable[[UnitOfWork], tuple[T, Definition]], *, idempotency: IdempotencyRecord | None = None
    ) -> T:
        """The same for a job that changes definitions: it gets a commit of its own."""
        answer: T = self.submit(Job(run, idempotency, alone=True))
        return answer

    def submit(self, job: Job) -> Any:
        """Queue a job, wait, and return its answer or raise its error. StoreError once the workspace is closed."""
        return self._writer.submit(job).result()

    def _commit(self, jobs: Sequence[Job]) -> None:
        now = self.now()
        self._settle_time(now, whole=jobs[0].alone and not jobs[0].only_time)
        if jobs[0].only_time:
            jobs[0].answer.set_result(None)
            return
        try:
            with collector_paused():
                self._commit_together(jobs, now)
        except Exception:
            if len(jobs) == 1 or self._failed:
                raise
            # One request of the group broke: the others must not suffer for it. Each gets a commit of its own.
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
            self._refuse_unsettled(commit.drafts, now)
            self._judge(commit, Moment(now, self.zone))
            self._record(tx, commit.transitions, now)

        try:
            self.store.write(transact)
        except Unsettled as unsettled:
            self._settle_some(unsettled.pids, now)
            self._commit_together(jobs, now)
            return
        self._publish(commit, now)
        commit.answer()
        self._save_a_slice()

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
        tx.set_meta("settled_at", str(int(now if self._backlog is None else self._backlog.since)))

    # --- what rules ask for first

    def prepare(self, rule: Lowered) -> None:
        """Have in memory what the rule looks at: properties of events that no rule asked for before are read from the store. Any thread."""
        if not is_loaded(self, rule):
            self.submit(Job(lambda work: load_missing(self, rule), alone=True))

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
                self._enter(definition.segment, now)
            for segment in definition.rewritten:
                self._enter(segment, now)
            self._move(commit.transitions)
            if definition.deleted_segment is not None:
                self.segments.remove(definition.deleted_segment)
            self._latest = max(self._latest, now)
            if self._backlog is None:
                self.settled_at = max(self.settled_at, now)
            self._notice(commit.drafts, now)
        self._tell(commit.transitions)

    def _tell(self, transitions: Sequence[TransitionBatch]) -> None:
        """Wake who waits for transitions."""
        if transitions:
            with self._moved:
                self._moved.notify_all()

    def wait_for_transitions(self, after: int, timeout: float) -> int:
        """The last visible sequence, as soon as it is greater than `after`, or when `timeout` seconds are up or the workspace is closed."""
        with self._moved:
            self._moved.wait_for(lambda: self.last_sequence > after or self._closed, timeout)
        return self.last_sequence

    def _enter(self, segment: LiveSegment, now: Instant) -> None:
        before = self.segments.by_sid.get(segment.sid)
        if before is not None:
            segment.members, segment.unsaved = before.members, before.unsaved
        self.segments.add(segment)
        for leaf in segment.moving:
            if self.segments.due.at.get(leaf) is None:
                self.segments.due.set_next(leaf, next_crossing(leaf, now, self.index.next_crossing))
        known = self.segments.measures.edges
        for edge in {edge for leaf in segment.leaves for edge in edges(leaf)}:
            if edge.source is not None and not known.is_looked_up(edge):
                known.set_next(edge, self.index.next_crossing(edge, now))
        self.due_changed.set()

    def _move(self, transitions: Sequence[TransitionBatch]) -> None:
        for batch in transitions:
            segment = self.segments.by_sid[batch.segment.sid]
            if batch.action is Action.ENTER:
                segment.members.update(batch.pids)
            else:
                segment.members.difference_update(BitMap(batch.pids))
            segment.unsaved = True
            self.last_sequence += len(batch.pids)
            self._since_snapshot += len(batch.pids)

    def _notice(self, drafts: Sequence[Draft], now: Instant) -> None:
        due = self.segments.due
        for name in due.watched():
            for draft in drafts:
                changed = name.property if isinstance(name, ChangedAt) else name
                if draft.deleted or not (draft.is_new or changed in draft.changed):
                    continue
                value = draft.new(name)
                if isinstance(value, Instant):
                    due.observe(name, value, now)
                    self.due_changed.set()
        soonest = self.segments.measures.edges.next_at
        for draft in drafts:
            for source, happened in draft.activity.items():
                for row in happened.added:
                    self.segments.measures.edges.observe(source, Instant(row.at), row.values, now)
        if self.segments.measures.edges.next_at != soonest:
            self.due_changed.set()

    # --- time

    def _settle_time(self, now: Instant, *, whole: bool) -> None:
        """Write what fell due up to `now`, in commits of its own; unless `whole`, one slice of it at most where there is much."""
        self._refuse_unusable()
        while self._backlog is not None or ((due := self.segments.next_at) is not None and due <= now):
            if not self._settle_slice(now) and not whole:
                return

    def _settle_slice(self, now: Instant) -> bool:
        """Judge the next slice, and say whether it was the last."""
        if self._backlog is None:
            self._backlog = self._tick.begin(self.settled_at, now, self._ahead)
        backlog = self._backlog
        with collector_paused():
            transitions = backlog.take(SLICE)
        if len(backlog):
            self._write_moves(transitions, now)
            return False
        self._backlog = None
        looked_up = self._tick.looked_up(backlog.until)
        edges_looked_up = self._tick.edges_looked_up(backlog.until)
        if transitions or self._ahead:  # else nothing is to be told, and the next commit says how far time was settled
            self.store.write(lambda tx: self._record(tx, transitions, backlog.until))
        with self._publishing():
            self._move(transitions)
            self.segments.due.settled(looked_up, backlog.until)
            for edge, at in edges_looked_up:
                self.segments.measures.edges.set_next(edge, at)
            self.settled_at = backlog.until
            self._latest = max(self._latest, backlog.until)
            self._ahead = {pid: at for pid, at in self._ahead.items() if at > backlog.until}
        self._tell(transitions)
        self.due_changed.set()
        return True

    def _refuse_unsettled(self, drafts: Sequence[Draft], now: Instant) -> None:
        """Raises Unsettled where something that fell due for one of these has not been judged yet."""
        if self._backlog is not None:
            pids = {draft.pid for draft in drafts if not draft.is_new and self._ahead.get(draft.pid, -1) < now}
            if pids:
                raise Unsettled(pids)

    def _settle_some(self, pids: set[int], now: Instant) -> None:
        """Judge what fell due for these profiles, up to `now`, before all others."""
        assert self._backlog is not None
        self._write_moves(self._backlog.of(pids, now, self._ahead), now)
        self._ahead.update(dict.fromkeys(pids, now))

    def _write_moves(self, transitions: Sequence[TransitionBatch], now: Instant) -> None:
        if transitions:
            self.store.write(lambda tx: self._record(tx, transitions, now))
            with self._publishing():
                self._move(transitions)
            self._tell(transitions)

    # --- the memberships, stored whole

    def _save_a_slice(self) -> None:
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self._since_snapshot = 0
            self._to_save = [segment.sid for segment in self.segments.by_sid.values() if segment.unsaved]
        if self._to_save:
            taken, self._to_save = self._to_save[:SNAPSHOT_SLICE], self._to_save[SNAPSHOT_SLICE:]
            self._save([self.segments.by_sid[sid] for sid in taken if sid in self.segments.by_sid])

    def _save_memberships(self) -> None:
        self._save([segment for segment in self.segments.by_sid.values() if segment.unsaved])

    def _save(self, unsaved: Sequence[LiveSegment]) -> None:
        """They only make the next start quicker, so where they cannot be stored that is logged, and tried again later."""

        def save(tx: Transaction) -> None:
            for segment in unsaved:
                tx.save_membership(segment.sid, segment.members, self.last_sequence)

        try:
            self.store.write(save)
        except CoterieError as error:
            log.warning("memberships_not_saved", workspace=self.store.workspace_id, error=str(error))
            return
        for segment in unsaved:
            segment.unsaved = False

    def sid_of_list(self, segment_id: str) -> int | None:
        """The number of a static segment, None for any other id."""
        segment = self.segments.by_id.get(segment_id)
        return segment.sid if segment is not None and segment.is_static else None
