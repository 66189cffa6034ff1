"""All queries on a workspace file. `Store.read` lends them on a snapshot; writers have them too.

This file holds the queries on profiles, segments, membership and transitions; the files named in
the bases of `Reads` hold the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

import apsw
from pyroaring import BitMap

from coterie.rules.names import is_encodable
from coterie.store import blocks, json_arrays
from coterie.store.aliases import AliasReads
from coterie.store.conversations import ConversationReads
from coterie.store.destinations import DestinationReads
from coterie.store.events import EventReads
from coterie.store.history import HistoryReads
from coterie.store.organizations import OrganizationReads
from coterie.store.rows import StoredProfile, StoredProperty, StoredSegment, StoredTransition

_profile = StoredProfile._make


class Reads(EventReads, ConversationReads, AliasReads, DestinationReads, OrganizationReads, HistoryReads):
    """The queries on one connection, all on the same snapshot where `Store.read` lends it."""

    # --- profiles

    def profiles(self, pids: Sequence[int]) -> list[StoredProfile]:
        """In the order of `pids`; missing ones are left out."""
        return list(map(_profile, self._stream("profiles_by_pid", (json_arrays.of_numbers(pids),))))

    def profiles_by_id(self, ids: Sequence[str]) -> dict[str, StoredProfile]:
        profiles = map(_profile, self._stream("profiles_by_id", (json_arrays.of_texts(ids),)))
        return {profile.id: profile for profile in profiles}

    def profiles_by_external_id(self, external_ids: Sequence[str]) -> dict[str, StoredProfile]:
        profiles = map(_profile, self._stream("profiles_by_external_id", (json_arrays.of_texts(external_ids),)))
        return {profile.external_id: profile for profile in profiles if profile.external_id is not None}

    def profiles_by_email(self, emails: Sequence[str]) -> dict[str, list[StoredProfile]]:
        """By address: the profile made or claimed by it first, then the oldest.

        Addresses that no profile has are left out.
        """
        values = (json_arrays.of_texts(list(dict.fromkeys(emails))),)
        profiles: dict[str, list[StoredProfile]] = {}
        for query in ("profiles_by_keyed_email", "profiles_by_other_email"):
            for profile in map(_profile, self._stream(query, values)):
                if profile.email is not None:
                    profiles.setdefault(profile.email, []).append(profile)
        return profiles

    def profile_by_alias(self, kind: str, value: str) -> StoredProfile | None:
        """The profile that an alias leads to: the winner of a merge, or an `anonymous_id`'s own."""
        pid = self.find_aliases(kind, [value]).get(value)
        return None if pid is None else next(iter(self.profiles([pid])), None)

    def pids_of(self, ids: Sequence[str]) -> dict[str, int]:
        return dict(self._rows("pids_of", (json_arrays.of_texts(ids),)))

    def ids_of(self, pids: Sequence[int]) -> dict[int, str]:
        """By pid, those of merged profiles included; deleted profiles are left out."""
        return dict(self._rows("ids_of", (json_arrays.of_numbers(pids),)))

    def all_profiles(self, batch: int = 10_000) -> Iterator[list[StoredProfile]]:
        """Yield every profile, by pid."""
        profiles = map(_profile, self._stream("all_profiles"))
        while page := list(islice(profiles, batch)):
            yield page

    # --- segments, properties, answers, meta

    def segments(self) -> list[StoredSegment]:
        """By sid."""
        return [StoredSegment(*row) for row in self._rows("segments")]

    def segment_ids(self) -> dict[int, str]:
        """The public id of every segment that ever existed: the feed still names deleted ones."""
        return dict(self._rows("segment_ids"))

    def properties(self) -> list[StoredProperty]:
        """By name."""
        return [StoredProperty(*row) for row in self._rows("properties")]

    def find_answer(self, key: str) -> tuple[str, bytes] | None:
        """The fingerprint of the request with this Idempotency-Key, and the answer to it."""
        if not is_encodable(key):
            return None
        return next(iter(self._rows("find_answer", (key,))), None)

    def meta(self, name: str) -> str | None:
        value: str | None = self._first("meta", (name,))
        return value

    # --- membership

    def list_members(self) -> dict[int, BitMap]:
        """The members of each static segment, by sid; empty segments too."""
        return {
            sid: BitMap([pid for (pid,) in self._stream("members_of_list", (sid,))])
            for (sid,) in self._rows("static_segments")
        }

    def memberships(self) -> dict[int, BitMap]:
        """The recorded members of each segment, by sid: its last snapshot, then its transitions."""
        members = {segment.sid: BitMap() for segment in self.segments()}
        for sid, packed in self._stream("membership_snapshots"):
            members[sid] = BitMap.deserialize(packed)
        for sid, action, low, packed in self._stream("blocks_since_snapshots"):
            blocks.apply(members[sid], action == "enter", low, packed)
        return members

    # --- transitions

    def last_sequence(self) -> int:
        """0 before the first transition."""
        return int(self._first("last_sequence") or 0)

    def transitions(
        self, *, after: int, limit: int, sid: int | None = None, pid: int | None = None,
        action: str | None = None, cause: str | None = None,
    ) -> list[StoredTransition]:  # fmt: skip
        """From `after` + 1 on, by sequence; fewer than `limit` only at the end of the log."""
        values: dict[str, apsw.SQLiteValue] = {"after": after, "action": action, "cause": cause}
        if pid is not None:
            values |= {"sid": sid, "pid": pid}
            transitions_of_profile = self._open_blocks(self._rows("blocks_that_may_hold", values), pid)
            return list(islice((each for each in transitions_of_profile if each.sequence > after), limit))
        query = "blocks_after"
        if sid is not None:
            values["sid"] = sid
            query = "blocks_of_segment_after"
        transitions: list[StoredTransition] = []
        for row in self._stream(query, values):
            transitions.extend(blocks.expand(cast(blocks.BlockRow, row), after, limit - len(transitions)))
            if len(transitions) >= limit:
                break
        return transitions

    def last_transition(self, sid: int, pid: int) -> StoredTransition | None:
        """The last time `pid` entered or left the segment."""
        single = self._rows("last_single_of", {"sid": sid, "pid": pid})
        after = single[0][0] if single else 0
        later = self._rows("last_blocks_that_may_hold", {"sid": sid, "pid": pid, "after": after})
        return next(self._open_blocks([*later, *single], pid), None)

    def _open_blocks(self, firsts: Iterable[tuple[int]], pid: int) -> Iterator[StoredTransition]:
        """Yield the transitions of `pid` in the blocks that begin at these sequences.

        A block may turn out not to contain `pid`.
        """
        for first in firsts:
            for row in self._rows("block", first):
                if (transition := blocks.find(row, pid)) is not None:
                    yield transition
