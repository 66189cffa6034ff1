"""Events: their names, their properties, and the events themselves.

Bulk reads return columns instead of rows: `event_heads` is what opening a workspace loads for each
name, `event_columns` adds the properties that rules look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import apsw

from coterie.rules.names import is_encodable
from coterie.rules.values import Value
from coterie.store import json_arrays, message_ids
from coterie.store.document import decode_columns
from coterie.store.query_runner import QueryRunner
from coterie.store.rows import StoredEvent, StoredEventProperty

Cursor = tuple[int, int]
"""(at, eid) of an event, by which a timeline pages."""

HeadKey = tuple[int, int, int]
"""(at, pid, eid): the order of the index from which events are loaded."""

BEFORE_ALL: Final[HeadKey] = (-(2**63), 0, 0)
AFTER_ALL: Final[Cursor] = (2**63 - 1, 0)
HEAD_BYTES: Final = 16
BATCH: Final = 65_536
FIRST_DOCUMENTS: Final = 1_000
DOCUMENT_CHARACTERS: Final = 16 * 2**20
"""Documents to read at a time, in characters. Parsing takes a few times as much memory."""


class EventReads(QueryRunner):
    """The queries on events."""

    def event_names(self) -> list[str]:
        """Every name an event ever had, in order of first arrival, also when no event is left."""
        return [name for name, _ in self._rows("event_names")]

    def event_properties(self, name: str | None = None) -> list[StoredEventProperty]:
        """Of one event name or of all: by name (in order of first arrival), then property."""
        if name is not None and not is_encodable(name):
            return []
        return [
            StoredEventProperty(event, property, tuple(kinds.split()), first_seen_at)
            for event, property, kinds, first_seen_at in self._rows("event_properties", {"name": name})
        ]

    def pids_by_message_id(self, ids: Sequence[str]) -> dict[str, int]:
        """The pid of the event with each of these message ids; unknown ids are left out.

        Ten thousand at once are one search each.
        """
        uuids, texts = message_ids.partition(ids)
        pids: dict[str, int] = {}
        for query, keys in (("events_by_uuid", uuids), ("events_by_message_id", texts)):
            if keys:
                for stored, pid in self._rows(query, (json_arrays.of_texts(keys),)):
                    pids[message_ids.unpack(stored) or ""] = pid
        return pids

    def events_of_pids(self, pids: Sequence[int]) -> dict[int, list[StoredEvent]]:
        """By pid, each in order of (at, eid). Pids without events are left out."""
        events: dict[int, list[StoredEvent]] = {}
        for row in self._stream("events_of_pids", (json_arrays.of_numbers(pids),)):
            events.setdefault(row[1], []).append(_event(row))
        return events

    def timeline(
        self, pid: int, *, name: str | None = None, before: Cursor | None = None, limit: int
    ) -> list[StoredEvent]:
        """The events of a profile, latest first, those before (at, eid); of one name or of all."""
        if name is not None and not is_encodable(name):
            return []
        at, eid = before or AFTER_ALL
        values = {"pid": pid, "name": name, "at": at, "eid": eid, "limit": limit}
        return [_event(row) for row in self._stream("timeline", values)]

    def event_heads(self, name: str, batch: int = BATCH) -> Iterator[bytes]:
        """Yield all events of a name in order of (at, pid, eid), up to `batch` at a time.

        They are packed as `rows.EVENT_HEAD` says. Other threads run meanwhile, so two threads can
        read two names at once. Each batch is a query of its own that begins after the last event of
        the batch before, so a caller that stops early leaves no query open.
        """
        nid = self._nids([name]).get(name)
        last = BEFORE_ALL
        while nid is not None:
            packed = self._first("event_heads", (nid, *last, batch))
            if packed is None:
                return
            yield packed
            last = _last_key(packed)

    def event_columns(
        self, name: str, properties: Sequence[str], batch: int = BATCH
    ) -> Iterator[tuple[bytes, dict[str, list[Value | None]]]]:
        """As `event_heads`, each batch with the values of its events for each of `properties`.

        A missing value is None. Where documents are large, a batch has fewer events.
        """
        nid = self._nids([name]).get(name)
        last = BEFORE_ALL
        count = min(batch, FIRST_DOCUMENTS)
        while nid is not None:
            try:
                packed, text = self._rows("event_documents", (nid, *last, count))[0]
            except apsw.TooBigError:  # together they exceed the longest text of SQLite
                if count == 1:
                    raise
                count = max(1, count // 8)
                continue
            if packed is None:
                return
            yield packed, decode_columns(text, properties)
            last = _last_key(packed)
            count = max(1, min(batch, DOCUMENT_CHARACTERS * len(packed) // HEAD_BYTES // len(text)))

    def _nids(self, names: Sequence[str]) -> dict[str, int]:
        return dict(self._rows("nids_of", (json_arrays.of_texts(names),)))


class StoredEventWrites(EventReads):
    """The writes of events."""

    def register_event_names(self, names: Sequence[str]) -> dict[str, int]:
        """The number of each of these event names; new names are given one."""
        distinct = list(dict.fromkeys(names))
        nids = self._nids(distinct)
        if len(nids) < len(distinct):
            self._write_many("add_event_name", [(name,) for name in distinct if name not in nids])
            nids = self._nids(distinct)
        return nids

    def next_eid(self) -> int:
        """The first number that no event ever had, from 0."""
        return self._number("next_eid")

    def insert_events(self, events: Sequence[StoredEvent]) -> None:
        """Insert events and register new names. Raises ValueError for an eid below `next_eid()`."""
        if not events:
            return
        if min(event.eid for event in events) < self.next_eid():
            raise ValueError("an eid was given to an event before")
        nids = self.register_event_names([event.name for event in events])
        self._write_many(
            "insert_event",
            [
                (eid, pid, nids[name], at, message_ids.pack(message_id), document)
                for eid, pid, name, at, message_id, document in events
            ],
        )
        self._write("use_eids_before", (max(event.eid for event in events) + 1,))

    def put_event_properties(self, properties: Sequence[StoredEventProperty]) -> None:
        """Replace the kinds of each (event, name); the earliest `first_seen_at` stays."""
        self.register_event_names([property.event for property in properties])
        self._write_many(
            "put_event_property",
            [(event, name, " ".join(kinds), first_seen_at) for event, name, kinds, first_seen_at in properties],
        )

    def delete_events_of(self, pid: int) -> None:
        self._write("delete_events_of", (pid,))

    def move_events(self, from_pid: int, to_pid: int) -> None:
        """Give the events of one profile to another. They keep their eids."""
        self._write("move_events", (from_pid, to_pid))


def _event(row: tuple[Any, ...]) -> StoredEvent:
    eid, pid, name, at, message_id, document = row
    return StoredEvent(eid, pid, name, at, message_ids.unpack(message_id), document)


def _last_key(packed: bytes) -> HeadKey:
    head = packed[-HEAD_BYTES:]
    return (
        int.from_bytes(head[:8], "big", signed=True),
        int.from_bytes(head[8:12], "big"),
        int.from_bytes(head[12:], "big"),
    )
