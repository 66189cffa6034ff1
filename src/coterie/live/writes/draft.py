"""A profile in a commit: as it is stored, as it will be, and what changed on the way.

`stored_document` is the same look at a profile nobody touches: what the index is loaded with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from coterie.index.activity import Row
from coterie.model import Cause
from coterie.rules.kernel import ChangedAt, Source, Subject
from coterie.rules.values import Instant, Value
from coterie.store.change_times import decode_change_times, encode_change_times
from coterie.store.document import decode, encode
from coterie.store.rows import StoredProfile

Document = dict[str | ChangedAt, Value]
"""What the index takes: values by property, and by `ChangedAt` where some rule asks when a property changed."""


def _seen(profile: Draft | StoredProfile, values: Mapping[str, Value], name: str) -> Value | None:
    """One of the profile's own fields, or of its properties."""
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


@dataclass(slots=True)
class ActivityChanges:
    """The events of one name, or the conversations, that a commit adds to a profile and removes."""

    added: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Draft:
    """A profile in this commit. `values` are its properties as they will be; `before` is what is stored, None for a new one."""

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
    changes: dict[str, int] = field(default_factory=dict)  # when each property got its value, if not at the beginning
    changes_before: Mapping[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    activity: dict[Source, ActivityChanges] = field(default_factory=dict)
    cause: Cause = Cause.FACTS  # what its moves are put down to
    lists_added: frozenset[int] = frozenset()
    lists_removed: frozenset[int] = frozenset()
    deleted: bool = False
    touched: bool = False

    @property
    def is_new(self) -> bool:
        """Whether this commit makes it."""
        return self.before is None

    def document(self, changes_of: Collection[str] = ()) -> Document:
        """Everything rules can look at: the properties and the profile's own fields, and when those in `changes_of` changed."""
        whole: Document = {}
        whole.update(self.values)
        if self.external_id is not None:
            whole["external_id"] = self.external_id
        if self.email is not None:
            whole["email"] = self.email
        whole["created_at"] = Instant(self.created_at)
        whole["updated_at"] = Instant(self.updated_at)
        for name in changes_of:
            at = self.changed_at(name)
            if at is not None:
                whole[ChangedAt(name)] = at
        return whole

    def old(self, subject: Subject) -> Value | None:
        """What a rule saw of a property, or of when it changed, before the commit."""
        if self.before is None:
            return None
        if isinstance(subject, ChangedAt):
            if self.old(subject.property) is None:
                return None
            return _changed_at(self.before, self.changes_before, subject.property)
        assert isinstance(subject, str)
        return _seen(self.before, self.values_before, subject)

    def new(self, subject: Subject) -> Value | None:
        """What a rule will see of it."""
        if isinstance(subject, ChangedAt):
            return self.changed_at(subject.property)
        assert isinstance(subject, str)
        return _seen(self, self.values, subject)

    def changed_at(self, name: str) -> Instant | None:
        """When the property got the value it will have; None where it will be missing."""
        return None if self.new(name) is None else _changed_at(self, self.changes, name)

    def touch(self, now: Instant) -> None:
        """Its own row changes in this commit."""
        self.touched = True
        if self.updated_at != now or self.is_new:
            self.updated_at = now
            self.changed.add("updated_at")

    def note_change(self, name: str, now: Instant) -> None:
        """The property has another value from now on, or none."""
        self.changed.add(name)
        if self.new(name) is None or self.created_at == now:
            self.changes.pop(name, None)
        else:
            self.changes[name] = now

    def changes_to(self, source: Source) -> ActivityChanges:
        """The rows of a source that this commit adds and removes."""
        return self.activity.setdefault(source, ActivityChanges())

    def moves_identifiers(self) -> bool:
        """Whether its identifiers, or that its email is email_is_unique, are not what is stored."""
        before = self.before
        return before is None or (self.external_id, self.email, self.email_is_unique) != (
            before.external_id, before.email, bool(before.email_is_unique),
        )  # fmt: skip

    def stored(self) -> StoredProfile:
        """The row it will be."""
        return StoredProfile(
            self.pid, self.id, self.external_id, self.email, self.email_is_unique,
            encode(self.values), self.created_at, self.updated_at, encode_change_times(self.changes),
        )  # fmt: skip


def _changed_at(profile: Draft | StoredProfile, changes: Mapping[str, int], name: str) -> Instant:
    """When a property that is there got its value."""
    if name == "updated_at":
        return Instant(profile.updated_at)
    return Instant(changes.get(name, profile.created_at))


def stored_document(stored: StoredProfile, changes_of: Collection[str] = ()) -> Document:
    """`Draft.document` of a profile as it is stored; for loading the index."""
    decoded = decode(stored.document)
    whole: Document = {}
    whole.update(decoded)
    if stored.external_id is not None:
        whole["external_id"] = stored.external_id
    if stored.email is not None:
        whole["email"] = stored.email
    whole["created_at"] = Instant(stored.created_at)
    whole["updated_at"] = Instant(stored.updated_at)
    if changes_of:
        changes = decode_change_times(stored, decoded)
        for name in changes_of:
            if name in whole:
                whole[ChangedAt(name)] = _changed_at(stored, changes, name)
    return whole
