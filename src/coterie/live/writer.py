"""One writer thread with group commit: jobs that arrive during a commit share the next one.

Jobs marked `alone` (definitions, declarations) get a commit of their own; the others are taken in
order, as many as are waiting, up to a limit. A job is answered once its commit is on disk and
visible in memory.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from coterie.errors import workspace_closed
from coterie.live.writes.unit_of_work import PartlyApplied, UnitOfWork
from coterie.model import IdempotencyRecord


@dataclass(slots=True)
class Job:
    """One write.

    `run` gets the unit of work and returns the answer. Where jobs share a commit, it raises a
    CoterieError before it changes anything, or PartlyApplied after.
    """

    run: Callable[[UnitOfWork], Any]
    idempotency: IdempotencyRecord | None = None
    alone: bool = False
    only_time: bool = False  # settles what is due, or a slice of it, and does nothing else
    answer: Future[Any] = field(default_factory=Future)

    def fail(self, error: BaseException) -> None:
        """Answer with an error."""
        self.answer.set_exception(error.error if isinstance(error, PartlyApplied) else error)


class GroupWriter:
    """Runs `commit(jobs)` in its own thread, for groups of at most `group_max` jobs.

    `commit` must answer every job; where it raises, the jobs without an answer get the exception.
    """

    def __init__(self, commit: Callable[[Sequence[Job]], None], *, group_max: int) -> None:
        self._commit = commit
        self._group_max = group_max
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._held: Job | None = None
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="coterie-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Future[Any]:
        """Queue a job, and return the future of its answer. Raises StoreError once closed."""
        with self._gate:
            if self._closed:
                raise workspace_closed()
            self._waiting.put(job)
        return job.answer

    def close(self) -> None:
        """Finish the jobs that are queued, then stop."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while True:
            first = self._held or self._waiting.get()
            self._held = None
            if first is None:
                return
            stop, group = self._gather(first)
            self._run(group)
            if stop:
                return

    def _gather(self, first: Job) -> tuple[bool, list[Job]]:
        group = [first]
        while not first.alone and len(group) < self._group_max:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return True, group
            if job.alone:
                self._held = job
                break
            group.append(job)
        return False, group

    def _run(self, group: list[Job]) -> None:
        try:
            self._commit(group)
        except BaseException as error:  # the thread must survive; every waiting caller gets the error
            for job in group:
                if not job.answer.done():
                    job.fail(error)
