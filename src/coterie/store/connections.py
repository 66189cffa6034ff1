"""Open databases: create a new file, configure every connection, and pool the readers.

A database file is completed under another name and then renamed, so an existing file is complete:
an empty one, or one without our `application_id`, is damaged and never taken for a new one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from coterie.errors import DataDirectoryDamaged, StoreError, file_sentence
from coterie.store.migrations import Migration, migrate
from coterie.store.sqlite_errors import RESTORE, translated_errors

BUSY_TIMEOUT = 5_000  # milliseconds; only the control file is shared with other processes
IDLE_READERS_MAX = 8
WRITER_CACHE = -128 * 1024  # SQLite counts pages when positive, KiB when negative
WRITER_CACHE_MAX = -512 * 1024  # beyond it a transaction writes pages that it may have to write again
READER_CACHE = -8 * 1024
CHECKER_CACHE = -256 * 1024  # a check visits rows and indexes in random order
PAGE_SIZE = 8_192  # bytes; measured: batches of new profiles are a sixth faster than with 4,096
CHECKPOINT_PAGES = 16_000  # 128 MB of WAL: what ten thousand events write, each to its own pages
WAL_BYTES_MAX = 256 * 2**20  # of a WAL left on disk after a burst


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of database: its migrations, and the `application_id` that marks its files."""

    migrations: Sequence[Migration]
    application_id: int


def open_database(path: Path, schema: Schema, begin: Callable[[apsw.Connection], None]) -> apsw.Connection:
    """Open the writing connection to the database at `path`, at the newest schema.

    A new database is created, and filled by `begin`. Raises DataDirectoryDamaged, SchemaTooNew,
    StoreError.
    """
    with translated_errors(path):
        try:
            with _locked_folder(path.parent):
                if not path.exists():
                    _create(path, schema, begin)
        except OSError as error:
            raise StoreError(
                file_sentence(path, "opened", error), hint="May this user read and write in its folder?"
            ) from error
        connection = _connect(path, apsw.SQLITE_OPEN_READWRITE)
        try:
            _recognise(connection, schema, path)
            migrate(connection, schema.migrations, path)
            connection.pragma("foreign_keys", True)
            connection.pragma("cache_size", WRITER_CACHE)
            connection.pragma("cache_spill", WRITER_CACHE_MAX)
        except BaseException:
            connection.close()
            raise
        return connection


def open_reader(path: Path, cache: int = READER_CACHE) -> apsw.Connection:
    """Open a connection that cannot write.

    Not in SQLite's read-only mode, which cannot always open a WAL database.
    """
    with translated_errors(path):
        connection = _connect(path, apsw.SQLITE_OPEN_READWRITE)
        connection.pragma("query_only", True)
        connection.pragma("cache_size", cache)
        return connection


def _connect(path: Path, flags: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(BUSY_TIMEOUT)
    connection.pragma("synchronous", "full")
    connection.pragma("temp_store", "memory")
    connection.pragma("secure_delete", "on")  # overwrite what is deleted
    connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
    connection.pragma("journal_size_limit", WAL_BYTES_MAX)
    return connection


def _create(path: Path, schema: Schema, begin: Callable[[apsw.Connection], None]) -> None:
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise DataDirectoryDamaged(f"{path} is missing, but its log {wal.name} is still there.", hint=RESTORE)
    draft = path.with_name(path.name + ".new")
    for leftover in (draft, draft.with_name(draft.name + "-wal"), draft.with_name(draft.name + "-shm")):
        leftover.unlink(missing_ok=True)
    connection = _connect(draft, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.pragma("page_size", PAGE_SIZE)
        connection.pragma("journal_mode", "wal")
        migrate(connection, schema.migrations, path)
        with connection:
            begin(connection)
    finally:
        connection.close()  # checkpoints the whole WAL
    os.replace(draft, path)
    flush_folder(path.parent)


def _recognise(connection: apsw.Connection, schema: Schema, path: Path) -> None:
    if connection.pragma("application_id") != schema.application_id:
        raise DataDirectoryDamaged(f"{path} is empty, or an SQLite database that Coterie did not write.", hint=RESTORE)


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Keep other processes from creating a file here meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    """Flush `folder` to disk: a new file is not durable until its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Readers:
    """A pool of reading connections, each lent to one reader at a time. Any thread may borrow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[apsw.Connection] = []
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[apsw.Connection]:
        with translated_errors(self._path):
            if self._closed:
                raise apsw.ConnectionClosedError("closed")
            try:
                connection = self._idle.pop()  # atomic, so two threads never get the same
            except IndexError:
                connection = open_reader(self._path)
            try:
                yield connection
            finally:
                if self._closed or len(self._idle) >= IDLE_READERS_MAX:
                    connection.close()
                else:
                    self._idle.append(connection)

    @contextmanager
    def snapshot(self) -> Iterator[apsw.Connection]:
        """Lend a reader in a transaction: all queries see the file as it was at the first one."""
        with self.borrow() as connection:
            connection.execute("begin")
            try:
                yield connection
            finally:
                if connection.in_transaction:  # a failing disk may have ended it already
                    connection.execute("rollback")  # nothing to commit; this also ends unfinished queries

    def close(self) -> None:
        """Close idle connections now, lent ones when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
