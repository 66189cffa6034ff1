"""Rows as plain frozen data, with the file's own numbers (`pid`, `sid`) in them.

They differ from `coterie.model` on purpose: a document is still bytes, a rule is still JSON text.
Callers that need the meaning decode it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class StoredProfile(NamedTuple):
    """A row of `profiles`.

    A named tuple instead of a dataclass, because a row converts to and from one at no cost, ten
    million times when a workspace is opened. `email_is_unique` is read as SQLite's 0 or 1.
    """

    pid: int
    id: str
    external_id: str | None
    email: str | None
    email_is_unique: bool  # created or claimed by its email, which is unique among such profiles
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

    `pids` are distinct and ascending. Sequences are dense: the pid of rank r has
    `first_sequence` + r.
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


# --- activity

EVENT_HEAD = (("at", ">i8"), ("pid", ">u4"), ("eid", ">u4"))
"""How `Reads.event_heads` and `Reads.event_columns` pack an event: big-endian, 16 bytes.

`numpy.dtype(list(EVENT_HEAD))` reads it.
"""


class StoredEvent(NamedTuple):
    """A row of `events`. `eid` numbers events by arrival; it is never reused and below 2**32."""

    eid: int
    pid: int
    name: str
    at: int
    message_id: str | None
    document: bytes


class StoredEventProperty(NamedTuple):
    """A property that events of a name have had, and the kinds of its values."""

    event: str
    name: str
    kinds: tuple[str, ...]
    first_seen_at: int


class StoredConversation(NamedTuple):
    """A row of `conversations`. `cid` numbers conversations as `eid` numbers events.

    `at` follows from the other columns and is not stored.
    """

    cid: int
    id: str
    external_id: str | None
    pid: int
    product_id: str | None
    version_id: str | None
    model: str | None
    started_at: int | None
    sent_at: int | None  # the instant at which it counts, where the sender gave one
    last_message_at: int | None
    properties: bytes  # a document
    analysis: bytes  # a document
    message_count: int
    created_at: int
    updated_at: int

    @property
    def at(self) -> int:
        """The instant at which it counts."""
        for instant in (self.sent_at, self.last_message_at, self.started_at):
            if instant is not None:
                return instant
        return self.created_at


class StoredMessage(NamedTuple):
    """A message of a conversation. `number` counts from 0 within it, by arrival."""

    cid: int
    number: int
    id: str
    external_id: str | None
    role: str
    content: str | None
    at: int
    extra: bytes  # a JSON object of any depth


class StoredAlias(NamedTuple):
    """Another identifier of a profile. `kind` is id, external_id, email or anonymous_id."""

    kind: str
    value: str
    pid: int
