"""The events and conversations of one commit: collected while its jobs run, written at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coterie.index.activity import Row
from coterie.live.writes.draft import Draft
from coterie.model import CONVERSATION_FIELDS
from coterie.rules.kernel import Conversations, EventsNamed, Source
from coterie.rules.values import Instant, Kind, Value, kind_of
from coterie.store.document import decode, encode
from coterie.store.rows import StoredConversation, StoredEvent, StoredEventProperty, StoredMessage
from coterie.store.store import Transaction

_FIELDS = frozenset(CONVERSATION_FIELDS)


@dataclass(slots=True)
class PendingEvent:
    """A new event of this commit. A merge later in the commit may give it another profile."""

    eid: int
    draft: Draft
    name: str
    at: Instant
    message_id: str | None
    values: Mapping[str, Value]


@dataclass(slots=True, eq=False)
class PendingConversation:
    """A conversation in this commit: as it is stored (None for a new one) and as it will be."""

    draft: Draft
    before: StoredConversation | None
    after: StoredConversation
    messages: list[StoredMessage] = field(default_factory=list)
    message_ids: dict[str, str] = field(default_factory=dict)  # by external id, of this commit's messages


class ActivityWrites:
    """The events and conversations that one commit writes."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._events: list[PendingEvent] = []
        self._profiles: dict[str, Draft | int] = {}  # by message id: a draft of this commit, or a pid
        self._looked_up: set[str] = set()  # message ids
        self._next_eid: int | None = None
        self._next_cid: int | None = None
        self.property_kinds: dict[tuple[str, str], set[Kind]] = {}
        """(event name, property) -> the kinds of value that this commit adds."""
        self.conversations: dict[int, PendingConversation] = {}
        self._transfers: list[tuple[int, int]] = []  # (loser, winner), by pid

    # --- events

    def load_message_ids(self, message_ids: Iterable[str]) -> None:
        """Find the stored events with these message ids, in one query."""
        new = [message_id for message_id in dict.fromkeys(message_ids) if message_id not in self._looked_up]
        if new:
            self._looked_up.update(new)
            self._profiles.update(self._tx.pids_by_message_id(new))

    def profile_of_message(self, message_id: str) -> Draft | int | None:
        """The profile whose event has this message id: a draft of this commit, or a pid.

        None for a new message id.
        """
        self.load_message_ids((message_id,))
        return self._profiles.get(message_id)

    def add_event(
        self, draft: Draft, name: str, at: Instant, message_id: str | None, values: Mapping[str, Value]
    ) -> None:
        """Add a new event."""
        if self._next_eid is None:
            self._next_eid = self._tx.next_eid()
        eid = self._next_eid
        self._next_eid += 1
        self._events.append(PendingEvent(eid, draft, name, at, message_id, values))
        draft.changes_to(EventsNamed(name)).added.append(Row(eid, draft.pid, at, values))
        if message_id is not None:
            self._profiles[message_id] = draft
        for property, value in values.items():
            self.property_kinds.setdefault((name, property), set()).add(kind_of(value))

    def event_names(self) -> set[str]:
        """The names of this commit's events."""
        return {event.name for event in self._events}

    # --- conversations

    def next_cid(self) -> int:
        """The number for a new conversation."""
        if self._next_cid is None:
            self._next_cid = self._tx.next_cid()
        self._next_cid += 1
        return self._next_cid - 1

    def put_conversation(self, pending: PendingConversation, after: StoredConversation) -> None:
        """Replace a conversation, and its old activity row, by `after`."""
        changes = pending.draft.changes_to(Conversations())
        earlier = next((row for row in changes.added if row.number == after.cid), None)
        if earlier is not None:
            changes.added.remove(earlier)
        elif pending.before is not None:
            changes.removed.append(_row(pending.before))
        pending.after = after
        changes.added.append(_row(after))
        self.conversations[after.cid] = pending

    # --- merging and deleting profiles

    def transfer(self, loser: Draft, winner: Draft) -> None:
        """Give all activity of one profile to another."""
        for event in self._events:
            if event.draft is loser:
                event.draft = winner
        for pending in self.conversations.values():
            if pending.draft is loser:
                pending.draft = winner
                pending.after = pending.after._replace(pid=winner.pid)
        for source, changes in loser.activity.items():
            winner.changes_to(source).added.extend(row._replace(pid=winner.pid) for row in changes.added)
            changes.added.clear()
        if not loser.is_new:
            self._transfers.append((loser.pid, winner.pid))
            for source, row in self._remove_stored(loser):
                winner.changes_to(source).added.append(row._replace(pid=winner.pid))

    def delete(self, draft: Draft) -> None:
        """Delete all activity of a profile that is being deleted."""
        self._events = [event for event in self._events if event.draft is not draft]
        self.conversations = {cid: pending for cid, pending in self.conversations.items() if pending.draft is not draft}
        for changes in draft.activity.values():
            changes.added.clear()
        if not draft.is_new:
            self._remove_stored(draft)

    def _remove_stored(self, draft: Draft) -> list[tuple[Source, Row]]:
        """Remove, and return, the profile's stored rows that this commit has not removed yet."""
        removed = {source: {row.number for row in changes.removed} for source, changes in draft.activity.items()}
        rows = [(source, row) for source, row in self._stored(draft) if row.number not in removed.get(source, ())]
        for source, row in rows:
            draft.changes_to(source).removed.append(row)
        return rows

    def _stored(self, draft: Draft) -> Iterable[tuple[Source, Row]]:
        """The stored rows of a profile, conversations as they were before this commit."""
        for event in self._tx.events_of_pids([draft.pid]).get(draft.pid, ()):
            yield EventsNamed(event.name), Row(event.eid, draft.pid, event.at, decode(event.document))
        for conversation in self._tx.conversations_of_pids([draft.pid]).get(draft.pid, ()):
            yield Conversations(), _row(conversation)

    # --- writing

    def write_transfers(self) -> None:
        """Write the transfers: call this before profiles, and their activity, are deleted."""
        for loser, winner in self._transfers:
            self._tx.move_events(loser, winner)
            self._tx.move_conversations(loser, winner)

    def write(self, properties: Iterable[StoredEventProperty]) -> None:
        """Write events, their properties, conversations and messages: call this after profiles."""
        self._tx.insert_events(
            [
                StoredEvent(
                    event.eid, event.draft.pid, event.name, int(event.at), event.message_id, encode(event.values)
                )
                for event in self._events
            ]
        )
        new = list(properties)
        if new:
            self._tx.put_event_properties(new)
        changed = [pending for pending in self.conversations.values() if pending.after is not pending.before]
        self._tx.put_conversations([pending.after for pending in changed])
        self._tx.insert_messages([message for pending in changed for message in pending.messages])


def _row(stored: StoredConversation) -> Row:
    return Row(stored.cid, stored.pid, stored.at, conversation_values(stored))


def conversation_values(stored: StoredConversation) -> dict[str, Value]:
    """Properties, analysis and fields of a conversation, by the names that rules use.

    A property that is named like a field is called `properties.<name>` in rules.
    """
    values: dict[str, Value] = {
        f"properties.{name}" if name in _FIELDS else name: value for name, value in decode(stored.properties).items()
    }
    values.update(decode(stored.analysis))
    for name in ("product_id", "version_id", "model"):
        value = getattr(stored, name)
        if value is not None:
            values[name] = value
    if stored.started_at is not None:
        values["started_at"] = Instant(stored.started_at)
    values["message_count"] = float(stored.message_count)
    return values
