"""Several writes in one commit, on purpose: they queue up while the writer is held at a gate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from coterie.live.engine import Engine
from coterie.live.writer import Job
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import IdempotencyRecord
from coterie.workspace import Workspace

Run = Callable[[UnitOfWork], Any]


def engine_of(workspace: Workspace) -> Engine:
    """The engine behind the facade, for tests of the rooms below."""
    return workspace._engine


def in_one_commit(workspace: Workspace, runs: Sequence[Run | tuple[Run, IdempotencyRecord]]) -> list[Future[Any]]:
    """Submit these so that they share a commit; return the futures of their answers."""
    engine = engine_of(workspace)
    held, gate = threading.Event(), threading.Event()

    def wait(work: UnitOfWork) -> None:
        held.set()
        assert gate.wait(10)

    first = engine._writer.submit(Job(wait))
    assert held.wait(10)  # the writer is in its own commit now, so what comes is gathered for the next
    jobs = [Job(*run) if isinstance(run, tuple) else Job(run) for run in runs]
    futures = [engine._writer.submit(job) for job in jobs]
    gate.set()
    first.result(10)
    for future in futures:
        future.exception(10)
    return futures
