"""The writes of one transaction.

`Store.write` hands a `Transaction` to a function, commits when the function returns, and rolls back
when it raises. What a caller must never do (reuse a pid, leave a gap in the sequences) raises
ValueError and undoes the whole transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from pyroaring import BitMap

from coterie.store import blocks, json_arrays
from coterie.store.aliases import AliasWrites
from coterie.store.conversations import StoredConversationWrites
from coterie.store.destinations import DestinationWrites
from coterie.store.events import StoredEventWrites
from coterie.store.organizations import OrganizationWrites
from coterie.store.reads import Reads
from coterie.store.rows import StoredProfile, StoredProperty, StoredSegment, TransitionBlock


class Transaction(
    Reads, StoredEventWrites, StoredConversationWrites, AliasWrites, DestinationWrites, OrganizationWrites
):
    """The writes of one transaction, and all reads, which see what it has written."""

    # --- profiles

    def next_pid(self) -> int:
        """The first pid that was never used, from 0."""
        return self._number("next_pid")

    def insert_profiles(self, profiles: Sequence[StoredProfile]) -> None:
        if not profiles:
            return
        pids = [profile.pid for profile in profiles]
        if min(pids) < self.next_pid():
            raise ValueError(f"pid {min(pids)} was given to a profile before")
        self._write_many("insert_profile", profiles)
        self._write("use_pids_before", (max(pids) + 1,))

    def update_profiles(self, profiles: Sequence[StoredProfile]) -> None:
        """Replace the profiles with these pids; an `id` never changes."""
        self._write_each(
            "update_document",
            [(each.pid, each.document, each.created_at, each.updated_at, each.changes) for each in profiles],
        )
        self._write_many(
            "update_identifiers", [(each.pid, each.external_id, each.email, each.email_is_unique) for each in profiles]
        )

    def delete_profile(self, pid: int) -> None:
        """Delete a profile with its identifiers, aliases, events, conversations and list entries.

        Transitions keep the bare pid.
        """
        self.delete_events_of(pid)
        self._write_each("delete_profile", [(pid,)])

    # --- segments

    def next_sid(self) -> int:
        """The first sid that was never used, from 1."""
        return self._number("next_sid")

    def insert_segment(self, segment: StoredSegment) -> None:
        if segment.sid < self.next_sid():
            raise ValueError(f"sid {segment.sid} was given to a segment before")
        self._write("register_segment", (segment.sid, segment.id))
        self._write("insert_segment", astuple(segment))

    def update_segment(self, segment: StoredSegment) -> None:
        self._write_each("update_segment", [astuple(segment)])

    def delete_segment(self, sid: int) -> None:
        """Delete a segment, its list and snapshot. Its transitions and id stay, for the feed."""
        self._write_each("delete_segment", [(sid,)])

    def add_list_members(self, sid: int, pids: Sequence[int], at: int) -> None:
        """Add profiles to a static segment; those already in it stay as they are."""
        self._write_many("add_list_member", [(sid, int(pid), at) for pid in pids])

    def remove_list_members(self, sid: int, pids: Sequence[int]) -> None:
        self._write("remove_list_members", (sid, json_arrays.of_numbers(pids)))

    def lists_of(self, pid: int) -> list[int]:
        """The sids of the static segments that contain the profile."""
        return [sid for (sid,) in self._rows("lists_of", (pid,))]

    # --- transitions

    def append_transitions(self, new: Sequence[TransitionBlock]) -> None:
        """Append blocks to the log.

        Raises ValueError unless the first begins right after `last_sequence()` and each of the
        others right after the one before.
        """
        self._write_many("insert_transitions", list(blocks.rows_of(new, self.last_sequence())))

    def save_membership(self, sid: int, members: BitMap, sequence: int) -> None:
        """Record the members as of `sequence`, the end of a block.

        Opening the workspace then applies only later transitions.
        """
        if sequence and not self._first("block_ends_at", {"sequence": sequence}):
            raise ValueError(f"no block of transitions ends at {sequence}")
        compact = BitMap(members)
        compact.run_optimize()
        self._write("save_membership", (sid, sequence, compact.serialize()))

    # --- properties, answers, meta

    def put_property(self, new: StoredProperty) -> None:
        self._write("put_property", astuple(new))

    def delete_property(self, id: str) -> None:
        self._write_each("delete_property", [(id,)])

    def put_answer(self, key: str, fingerprint: str, answer: bytes, at: int) -> None:
        self._write("put_answer", (key, fingerprint, answer, at))

    def purge_answers(self, before: int) -> None:
        self._write("purge_answers", (before,))

    def set_meta(self, name: str, value: str) -> None:
        self._write("set_meta", (name, value))
