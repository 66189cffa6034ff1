"""What the store takes and gives: rows as plain frozen data, with the file's own numbers (`pid`, `sid`) in them.

They differ from `coterie.model` on purpose: a document is still bytes, a rule is still JSON text. Who needs the meaning reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class StoredProfile(NamedTuple):
    """A profile as it rests. A named tuple and not a dataclass, for a row becomes one (and one becomes a row) at no cost, ten million
    times at a start. `email_keyed` comes back as SQLite's 0 or 1.
    """

    pid: int
    id: str
    external_id: str | None
    email: str | None
    email_keyed: bool  # made or claimed by its email, which is then unique among such profiles
    document: bytes
    created_at: int
    updated_at: int
    changes: bytes | None  # since when it has its values: see change_times.py


@dataclass(frozen=True, slots=True)
class StoredSegment:
    sid: int
    id: str
    name: str
    kind: str
    rule: str | None  # canonical JSON
    description: str | None
    origin: str | None  # JSON
    version: int
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class StoredProperty:
    id: str
    name: str
    type: str | None
    fallback: str | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class TransitionBlock:
    """Profiles that entered or left one segment in one commit, at one instant, for one cause.

    `pids` are distinct and ascending. Sequences are dense: the pid of rank r has `first_sequence` + r.
    """

    first_sequence: int
    sid: int
    version: int
    action: str
    cause: str
    at: int
    pids: Sequence[int]


@dataclass(frozen=True, slots=True)
class StoredTransition:
    sequence: int
    sid: int
    version: int
    action: str
    cause: str
    at: int
    pid: int


# --- happenings

EVENT_HEAD = (("at", ">i8"), ("pid", ">u4"), ("eid", ">u4"))
"""How `Store.event_heads` and `Store.event_documents` pack an event: big-endian, 16 bytes; `numpy.dtype(list(EVENT_HEAD))` reads it."""


class StoredEvent(NamedTuple):
    """An event as it rests. `eid` is its number: in order of arrival, never given twice, below 2**32."""

    eid: int
    pid: int
    name: str
    at: int
    message_id: str | None
    document: bytes


class StoredEventProperty(NamedTuple):
    """That events of a name have had a property, and in which kinds."""

    event: str
    name: str
    kinds: tuple[str, ...]
    first_seen_at: int


class StoredConversation(NamedTuple):
    """A conversation as it rests. `cid` is its number, as `eid` is an event's. `at` follows from the rest and is not stored."""

    cid: int
    id: str
    external_id: str | None
    pid: int
    product_id: str | None
    version_id: str | None
    model: str | None
    started_at: int | None
    sent_at: int | None  # the instant it counts at, where the sender said so
    last_message_at: int | None
    properties: bytes  # a document
    analysis: bytes  # a document
    message_count: int
    created_at: int
    updated_at: int

    @property
    def at(self) -> int:
        """The instant it counts at."""
        for instant in (self.sent_at, self.last_message_at, self.started_at):
            if instant is not None:
                return instant
        return self.created_at


class StoredMessage(NamedTuple):
    """A message of a conversation. `number` counts from 0 within it, in order of arrival."""

    cid: int
    number: int
    id: str
    external_id: str | None
    role: str
    content: str | None
    at: int
    extra: bytes  # JSON object, of any depth


class StoredAlias(NamedTuple):
    """One more name that leads to a profile. `kind` is id, external_id, email or anonymous_id."""

    kind: str
    value: str
    pid: int
