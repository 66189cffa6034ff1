"""Checkpoint the log into the file, beside the writer and not in its way.

SQLite would do it in the commit that makes the log too long, and every such commit would wait for thousands of pages to be written where they belong. Here a
thread of its own does that while the writer goes on, a little at a time. Once the log is long, the writer folds what has come since in its next commit: only when nothing is
left over can the log begin anew. Who reads something old keeps the log from beginning anew, as ever; it then grows until that read ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from coterie.store.connections import CHECKPOINT_PAGES, open_reader

STEP_PAGES = 500
"""4 MB at a time, which a disk takes between two commits. Measured: at 500 events a second, one commit in a hundred waits for 30 ms where it waited for
200, both on a machine that was busy otherwise; with 2,000 pages for 100."""


class Checkpointer:
    """Keeps the log of one writing connection short, from when it is made until `close`."""

    def __init__(self, path: Path, writer: apsw.Connection) -> None:
        self._connection = open_reader(path)
        self._checkpointing = threading.Lock()
        self._asked = threading.Event()
        self._closed = False
        self._rest = False  # a fold has ended, and what came meanwhile is the writer's to fold
        self._length = 0
        self._next_at = STEP_PAGES
        self._thread = threading.Thread(target=self._run, name=f"checkpointer {path.name}", daemon=True)
        self._thread.start()
        writer.set_wal_hook(self._committed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is folded meanwhile, except by whoever asked for this."""
        with self._checkpointing:
            yield

    def close(self) -> None:
        """Before the writer is closed, which then folds everything."""
        self._closed = True
        self._asked.set()
        self._thread.join()
        self._connection.close()

    def _committed(self, writer: apsw.Connection, database: str, length: int) -> int:
        """In the writer's thread, after a commit is on disk; `length` is the log's, in pages. Nothing in here may make that commit look failed."""
        if length < self._length:  # it has begun anew
            self._next_at = STEP_PAGES
        self._length = length
        if self._rest and self._checkpointing.acquire(blocking=False):
            self._rest = False
            try:
                _checkpoint(writer)
            finally:
                self._checkpointing.release()
        elif length >= self._next_at:
            self._next_at = length + STEP_PAGES
            self._asked.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._closed:
                return
            with self._checkpointing:
                _checkpoint(self._connection)
            self._rest = self._length >= CHECKPOINT_PAGES


def _checkpoint(connection: apsw.Connection) -> None:
    """As far as nobody is in the way. What fails (a full or broken disk) is left in the log, where it is safe, and tried again later."""
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except apsw.Error:
        return
