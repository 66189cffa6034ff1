"""Rows to store, made short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import apsw

from coterie.rules.values import Value
from coterie.store import migrations
from coterie.store.document import encode
from coterie.store.rows import (
    StoredConversation,
    StoredEvent,
    StoredMessage,
    StoredProfile,
    StoredProperty,
    StoredSegment,
    TransitionBlock,
)

NOW = 1_772_357_400_000  # 2026-03-01T09:30:00Z


def profile_id(pid: int) -> str:
    return f"019c0000-0000-7000-8000-{pid:012d}"


def segment_id(sid: int) -> str:
    return f"019c0000-0000-7000-9000-{sid:012d}"


def profile(
    pid: int,
    *,
    external_id: str | None = None,
    email: str | None = None,
    email_is_unique: bool = False,
    **values: Value,
) -> StoredProfile:
    return StoredProfile(pid, profile_id(pid), external_id, email, email_is_unique, encode(values), NOW, NOW, None)


def segment(sid: int, *, kind: str = "dynamic", name: str = "Everyone", version: int = 1) -> StoredSegment:
    rule = None if kind == "static" else '{"property":"plan","operator":"is_set"}'
    return StoredSegment(sid, segment_id(sid), name, kind, rule, None, None, version, NOW, NOW)


def declared(name: str, type: str | None = None, *, id: str | None = None) -> StoredProperty:
    return StoredProperty(id or f"property-{name}", name, type, None, NOW, NOW)


def block(
    first_sequence: int,
    pids: Sequence[int],
    *,
    sid: int = 1,
    action: str = "enter",
    cause: str = "facts",
    at: int = NOW,
) -> TransitionBlock:
    return TransitionBlock(first_sequence, sid, 1, action, cause, at, pids)


def event(
    eid: int, pid: int = 0, *, name: str = "order", at: int = NOW, message_id: str | None = None, **values: Value
) -> StoredEvent:
    return StoredEvent(eid, pid, name, at, message_id, encode(values))


def conversation_id(cid: int) -> str:
    return f"019c0000-0000-7000-a000-{cid:012d}"


def conversation(
    cid: int,
    pid: int = 0,
    *,
    external_id: str | None = None,
    product_id: str | None = None,
    message_count: int = 0,
    **values: Value,
) -> StoredConversation:
    return StoredConversation(
        cid, conversation_id(cid), external_id, pid, product_id, None, "gpt", None, None, None,
        encode(values), encode({"sentiment": 0.5}), message_count, NOW, NOW,
    )  # fmt: skip


def message(cid: int, number: int, *, external_id: str | None = None, content: str = "Hello") -> StoredMessage:
    id = f"019c0000-{cid:04d}-7000-b000-{number:012d}"
    return StoredMessage(cid, number, id, external_id, "user", content, NOW + number, b'{"tokens":[1,{"a":null}]}')


def in_memory() -> apsw.Connection:
    """An empty workspace of the newest schema, for tests that need many."""
    connection = apsw.Connection(":memory:")
    migrations.migrate(connection, migrations.WORKSPACE, Path(":memory:"))
    return connection
