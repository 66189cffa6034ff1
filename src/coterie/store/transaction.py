"""One public call's writes: handed to the work given to `Store.write`, committed when it returns, undone when it raises.

What a caller must never do (reuse a pid, leave a gap in the sequences) is a ValueError and undoes the whole transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple

import apsw
from pyroaring import BitMap

from coterie.store import blocks, json_arrays, reads
from coterie.store.destinations import DestinationWrites
from coterie.store.happenings import HappeningWrites
from coterie.store.organizations import OrganizationWrites
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.rows import StoredProfile, StoredProperty, StoredSegment, TransitionBlock


class Transaction(HappeningWrites, DestinationWrites, OrganizationWrites):
    """The writes of one transaction, and the questions that a writer must ask inside it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone: what is raised inside undoes what was written inside, and passes on."""
        with self._connection:
            yield

    # --- profiles

    def profiles(self, pids: Sequence[int]) -> list[StoredProfile]:
        """In the order asked; those that are not there are left out."""
        return reads.profiles(self._connection, pids)

    def profiles_by_id(self, ids: Sequence[str]) -> dict[str, StoredProfile]:
        return reads.profiles_by_id(self._connection, ids)

    def profiles_by_external_id(self, external_ids: Sequence[str]) -> dict[str, StoredProfile]:
        return reads.profiles_by_external_id(self._connection, external_ids)

    def profiles_by_email(self, emails: Sequence[str]) -> dict[str, list[StoredProfile]]:
        """By address: the profile made or claimed by it first, then the oldest. Addresses that nobody has are left out."""
        return reads.profiles_by_email(self._connection, emails)

    def next_pid(self) -> int:
        """The first pid that was never used, from 0."""
        return reads.next_pid(self._connection)

    def insert_profiles(self, profiles: Sequence[StoredProfile]) -> None:
        if not profiles:
            return
        pids = [profile.pid for profile in profiles]
        if min(pids) < self.next_pid():
            raise ValueError(f"pid {min(pids)} was given to a profile before")
        self._connection.executemany(SQL["insert_profile"], profiles)
        self._connection.execute(SQL["use_pids_before"], (max(pids) + 1,))

    def update_profiles(self, profiles: Sequence[StoredProfile]) -> None:
        """Write these over the profiles with their pids; an `id` never changes."""
        self._write_each(
            "update_document",
            [(one.pid, one.document, one.created_at, one.updated_at, one.changes) for one in profiles],
        )
        self._connection.executemany(
            SQL["update_identifiers"], [(one.pid, one.external_id, one.email, one.email_keyed) for one in profiles]
        )

    def delete_profile(self, pid: int) -> None:
        """Its document, identifiers, aliases, events and conversations are gone, and it is in no list; transitions keep the bare pid."""
        self.delete_events_of(pid)
        self._write_each("delete_profile", [(pid,)])

    # --- segments

    def next_sid(self) -> int:
        """The first sid that was never used, from 1."""
        return reads.next_sid(self._connection)

    def insert_segment(self, segment: StoredSegment) -> None:
        if segment.sid < self.next_sid():
            raise ValueError(f"sid {segment.sid} was given to a segment before")
        self._connection.execute(SQL["register_segment"], (segment.sid, segment.id))
        self._connection.execute(SQL["insert_segment"], astuple(segment))

    def update_segment(self, segment: StoredSegment) -> None:
        self._write_each("update_segment", [astuple(segment)])

    def delete_segment(self, sid: int) -> None:
        """Its list and its snapshot go with it; its transitions and its id stay, for the feed."""
        self._write_each("delete_segment", [(sid,)])

    def add_list_members(self, sid: int, pids: Sequence[int], at: int) -> None:
        """Those who are in it already stay as they are."""
        self._connection.executemany(SQL["add_list_member"], [(sid, int(pid), at) for pid in pids])

    def remove_list_members(self, sid: int, pids: Sequence[int]) -> None:
        self._connection.execute(SQL["remove_list_members"], (sid, json_arrays.of_numbers(pids)))

    def lists_of(self, pid: int) -> list[int]:
        """The static segments that the profile is in, as sids."""
        return [sid for (sid,) in self._connection.execute(SQL["lists_of"], (pid,))]

    # --- transitions

    def last_sequence(self) -> int:
        return reads.last_sequence(self._connection)

    def append_transitions(self, new: Sequence[TransitionBlock]) -> None:
        """Raises ValueError unless the first begins right after `last_sequence()` and each of the others right after the one before."""
        rows = list(blocks.rows_of(new, self.last_sequence()))
        self._connection.executemany(SQL["insert_transitions"], rows)

    def save_membership(self, sid: int, members: BitMap, sequence: int) -> None:
        """Record who is in the segment as of `sequence`, the end of a block, so that a start folds only what came after."""
        if sequence and not reads.block_ends_at(self._connection, sequence):
            raise ValueError(f"no block of transitions ends at {sequence}")
        compact = BitMap(members)
        compact.run_optimize()
        self._connection.execute(SQL["save_membership"], (sid, sequence, compact.serialize()))

    # --- properties, answers, meta

    def put_property(self, new: StoredProperty) -> None:
        self._connection.execute(SQL["put_property"], astuple(new))

    def delete_property(self, id: str) -> None:
        self._write_each("delete_property", [(id,)])

    def find_answer(self, key: str) -> tuple[str, bytes] | None:
        """The fingerprint of the request that came with this Idempotency-Key, and what it was told."""
        return reads.find_answer(self._connection, key)

    def put_answer(self, key: str, fingerprint: str, answer: bytes, at: int) -> None:
        self._connection.execute(SQL["put_answer"], (key, fingerprint, answer, at))

    def purge_answers(self, before: int) -> None:
        self._connection.execute(SQL["purge_answers"], (before,))

    def set_meta(self, name: str, value: str) -> None:
        self._connection.execute(SQL["set_meta"], (name, value))

    def _write_each(self, query: str, rows: Sequence[tuple[apsw.SQLiteValue, ...]]) -> None:
        """Every row is found, or it is the caller's mistake."""
        before = self._connection.total_changes()
        self._connection.executemany(SQL[query], rows)
        if self._connection.total_changes() - before < len(rows):
            raise ValueError(f"{query}: a row that should be there is not")
