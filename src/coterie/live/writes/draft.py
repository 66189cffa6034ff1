"""A profile in a commit: as it is stored, as it will be, and what changes.

`stored_document` gives the document of a stored profile that no commit touches, to load the index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from coterie.index.activity import Row
from coterie.model import Cause
from coterie.rules.kernel import ChangedAt, Source, Subject
from coterie.rules.values import Instant, Value
from coterie.store.change_times import decode_change_times, encode_change_times
from coterie.store.document import decode, encode
from coterie.store.rows import StoredProfile

Document = dict[str | ChangedAt, Value]
"""A row of the index: values by property, and by `ChangedAt` for properties whose changes count."""


class Identity(NamedTuple):
    """The identifiers of a profile, beside its id and its aliases."""

    external_id: str | None
    email: str | None
    email_is_unique: bool


UNIDENTIFIED = Identity(None, None, False)


@dataclass(slots=True)
class ActivityChanges:
    """The events of one name, or the conversations, that a commit adds to a profile and removes."""

    added: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Draft:
    """A profile in this commit.

    `values` are its properties as they will be; `before` is its stored row, None for a new profile.
    """

    pid: int
    id: str
    external_id: str | None
    email: str | None
    email_is_unique: bool
    created_at: int
    updated_at: int
    values: dict[str, Value]
    before: StoredProfile | None = None
    values_before: Mapping[str, Value] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)  # by property, if later than `created_at`
    changes_before: Mapping[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    activity: dict[Source, ActivityChanges] = field(default_factory=dict)
    cause: Cause = Cause.FACTS  # of its transitions
    lists_added: frozenset[int] = frozenset()
    lists_removed: frozenset[int] = frozenset()
    deleted: bool = False
    touched: bool = False

    @property
    def is_new(self) -> bool:
        """Whether this commit creates the profile."""
        return self.before is None

    @property
    def identity(self) -> Identity:
        """Its identifiers as they will be."""
        return Identity(self.external_id, self.email, self.email_is_unique)

    def document(self, changes_of: Collection[str] = ()) -> Document:
        """Properties and the profile's own fields, and when those in `changes_of` last changed."""
        return _document(self, self.values, self.changes, changes_of)

    def old(self, subject: Subject) -> Value | None:
        """The value of a property, or the instant of its last change, before the commit."""
        if self.before is None:
            return None
        if isinstance(subject, ChangedAt):
            if self.old(subject.property) is None:
                return None
            return _changed_at(self.before, self.changes_before, subject.property)
        assert isinstance(subject, str)
        return _value(self.before, self.values_before, subject)

    def new(self, subject: Subject) -> Value | None:
        """The value of a property, or the instant of its last change, after the commit."""
        if isinstance(subject, ChangedAt):
            return self.changed_at(subject.property)
        assert isinstance(subject, str)
        return _value(self, self.values, subject)

    def changed_at(self, name: str) -> Instant | None:
        """The instant of the property's last change; None where the property will be missing."""
        return None if self.new(name) is None else _changed_at(self, self.changes, name)

    def touch(self, now: Instant) -> None:
        """Mark the profile's row as changed in this commit."""
        self.touched = True
        if self.updated_at != now or self.is_new:
            self.updated_at = now
            self.changed.add("updated_at")

    def note_change(self, name: str, now: Instant) -> None:
        """Record that the property has another value from now on, or none."""
        self.changed.add(name)
        if self.new(name) is None or self.created_at == now:
            self.changes.pop(name, None)
        else:
            self.changes[name] = now

    def changes_to(self, source: Source) -> ActivityChanges:
        """The rows of a source that this commit adds and removes."""
        return self.activity.setdefault(source, ActivityChanges())

    def moves_identifiers(self) -> bool:
        """Whether external id, email, or the email's uniqueness differ from the stored row."""
        before = self.before
        return before is None or self.identity != (before.external_id, before.email, bool(before.email_is_unique))

    def stored(self) -> StoredProfile:
        """The row to store."""
        return StoredProfile(
            self.pid, self.id, self.external_id, self.email, self.email_is_unique,
            encode(self.values), self.created_at, self.updated_at, encode_change_times(self.changes),
        )  # fmt: skip


def stored_document(stored: StoredProfile, changes_of: Collection[str] = ()) -> Document:
    """`Draft.document` of a profile as it is stored."""
    values = decode(stored.document)
    changes = decode_change_times(stored, values) if changes_of else {}
    return _document(stored, values, changes, changes_of)


def _document(
    profile: Draft | StoredProfile, values: Mapping[str, Value], changes: Mapping[str, int], changes_of: Collection[str]
) -> Document:
    document: Document = {}
    document.update(values)
    if profile.external_id is not None:
        document["external_id"] = profile.external_id
    if profile.email is not None:
        document["email"] = profile.email
    document["created_at"] = Instant(profile.created_at)
    document["updated_at"] = Instant(profile.updated_at)
    for name in changes_of:
        if name in document:
            document[ChangedAt(name)] = _changed_at(profile, changes, name)
    return document


def _value(profile: Draft | StoredProfile, values: Mapping[str, Value], name: str) -> Value | None:
    """The value of a property, or of one of the profile's own fields."""
    match name:
        case "external_id":
            return profile.external_id
        case "email":
            return profile.email
        case "created_at":
            return Instant(profile.created_at)
        case "updated_at":
            return Instant(profile.updated_at)
    return values.get(name)


def _changed_at(profile: Draft | StoredProfile, changes: Mapping[str, int], name: str) -> Instant:
    """The instant at which a property that is present got its value."""
    if name == "updated_at":
        return Instant(profile.updated_at)
    return Instant(changes.get(name, profile.created_at))
