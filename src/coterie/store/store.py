"""One workspace in one SQLite file. Everything in memory can be rebuilt from it.

There is one writer at a time (`write`) and any number of readers (`read`), each of which sees one
whole commit. A write that has returned is on disk (WAL, synchronous=FULL). To store something new:
add a migration, queries, and methods to `Reads` and `Transaction`, in the file of its subject.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import apsw

from coterie.store import migrations, vacuum
from coterie.store.checkpoint import Checkpointer
from coterie.store.connections import CHECKER_CACHE, Readers, Schema, open_database, open_reader
from coterie.store.ids import new_id
from coterie.store.integrity_check import find_problems
from coterie.store.reads import Reads
from coterie.store.sqlite_errors import translated_errors
from coterie.store.transaction import Transaction

__all__ = ["Reads", "Store", "Transaction"]

T = TypeVar("T")

SCHEMA = Schema(migrations.WORKSPACE, application_id=0x436F7457)  # "CotW"


class Store:
    """An open workspace file. Call `write` from one thread at a time, anything else from any."""

    def __init__(self, path: Path, writer: apsw.Connection) -> None:
        self.path = path
        self._writer = writer
        self._writing = threading.Lock()
        self._readers = Readers(path)
        meta = Reads(writer)
        self.workspace_id = _required(meta, "workspace_id")
        self.zone = _required(meta, "zone")
        self.created_at = int(_required(meta, "created_at"))
        self._checkpointer = Checkpointer(path, writer)

    @classmethod
    def open(cls, path: Path, *, now: int, zone: str) -> Store:
        """Open the workspace at `path` and migrate it to the newest schema.

        A new workspace gets an id, and `zone` for good. Raises DataDirectoryDamaged, SchemaTooNew,
        StoreError.
        """

        def begin(connection: apsw.Connection) -> None:
            transaction = Transaction(connection)
            transaction.set_meta("workspace_id", new_id(now))
            transaction.set_meta("zone", zone)
            transaction.set_meta("created_at", str(int(now)))

        writer = open_database(path, SCHEMA, begin)
        try:
            with translated_errors(path):
                return cls(path, writer)
        except BaseException:
            writer.close()
            raise

    def close(self) -> None:
        self._checkpointer.close()
        self._readers.close()
        with translated_errors(self.path), self._writing:
            self._writer.close()

    @contextmanager
    def read(self) -> Iterator[Reads]:
        """Lend all queries on one snapshot: the last commit when the first of them runs.

        Keep it short: until it ends, the WAL cannot begin anew and grows with every commit.
        """
        with self._readers.snapshot() as connection:
            yield Reads(connection)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in one transaction, on disk when this returns, undone when it raises."""
        with translated_errors(self.path), self._writing:
            self._writer.execute("begin immediate")
            try:
                result = work(Transaction(self._writer))
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have undone it already
                    self._writer.execute("rollback")
                raise
            return result

    def integrity_problems(self) -> list[str]:
        """Check the file itself, for `coterie check`: a sentence for each problem.

        Takes some seconds per million profiles or events.
        """
        with translated_errors(self.path), closing(open_reader(self.path, CHECKER_CACHE)) as connection:
            connection.execute("begin")  # all checks see one commit
            return find_problems(connection)

    def compact(self) -> tuple[int, int]:
        """Rewrite the file, so that nothing deleted is left in it or its WAL; writers wait.

        Returns the bytes on disk before and after. Raises StoreError where a long read keeps the
        WAL from being emptied.
        """
        with translated_errors(self.path), self._writing, self._checkpointer.paused():
            before = vacuum.size(self.path)
            vacuum.vacuum(self._writer, self.path)
            return before, vacuum.size(self.path)


def _required(meta: Reads, name: str) -> str:
    value = meta.meta(name)
    if value is None:
        raise apsw.CorruptError(f"meta has no {name}")
    return value
