"""What one commit does to events and conversations: gathered while its jobs run, written once the profiles are there."""

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


@dataclass(slots=True)
class PendingEvent:
    """An event that this commit brings. Its profile may yet be merged into another."""

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
    sent: dict[str, str] = field(default_factory=dict)  # external ids of this commit's messages -> their ids


class ActivityWrites:
    """Events and conversations of one commit."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._events: list[PendingEvent] = []
        self._of_message: dict[
            str, Draft | int
        ] = {}  # message id -> whose event it is: a draft of this commit or a pid
        self._asked: set[str] = set()
        self._next_eid: int | None = None
        self._next_cid: int | None = None
        self.seen: dict[tuple[str, str], set[Kind]] = {}
        """(event, property) -> the kinds that this commit brings, for the catalogue."""
        self.conversations: dict[int, PendingConversation] = {}
        self._handed: list[tuple[int, int]] = []

    # --- events

    def look_up(self, message_ids: Iterable[str]) -> None:
        """Fetch which of these events are stored, together."""
        unknown = [one for one in dict.fromkeys(message_ids) if one not in self._asked]
        if unknown:
            self._asked.update(unknown)
            self._of_message.update(self._tx.pids_by_message_id(unknown))

    def known(self, message_id: str) -> Draft | int | None:
        """Whose event has this message id, here or in the store; None where it is new."""
        self.look_up((message_id,))
        return self._of_message.get(message_id)

    def add_event(
        self, draft: Draft, name: str, at: Instant, message_id: str | None, values: Mapping[str, Value]
    ) -> None:
        """An event that is new."""
        if self._next_eid is None:
            self._next_eid = self._tx.next_eid()
        eid = self._next_eid
        self._next_eid += 1
        self._events.append(PendingEvent(eid, draft, name, at, message_id, values))
        draft.changes_to(EventsNamed(name)).added.append(Row(eid, draft.pid, at, values))
        if message_id is not None:
            self._of_message[message_id] = draft
        for of, value in values.items():
            self.seen.setdefault((name, of), set()).add(kind_of(value))

    def names(self) -> set[str]:
        """The names of the events that this commit brings."""
        return {event.name for event in self._events}

    # --- conversations

    def next_cid(self) -> int:
        """The number of the next new conversation."""
        if self._next_cid is None:
            self._next_cid = self._tx.next_cid()
        self._next_cid += 1
        return self._next_cid - 1

    def put_conversation(self, pending: PendingConversation, after: StoredConversation) -> None:
        """The conversation will be this; what its old version contributed is taken back."""
        source = Conversations()
        changes = pending.draft.changes_to(source)
        known = [row for row in changes.added if row.number == after.cid]
        if known:
            changes.added.remove(known[0])
        elif pending.before is not None:
            changes.removed.append(_row(pending.before))
        pending.after = after
        changes.added.append(_row(after))
        self.conversations[after.cid] = pending

    # --- moving and writing

    def hand_over(self, loser: Draft, winner: Draft) -> None:
        """Everything that happened to the one happened to the other."""
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
            self._handed.append((loser.pid, winner.pid))
            for source, row in self._taken_back(loser):
                winner.changes_to(source).added.append(row._replace(pid=winner.pid))

    def forget(self, draft: Draft) -> None:
        """Its profile is deleted, and with it everything that happened to it."""
        self._events = [event for event in self._events if event.draft is not draft]
        self.conversations = {cid: one for cid, one in self.conversations.items() if one.draft is not draft}
        for changes in draft.activity.values():
            changes.added.clear()
        if not draft.is_new:
            self._taken_back(draft)

    def _taken_back(self, draft: Draft) -> list[tuple[Source, Row]]:
        """Everything stored of a profile that this commit has not taken back yet: it does so now, and tells what it was."""
        gone = {source: {row.number for row in one.removed} for source, one in draft.activity.items()}
        taken = [(source, row) for source, row in self._stored(draft) if row.number not in gone.get(source, ())]
        for source, row in taken:
            draft.changes_to(source).removed.append(row)
        return taken

    def _stored(self, draft: Draft) -> Iterable[tuple[Source, Row]]:
        """What is stored of a profile; conversations as they were before this commit."""
        for event in self._tx.events_of_pids([draft.pid]).get(draft.pid, ()):
            yield EventsNamed(event.name), Row(event.eid, draft.pid, event.at, decode(event.document))
        for conversation in self._tx.conversations_of_pids([draft.pid]).get(draft.pid, ()):
            yield Conversations(), _row(conversation)

    def move(self) -> None:
        """Before profiles are deleted: what moves to others is theirs."""
        for loser, winner in self._handed:
            self._tx.move_events(loser, winner)
            self._tx.move_conversations(loser, winner)

    def write(self, properties: Iterable[StoredEventProperty]) -> None:
        """After the profiles are there."""
        self._tx.insert_events(
            [
                StoredEvent(one.eid, one.draft.pid, one.name, int(one.at), one.message_id, encode(one.values))
                for one in self._events
            ]
        )
        new = list(properties)
        if new:
            self._tx.put_event_properties(new)
        put = [one for one in self.conversations.values() if one.after is not one.before]
        self._tx.put_conversations([one.after for one in put])
        self._tx.insert_messages([message for one in put for message in one.messages])


def _row(stored: StoredConversation) -> Row:
    return Row(stored.cid, stored.pid, stored.at, conversation_values(stored))


# --- a conversation as rules see it ---------------------------------------------------------------------------------------

_FIELDS = frozenset(CONVERSATION_FIELDS)


def name_in_rules(name: str) -> str:
    """The name under which rules see a conversation's own property: another one where a field is called so."""
    return f"properties.{name}" if name in _FIELDS else name


def conversation_values(stored: StoredConversation) -> dict[str, Value]:
    """Properties, scores, flags and the rest, by the names that rules use."""
    values: dict[str, Value] = {name_in_rules(name): value for name, value in decode(stored.properties).items()}
    values.update(decode(stored.analysis))
    for name in ("product_id", "version_id", "model"):
        value = getattr(stored, name)
        if value is not None:
            values[name] = value
    if stored.started_at is not None:
        values["started_at"] = Instant(stored.started_at)
    values["message_count"] = float(stored.message_count)
    return values
