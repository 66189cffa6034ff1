"""Checkpoint the WAL in a thread of its own, so that commits do not wait for it.

SQLite would checkpoint in the commit that makes the WAL too long, and each such commit would wait
until thousands of pages are written to the file. Here a thread does that beside the writer, a
little at a time. Once the WAL is long, the writer checkpoints the rest in its next commit: only
when nothing is left can the WAL begin anew. A reader of an old snapshot prevents that, as always in
SQLite; the WAL then grows until that read ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from coterie.store.connections import CHECKPOINT_PAGES, open_reader

STEP_PAGES = 500
"""4 MB at a time, which a disk writes between two commits.

Measured: at 500 events a second, one commit in a hundred waits 30 ms where it waited 200, both on a
machine that was busy otherwise; with 2,000 pages it waits 100 ms.
"""


class Checkpointer:
    """Keeps the WAL of one writing connection short, from its creation until `close`."""

    def __init__(self, path: Path, writer: apsw.Connection) -> None:
        self._connection = open_reader(path)
        self._checkpointing = threading.Lock()
        self._requested = threading.Event()
        self._closed = False
        self._writer_next = False  # whether the next commit checkpoints what came during the last step
        self._length = 0  # of the WAL, in pages
        self._next_at = STEP_PAGES
        self._thread = threading.Thread(target=self._run, name=f"checkpointer {path.name}", daemon=True)
        self._thread.start()
        writer.set_wal_hook(self._committed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the checkpointer from running, so that the caller can checkpoint."""
        with self._checkpointing:
            yield

    def close(self) -> None:
        """Call it before the writer is closed, which then checkpoints everything."""
        self._closed = True
        self._requested.set()
        self._thread.join()
        self._connection.close()

    def _committed(self, writer: apsw.Connection, database: str, length: int) -> int:
        """The WAL hook: runs in the writer's thread after each commit. It must not raise."""
        if length < self._length:  # the WAL has begun anew
            self._next_at = STEP_PAGES
        self._length = length
        if self._writer_next and self._checkpointing.acquire(blocking=False):
            self._writer_next = False
            try:
                _checkpoint(writer)
            finally:
                self._checkpointing.release()
        elif length >= self._next_at:
            self._next_at = length + STEP_PAGES
            self._requested.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        while True:
            self._requested.wait()
            self._requested.clear()
            if self._closed:
                return
            with self._checkpointing:
                _checkpoint(self._connection)
            self._writer_next = self._length >= CHECKPOINT_PAGES


def _checkpoint(connection: apsw.Connection) -> None:
    """Copy as many pages as readers allow.

    After an error (a full or broken disk) the pages stay in the WAL, where they are safe, until the
    next try.
    """
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except apsw.Error:
        return
