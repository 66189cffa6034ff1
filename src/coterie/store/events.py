"""What can be asked of the events in a workspace file, as functions of a connection (see reads.py).

Many events are handed out as columns and not as rows: `heads` is what a start loads for each name, `columns` what rules ask of their properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from coterie.rules.values import Value
from coterie.store import json_arrays, message_ids
from coterie.store.document import decode_columns
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.reads import rows
from coterie.store.rows import StoredEvent, StoredEventProperty

Cursor = tuple[int, int]
"""(at, eid) of an event, by which a timeline pages."""

Key = tuple[int, int, int]
"""(at, pid, eid): the order of the index from which events are loaded."""

BEFORE_ALL: Key = (-(2**63), 0, 0)
AFTER_ALL: Cursor = (2**63 - 1, 0)
HEAD_BYTES = 16
FIRST_DOCUMENTS = 1_000
TEXT_AIM = 16 * 2**20  # characters of documents read at a time, of which a few times as much is in memory meanwhile


def _event(row: tuple[Any, ...]) -> StoredEvent:
    eid, pid, name, at, message_id, document = row
    return StoredEvent(eid, pid, name, at, message_ids.unpack(message_id), document)


def event_names(connection: apsw.Connection) -> dict[str, int]:
    """Every name there ever was, with its nid, in order of first arrival."""
    return dict(rows(connection, "event_names"))


def nids_of(connection: apsw.Connection, names: Sequence[str]) -> dict[str, int]:
    return dict(rows(connection, "nids_of", (json_arrays.of_texts(names),)))


def event_properties(connection: apsw.Connection, name: str | None) -> list[StoredEventProperty]:
    if name is not None and not json_arrays.is_encodable(name):
        return []
    found = rows(connection, "event_properties", {"name": name})
    return [StoredEventProperty(event, one, tuple(kinds.split()), at) for event, one, kinds, at in found]


def events_known(connection: apsw.Connection, wanted: Sequence[str]) -> dict[str, int]:
    """Of these message ids, those that are stored, each with the pid whose event it is."""
    uuids, texts = message_ids.sort_out(wanted)
    found: dict[str, int] = {}
    for query, some in (("events_by_uuid", uuids), ("events_by_message_id", texts)):
        if some:
            for stored, pid in rows(connection, query, (json_arrays.of_texts(some),)):
                found[message_ids.unpack(stored) or ""] = pid
    return found


def events_of_pids(connection: apsw.Connection, pids: Sequence[int]) -> dict[int, list[StoredEvent]]:
    """By pid, each in order of (at, eid). Pids without events are left out."""
    found: dict[int, list[StoredEvent]] = {}
    for row in connection.execute(SQL["events_of_pids"], (json_arrays.of_numbers(pids),)):
        found.setdefault(row[1], []).append(_event(row))
    return found


def timeline(
    connection: apsw.Connection, pid: int, name: str | None, before: Cursor | None, limit: int
) -> list[StoredEvent]:
    """The latest first, those before (at, eid); of one name or of all."""
    if name is not None and not json_arrays.is_encodable(name):
        return []
    at, eid = before or AFTER_ALL
    wanted = {"pid": pid, "name": name, "at": at, "eid": eid, "limit": limit}
    return [_event(row) for row in connection.execute(SQL["timeline"], wanted)]


def heads(connection: apsw.Connection, name: str, batch: int) -> Iterator[bytes]:
    """All events of a name in order of (at, pid, eid), packed as EVENT_HEAD says, up to `batch` at a time.

    Each batch begins after the last of the one before, so that a query that is not read to its end keeps nothing open.
    """
    nid = nids_of(connection, [name]).get(name)
    last = BEFORE_ALL
    while nid is not None:
        packed = rows(connection, "event_heads", (nid, *last, batch))[0][0]
        if packed is None:
            return
        yield packed
        last = _key(packed[-HEAD_BYTES:])


def columns(
    connection: apsw.Connection, name: str, properties: Sequence[str], batch: int
) -> Iterator[tuple[bytes, dict[str, list[Value | None]]]]:
    """The same heads, and beside them what each of the events has under each of `properties`. Of large documents, fewer at a time."""
    nid = nids_of(connection, [name]).get(name)
    last = BEFORE_ALL
    some = min(batch, FIRST_DOCUMENTS)
    while nid is not None:
        try:
            packed, text = rows(connection, "event_documents", (nid, *last, some))[0]
        except apsw.TooBigError:  # together they are more than SQLite takes for one text
            if some == 1:
                raise
            some = max(1, some // 8)
            continue
        if packed is None:
            return
        yield packed, decode_columns(text, properties)
        last = _key(packed[-HEAD_BYTES:])
        some = max(1, min(batch, TEXT_AIM * len(packed) // HEAD_BYTES // len(text)))


def _key(head: bytes) -> Key:
    return (
        int.from_bytes(head[:8], "big", signed=True),
        int.from_bytes(head[8:12], "big"),
        int.from_bytes(head[12:], "big"),
    )
