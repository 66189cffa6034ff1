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
