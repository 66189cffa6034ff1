"""One commit: it applies its jobs to a unit of work, one after the other, and collects the result.

A job that is refused is answered with its error, and the others go on. Memory does not change here:
`engine.py` publishes a commit once it is on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coterie.errors import CoterieError, IdempotencyConflict
from coterie.index import Staged
from coterie.live.registry.segments import LiveSegment
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.writer import Job
from coterie.live.writes.draft import Draft
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import IdempotencyRecord, IdempotentReplay
from coterie.store.rows import StoredEventProperty, StoredProperty
from coterie.store.store import Transaction


@dataclass(slots=True)
class Definition:
    """The changes of definitions that a job asks of its commit, beside its drafts."""

    segment: LiveSegment | None = None  # created or updated; `transitions` are its own and its users'
    rewritten: Sequence[LiveSegment] = ()  # their transitions are found once the drafts are judged
    deleted_segment: LiveSegment | None = None
    transitions: Sequence[TransitionBatch] = ()
    property: StoredProperty | None = None
    deleted_property: str | None = None  # by name


@dataclass(slots=True)
class Commit:
    """The result of one commit, and the answers to its jobs once it is on disk and visible."""

    idempotency_kept_for: int  # milliseconds
    drafts: list[Draft] = field(default_factory=list)
    properties: list[StoredProperty] = field(default_factory=list)  # new ones
    event_names: set[str] = field(default_factory=set)
    event_properties: list[StoredEventProperty] = field(default_factory=list)  # new ones
    has_suppressions: bool = False
    staged: Staged | None = None
    transitions: list[TransitionBatch] = field(default_factory=list)
    definition: Definition = field(default_factory=Definition)
    _answers: list[Callable[[], None]] = field(default_factory=list)

    def apply(self, jobs: Sequence[Job], work: UnitOfWork) -> None:
        """Run the jobs and write their drafts.

        Raises every error that is not a CoterieError or an IdempotentReplay, and those of a job
        that runs alone: the transaction must be rolled back.
        """
        for job in jobs:
            self._answers.append(self._run(job, work))
        self.drafts = work.write()
        self.properties = list(work.new_properties.values())
        self.event_names = work.activity.event_names()
        self.event_properties = work.new_event_properties
        self.has_suppressions = work.has_suppressions

    def answer(self) -> None:
        """Answer every job."""
        for answer in self._answers:
            answer()

    def _run(self, job: Job, work: UnitOfWork) -> Callable[[], None]:
        idempotency = job.idempotency
        try:
            if idempotency is not None:
                work.tx.purge_answers(work.now - self.idempotency_kept_for)
                _refuse_repeated(idempotency, work.tx)
            result = job.run(work)
        except (CoterieError, IdempotentReplay) as error:
            if job.alone:
                raise
            failure = error  # Python deletes `error` at the end of this clause
            return lambda: job.answer.set_exception(failure)
        if job.alone and isinstance(result, tuple):
            result, self.definition = result
        if idempotency is not None:
            work.tx.put_answer(idempotency.key, idempotency.fingerprint, idempotency.render(result), work.now)
        return lambda: job.answer.set_result(result)


def _refuse_repeated(idempotency: IdempotencyRecord, tx: Transaction) -> None:
    recorded = tx.find_answer(idempotency.key)
    if recorded is None:
        return
    fingerprint, answer = recorded
    if fingerprint != idempotency.fingerprint:
        raise IdempotencyConflict(
            "This Idempotency-Key was used for another request.", hint="Use a new key for each different request."
        )
    raise IdempotentReplay(answer)
