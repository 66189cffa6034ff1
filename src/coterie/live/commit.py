"""One commit on its way: its jobs are applied to a unit of work, one after the other, and what comes of them is gathered here.

A job that is refused is answered with its error and the others go on. Nothing in here moves memory: `engine.py` does that once the commit is on disk.
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
    """What a job that changes definitions asks of the commit, beside its drafts."""

    enter: LiveSegment | None = None
    rewritten: Sequence[LiveSegment] = ()  # to be judged once the drafts are
    leave: LiveSegment | None = None
    transitions: Sequence[TransitionBatch] = ()
    property: StoredProperty | None = None
    forget: str | None = None


@dataclass(slots=True)
class Commit:
    """What one commit gathers, and how its jobs are to be answered once it is on disk and visible."""

    answer_kept_for: int  # milliseconds, of the answer to an Idempotency-Key
    drafts: list[Draft] = field(default_factory=list)
    properties: list[StoredProperty] = field(default_factory=list)
    events: set[str] = field(default_factory=set)  # names
    event_properties: list[StoredEventProperty] = field(default_factory=list)
    erased: bool = False
    staged: Staged | None = None
    transitions: list[TransitionBatch] = field(default_factory=list)
    definition: Definition = field(default_factory=Definition)
    _outcomes: list[Callable[[], None]] = field(default_factory=list)

    def apply(self, jobs: Sequence[Job], work: UnitOfWork) -> None:
        """Run the jobs and write the profiles they touched. Raises what a job raises that is no refusal: then the commit must not be."""
        for job in jobs:
            self._outcomes.append(self._run(job, work))
        self.drafts = work.write()
        self.properties = list(work.new_properties.values())
        self.events = work.activity.event_names()
        self.event_properties = work.new_event_properties
        self.erased = work.has_suppressions

    def answer(self) -> None:
        """Tell every job what became of it."""
        for outcome in self._outcomes:
            outcome()

    def _run(self, job: Job, work: UnitOfWork) -> Callable[[], None]:
        try:
            if job.idempotency is not None:
                work.tx.purge_answers(work.now - self.answer_kept_for)
                _refuse_repeated(job.idempotency, work.tx)
            answer = job.run(work)
        except (CoterieError, IdempotentReplay) as error:
            if job.alone:
                raise  # nobody shares the commit, so that whatever the job did is undone
            refused = error
            return lambda: job.answer.set_exception(refused)
        if job.alone and isinstance(answer, tuple):
            answer, self.definition = answer
        if job.idempotency is not None:
            work.tx.put_answer(
                job.idempotency.key, job.idempotency.fingerprint, job.idempotency.render(answer), work.now
            )
        return lambda: job.answer.set_result(answer)


def _refuse_repeated(idempotency: IdempotencyRecord, tx: Transaction) -> None:
    known = tx.find_answer(idempotency.key)
    if known is None:
        return
    fingerprint, answer = known
    if fingerprint != idempotency.fingerprint:
        raise IdempotencyConflict(
            "This Idempotency-Key was used for another request.", hint="Use a new key for each different request."
        )
    raise IdempotentReplay(answer)
