"""Rows to store, made short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import apsw

from coterie.rules.values import Value
from coterie.store import migrations
from coterie.store.document import encode
from coterie.store.records import StoredProfile, StoredProperty, StoredSegment, TransitionBlock

NOW = 1_772_357_400_000  # 2026-03-01T09:30:00Z


def profile_id(pid: int) -> str:
    return f"019c0000-0000-7000-8000-{pid:012d}"


def segment_id(sid: int) -> str:
    return f"019c0000-0000-7000-9000-{sid:012d}"


def profile(
    pid: int, *, external_id: str | None = None, email: str | None = None, keyed: bool = False, **values: Value
) -> StoredProfile:
    return StoredProfile(pid, profile_id(pid), external_id, email, keyed, encode(values), NOW, NOW, None)


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


def in_memory() -> apsw.Connection:
    """An empty workspace of the newest schema, for tests that need many."""
    connection = apsw.Connection(":memory:")
    migrations.migrate(connection, migrations.WORKSPACE, Path(":memory:"))
    return connection
