"""The truth: one workspace in one SQLite file. Facts in, facts out; everything in memory can be rebuilt from here.

One writer at a time (`write`), any number of readers beside it, each of whom sees the last commit as a whole and never less or more. A write
that has returned is on disk (WAL, synchronous=FULL). To store something new: a migration, queries, a function in `reads.py` or a
method of `Transaction`, and a method here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

import apsw
from pyroaring import BitMap

from coterie.store import migrations, reads, vacuum
from coterie.store.checkpoint import Checkpointer
from coterie.store.connections import CHECKER_CACHE, Readers, Schema, open_database, open_reader
from coterie.store.destinations import DestinationReads
from coterie.store.happenings import HappeningReads
from coterie.store.history import History
from coterie.store.ids import new_id
from coterie.store.integrity_check import find_problems
from coterie.store.organizations import OrganizationReads
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.rows import StoredProfile, StoredProperty, StoredSegment, StoredTransition
from coterie.store.sqlite_errors import translated_errors
from coterie.store.transaction import Transaction

__all__ = ["Store", "Transaction"]

T = TypeVar("T")

SCHEMA = Schema(migrations.WORKSPACE, mark=0x436F7457)  # "CotW"


class Store(HappeningReads, DestinationReads, OrganizationReads):
    """An open workspace file. `write` from one thread at a time; every other method from any thread, at any time."""

    def __init__(self, path: Path, writer: apsw.Connection) -> None:
        self.path = path
        self._writer = writer
        self._writing = threading.Lock()
        self._readers = Readers(path)
        self.history = History(self._readers)
        self.workspace_id = self._known("workspace_id")
        self.zone = self._known("zone")
        self.created_at = int(self._known("created_at"))
        self._checkpointer = Checkpointer(path, writer)

    @classmethod
    def open(cls, path: Path, *, now: int, zone: str) -> Store:
        """Open the workspace at `path`, migrated to the newest schema; a new one gets an id, and `zone` for good.

        Raises DataDirectoryDamaged, SchemaTooNew, StoreError.
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

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in one transaction. When this returns it is on disk; when it raises, nothing of it ever was."""
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

    # --- profiles

    def profiles(self, pids: Sequence[int]) -> list[StoredProfile]:
        """In the order asked; those that are not there are left out."""
        with self._readers.borrow() as connection:
            return reads.profiles(connection, pids)

    def profile_by_id(self, id: str) -> StoredProfile | None:
        with self._readers.borrow() as connection:
            return reads.profiles_by_id(connection, [id]).get(id)

    def profile_by_external_id(self, external_id: str) -> StoredProfile | None:
        with self._readers.borrow() as connection:
            return reads.profiles_by_external_id(connection, [external_id]).get(external_id)

    def profiles_by_email(self, email: str) -> list[StoredProfile]:
        """The profile made or claimed by the address first, then the oldest."""
        with self._readers.borrow() as connection:
            return reads.profiles_by_email(connection, [email]).get(email, [])

    def pids_of(self, ids: Sequence[str]) -> dict[str, int]:
        with self._readers.borrow() as connection:
            return reads.pids_of(connection, ids)

    def ids_of(self, pids: Sequence[int]) -> dict[int, str]:
        with self._readers.borrow() as connection:
            return reads.ids_of(connection, pids)

    def all_profiles(self, batch: int = 10_000) -> Iterator[list[StoredProfile]]:
        """Every profile, by pid, as of one instant. The log of writes made meanwhile cannot be folded until this ends."""
        with self._readers.snapshot() as connection:
            rows = map(StoredProfile._make, connection.execute(SQL["all_profiles"]))
            while some := list(islice(rows, batch)):
                yield some

    # --- segments, properties

    def segments(self) -> list[StoredSegment]:
        """By sid."""
        with self._readers.borrow() as connection:
            return reads.segments(connection)

    def segment_ids(self) -> dict[int, str]:
        """The public id of every segment there ever was: the feed still speaks of deleted ones."""
        with self._readers.borrow() as connection:
            return reads.segment_ids(connection)

    def properties(self) -> list[StoredProperty]:
        """By name."""
        with self._readers.borrow() as connection:
            return reads.properties(connection)

    # --- membership

    def list_members(self) -> dict[int, BitMap]:
        """Who is in each static segment, by sid; empty ones too."""
        with self._readers.borrow() as connection:
            return reads.list_members(connection)

    def memberships(self) -> dict[int, BitMap]:
        """Who is in each segment as recorded, by sid: the last snapshot and the transitions after it."""
        with self._readers.snapshot() as connection:
            return reads.memberships(connection)

    # --- transitions

    def transitions(
        self, *, after: int, limit: int, sid: int | None = None, pid: int | None = None,
        action: str | None = None, cause: str | None = None,
    ) -> list[StoredTransition]:  # fmt: skip
        """In order of sequence, beginning after `after`; fewer than `limit` only when there are no more."""
        with self._readers.snapshot() as connection:
            return reads.transitions(connection, after, limit, sid, pid, action, cause)

    def last_sequence(self) -> int:
        """0 before the first transition."""
        with self._readers.borrow() as connection:
            return reads.last_sequence(connection)

    def last_transition(self, sid: int, pid: int) -> StoredTransition | None:
        with self._readers.snapshot() as connection:
            return reads.last_transition(connection, sid, pid)

    # --- the rest

    def find_answer(self, key: str) -> tuple[str, bytes] | None:
        """The fingerprint of the request that came with this Idempotency-Key, and what it was told."""
        with self._readers.borrow() as connection:
            return reads.find_answer(connection, key)

    def meta(self, name: str) -> str | None:
        with self._readers.borrow() as connection:
            return reads.meta(connection, name)

    def integrity_problems(self) -> list[str]:
        """What is wrong with the file itself, for `coterie check`: empty when it is sound. Some seconds per million profiles or events."""
        with translated_errors(self.path), closing(open_reader(self.path, CHECKER_CACHE)) as connection:
            connection.execute("begin")  # all checks look at one instant
            return find_problems(connection)

    def compact(self) -> tuple[int, int]:
        """Write the file anew, so that nothing deleted is left in it or its log. Writers wait meanwhile. Returns the bytes on disk before and after.

        Raises StoreError where the log cannot be emptied because something is still being read from it.
        """
        with translated_errors(self.path), self._writing, self._checkpointer.paused():
            before = vacuum.size(self.path)
            vacuum.vacuum(self._writer, self.path)
            return before, vacuum.size(self.path)

    def _known(self, name: str) -> str:
        value = reads.meta(self._writer, name)
        if value is None:
            raise apsw.CorruptError(f"meta has no {name}")
        return value
