"""What a transaction can write, and an open store be asked, about events, conversations, aliases and suppressions.

Two halves of `Transaction` and `Store`, in a file of their own because those two would be long with them. The queries' meaning: events.py,
conversations.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw

from coterie.rules.values import Value
from coterie.store import conversations, events, json_arrays, message_ids, reads
from coterie.store.connections import Readers
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.rows import (
    StoredAlias,
    StoredConversation,
    StoredEvent,
    StoredEventProperty,
    StoredMessage,
    StoredProfile,
)

BATCH = 65_536


class HappeningWrites:
    """The half of `Transaction` that is about events, conversations, aliases and suppressions."""

    _connection: apsw.Connection

    # --- events

    def events_known(self, message_ids: Sequence[str]) -> dict[str, int]:
        """Of these message ids, those that are stored, each with the pid whose event it is. Ten thousand at once are one search each."""
        return events.events_known(self._connection, message_ids)

    def nids_of(self, names: Sequence[str]) -> dict[str, int]:
        """The number of each of these event names; new names are given one."""
        distinct = list(dict.fromkeys(names))
        known = events.nids_of(self._connection, distinct)
        if len(known) < len(distinct):
            self._connection.executemany(SQL["add_event_name"], [(name,) for name in distinct if name not in known])
            known = events.nids_of(self._connection, distinct)
        return known

    def next_eid(self) -> int:
        """The first number that no event ever had, from 0."""
        return reads.number(self._connection, "next_eid")

    def insert_events(self, new: Sequence[StoredEvent]) -> None:
        """Their eids begin at `next_eid()` or later; names that were never seen are registered. Raises ValueError for an eid of the past."""
        if not new:
            return
        if min(one.eid for one in new) < self.next_eid():
            raise ValueError("an eid was given to an event before")
        nids = self.nids_of([one.name for one in new])
        self._connection.executemany(
            SQL["insert_event"],
            [
                (eid, pid, nids[name], at, message_ids.pack(message_id), document)
                for eid, pid, name, at, message_id, document in new
            ],
        )
        self._connection.execute(SQL["use_eids_before"], (max(one.eid for one in new) + 1,))

    def put_event_properties(self, properties: Sequence[StoredEventProperty]) -> None:
        """Write these kinds over those known of (event, name); the earliest `first_seen_at` stays."""
        self.nids_of([one.event for one in properties])
        self._connection.executemany(
            SQL["put_event_property"],
            [(one.event, one.name, " ".join(one.kinds), one.first_seen_at) for one in properties],
        )

    def events_of_pid(self, pid: int) -> list[StoredEvent]:
        """In order of (at, eid)."""
        return events.events_of_pids(self._connection, [pid]).get(pid, [])

    def delete_events_of(self, pid: int) -> None:
        self._connection.execute(SQL["delete_events_of"], (pid,))

    def move_events(self, from_pid: int, to_pid: int) -> None:
        """They keep their eids."""
        self._connection.execute(SQL["move_events"], (from_pid, to_pid))

    # --- conversations

    def next_cid(self) -> int:
        """The first number that no conversation ever had, from 0."""
        return reads.number(self._connection, "next_cid")

    def put_conversations(self, put: Sequence[StoredConversation]) -> None:
        """Those with a cid from `next_cid()` on are new; the others are written over what is stored, and their `id` never changes."""
        if not put:
            return
        next_cid = self.next_cid()
        self._connection.executemany(SQL["insert_conversation"], [one for one in put if one.cid >= next_cid])
        known = [one for one in put if one.cid < next_cid]
        before = self._connection.total_changes()
        self._connection.executemany(SQL["update_conversation"], known)
        if self._connection.total_changes() - before < len(known):
            raise ValueError("a conversation that should be there is not")
        self._connection.execute(SQL["use_cids_before"], (max(one.cid for one in put) + 1,))

    def conversations_by_id(self, ids: Sequence[str]) -> dict[str, StoredConversation]:
        return conversations.conversations_by_id(self._connection, ids)

    def conversations_by_external_id(self, external_ids: Sequence[str]) -> dict[str, StoredConversation]:
        return conversations.conversations_by_external_id(self._connection, external_ids)

    def conversations_of_pid(self, pid: int) -> list[StoredConversation]:
        """In order of arrival."""
        return conversations.conversations_of_pids(self._connection, [pid]).get(pid, [])

    def delete_conversations_of(self, pid: int) -> None:
        """And their messages."""
        self._connection.execute(SQL["delete_conversations_of"], (pid,))

    def move_conversations(self, from_pid: int, to_pid: int) -> None:
        """They keep their cids, ids and messages."""
        self._connection.execute(SQL["move_conversations"], (from_pid, to_pid))

    def messages_known(self, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """Of these (cid, external_id), those that are stored, each with the message's id."""
        return conversations.messages_known(self._connection, wanted)

    def insert_messages(self, new: Sequence[StoredMessage]) -> None:
        """Each under a `number` of its own: the conversation's `message_count` before it. Ask `messages_known` first: what is there already is an error.

        The conversation itself may be written later in the same transaction.
        """
        self._connection.executemany(SQL["insert_message"], new)

    # --- aliases and suppressions

    def put_aliases(self, aliases: Sequence[StoredAlias]) -> None:
        """From now on these names lead to these profiles, wherever they led before."""
        self._connection.executemany(SQL["put_alias"], aliases)

    def find_aliases(self, kind: str, values: Sequence[str]) -> dict[str, int]:
        """Of these names, those that lead to a profile, each with its pid."""
        return reads.find_aliases(self._connection, kind, values)

    def aliases_of(self, pid: int) -> list[StoredAlias]:
        return reads.aliases_of(self._connection, pid)

    def delete_aliases(self, aliases: Sequence[StoredAlias]) -> None:
        """These names lead nowhere from now on; the pids are not looked at."""
        self._connection.executemany(SQL["delete_alias"], [(one.kind, one.value) for one in aliases])

    def move_aliases(self, from_pid: int, to_pid: int) -> None:
        self._connection.execute(SQL["move_aliases"], (from_pid, to_pid))

    def put_merged(self, pid: int, id: str) -> None:
        """The profile with this pid and id is part of another now; `Store.ids_of` goes on knowing it."""
        self._connection.execute(SQL["put_merged"], (pid, id))

    def forget_merged(self, ids: Sequence[str]) -> None:
        """The profile they were merged into is deleted, and nothing is to be known of them any more."""
        self._connection.execute(SQL["forget_merged"], (json_arrays.of_texts(ids),))

    def suppress(self, marks: Sequence[bytes], at: int) -> None:
        """What these marks stand for stays out from now on."""
        self._connection.executemany(SQL["suppress"], [(mark, at) for mark in marks])

    def suppressed(self, marks: Sequence[bytes]) -> set[bytes]:
        """Those of them that were suppressed."""
        return reads.suppressed(self._connection, marks)


class HappeningReads:
    """The half of `Store` that is about events, conversations and aliases."""

    _readers: Readers

    # --- events

    def event_names(self) -> list[str]:
        """Every name that an event ever had, in order of first arrival; also where none is left."""
        with self._readers.borrow() as connection:
            return list(events.event_names(connection))

    def event_properties(self, name: str | None = None) -> list[StoredEventProperty]:
        """Of one event name, or of all: by name (in order of first arrival), then property."""
        with self._readers.borrow() as connection:
            return events.event_properties(connection, name)

    def event_heads(self, name: str, batch: int = BATCH) -> Iterator[bytes]:
        """Every event of a name as of one instant, in order of (at, pid, eid), packed as `rows.EVENT_HEAD` says, up to `batch` at a time.

        Other threads run meanwhile, so two names can be read at once. As for `all_profiles`, the log cannot be folded until this ends.
        """
        with self._readers.snapshot() as connection:
            yield from events.heads(connection, name, batch)

    def event_columns(
        self, name: str, properties: Sequence[str], batch: int = BATCH
    ) -> Iterator[tuple[bytes, dict[str, list[Value | None]]]]:
        """The same heads, and with each batch what its events have under each of `properties`, None where nothing. The documents are read for this."""
        with self._readers.snapshot() as connection:
            yield from events.columns(connection, name, properties, batch)

    def events_of_pids(self, pids: Sequence[int]) -> dict[int, list[StoredEvent]]:
        """By pid, each in order of (at, eid). Pids without events are left out."""
        with self._readers.borrow() as connection:
            return events.events_of_pids(connection, pids)

    def timeline(
        self, pid: int, *, name: str | None = None, before: tuple[int, int] | None = None, limit: int
    ) -> list[StoredEvent]:
        """What a profile did, the latest first: by (at, eid), of which `before` is the last one seen."""
        with self._readers.borrow() as connection:
            return events.timeline(connection, pid, name, before, limit)

    # --- conversations

    def all_conversations(self, batch: int = 10_000) -> Iterator[list[StoredConversation]]:
        """Every conversation, by cid, as of one instant. As for `all_profiles`, the log cannot be folded until this ends."""
        with self._readers.snapshot() as connection:
            last = conversations.BEFORE_ALL
            while some := conversations.page(connection, last, 0, batch, None, None):
                yield some
                last = some[-1].cid

    def conversation(self, id: str) -> StoredConversation | None:
        with self._readers.borrow() as connection:
            return conversations.conversations_by_id(connection, [id]).get(id)

    def conversation_by_external_id(self, external_id: str) -> StoredConversation | None:
        with self._readers.borrow() as connection:
            return conversations.conversations_by_external_id(connection, [external_id]).get(external_id)

    def conversations(
        self, *, after: int | None = None, offset: int = 0, limit: int, pid: int | None = None, product_id: str | None = None
    ) -> list[StoredConversation]:  # fmt: skip
        """Oldest first, by cid, of which `after` is the last one seen; of one profile, one product, both or neither."""
        last = conversations.BEFORE_ALL if after is None else after
        with self._readers.borrow() as connection:
            return conversations.page(connection, last, offset, limit, pid, product_id)

    def conversation_count(self, *, pid: int | None = None, product_id: str | None = None) -> int:
        """How many `conversations` would give without a limit."""
        with self._readers.borrow() as connection:
            return conversations.count(connection, pid, product_id)

    def conversations_by_cid(self, cids: Sequence[int]) -> list[StoredConversation]:
        """In the order asked; those that are not there are left out."""
        with self._readers.borrow() as connection:
            return conversations.conversations(connection, cids)

    def conversations_of_pids(self, pids: Sequence[int]) -> dict[int, list[StoredConversation]]:
        """By pid, each in order of arrival. Pids without conversations are left out."""
        with self._readers.borrow() as connection:
            return conversations.conversations_of_pids(connection, pids)

    def messages(self, cid: int, *, after: int | None = None, limit: int) -> list[StoredMessage]:
        """In order of arrival, by number, of which `after` is the last one seen."""
        last = conversations.BEFORE_ALL if after is None else after
        with self._readers.borrow() as connection:
            return conversations.messages(connection, cid, last, limit)

    def message_by_id(self, id: str) -> StoredMessage | None:
        with self._readers.borrow() as connection:
            return conversations.message_by_id(connection, id)

    def messages_by_external_id(self, external_id: str) -> list[StoredMessage]:
        """One for each conversation that has it, the oldest conversation first."""
        with self._readers.borrow() as connection:
            return conversations.messages_by_external_id(connection, external_id)

    # --- aliases and suppressions

    def profile_by_alias(self, kind: str, value: str) -> StoredProfile | None:
        """The profile that this name leads to since a merge, or, for an `anonymous_id`, at all."""
        with self._readers.snapshot() as connection:
            pid = reads.find_aliases(connection, kind, [value]).get(value)
            return None if pid is None else next(iter(reads.profiles(connection, [pid])), None)

    def aliases_of(self, pid: int) -> list[StoredAlias]:
        with self._readers.borrow() as connection:
            return reads.aliases_of(connection, pid)

    def suppressed(self, marks: Sequence[bytes]) -> set[bytes]:
        """Those of them that were suppressed."""
        with self._readers.borrow() as connection:
            return reads.suppressed(connection, marks)
