"""One commit in the making: the profiles that its jobs touch, as they were and as they will be.

Jobs change drafts in memory, one job after the other, so that a later job sees the changes of an
earlier one; the rows are written in bulk at the end. A job that is refused raises before it changes
a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from coterie.errors import CoterieError
from coterie.live.registry.catalogue import Catalogue
from coterie.live.writes.activity import ActivityWrites
from coterie.live.writes.draft import Draft, Identity
from coterie.model import Cause, Rejected
from coterie.rules.values import Instant, Kind
from coterie.store.change_times import decode_change_times
from coterie.store.document import decode
from coterie.store.ids import new_id
from coterie.store.rows import StoredAlias, StoredEventProperty, StoredProfile, StoredProperty
from coterie.store.store import Transaction

Input = TypeVar("Input")
Result = TypeVar("Result")


class PartlyApplied(Exception):
    """A job was refused with `error` after it had changed drafts: its commit must be rolled back.

    Jobs that shared the commit run again, each in a commit of its own; this job is answered with
    `error`.
    """

    def __init__(self, error: CoterieError) -> None:
        super().__init__("a job was refused after it had changed drafts")
        self.error = error


class UnitOfWork:
    """The drafts of one commit, found by any identifier. `now` is the commit's instant."""

    def __init__(self, tx: Transaction, catalogue: Catalogue, now: Instant, *, has_suppressions: bool = True) -> None:
        self.tx = tx
        self.now = now
        self.kinds: dict[str, Kind | None] = dict(catalogue.kinds)
        """The declared kind of every property, new properties included."""
        self.drafts: dict[int, Draft] = {}
        self.new_properties: dict[str, StoredProperty] = {}
        self.new_event_properties: list[StoredEventProperty] = []
        self.has_suppressions = has_suppressions
        self.activity = ActivityWrites(tx)
        self._catalogue = catalogue
        self._next_pid = tx.next_pid()
        self._ids: dict[str, Draft | None] = {}
        self._external_ids: dict[str, Draft | None] = {}
        self._emails: dict[str, dict[int, Draft]] = {}
        self._aliases: dict[tuple[str, str], Draft | None] = {}
        self._new_aliases: dict[tuple[str, str], Draft] = {}

    # --- loading

    def load(self, *, ids: Iterable[str] = (), external_ids: Iterable[str] = (), emails: Iterable[str] = ()) -> None:
        """Load the profiles with these identifiers, one query for each kind of identifier."""
        missing = [profile_id for profile_id in dict.fromkeys(ids) if profile_id not in self._ids]
        stored = self.tx.profiles_by_id(missing) if missing else {}
        for profile_id in missing:
            self._ids[profile_id] = self._draft(stored[profile_id]) if profile_id in stored else None
        missing = [name for name in dict.fromkeys(external_ids) if name not in self._external_ids]
        stored = self.tx.profiles_by_external_id(missing) if missing else {}
        for name in missing:
            draft = self._draft(stored[name]) if name in stored else None
            self._external_ids[name] = draft if draft is not None and draft.external_id == name else None
        missing = [email for email in dict.fromkeys(emails) if email not in self._emails]
        with_email = self.tx.profiles_by_email(missing) if missing else {}
        for email in missing:
            drafts = [self._draft(profile) for profile in with_email.get(email, ())]
            here = [draft for draft in self.drafts.values() if draft.email == email] if self.drafts else []
            self._emails[email] = {
                draft.pid: draft for draft in (*drafts, *here) if draft.email == email and not draft.deleted
            }

    def load_aliases(self, kind: str, values: Iterable[str]) -> None:
        """Load the profiles with these aliases of one kind."""
        missing = [value for value in dict.fromkeys(values) if (kind, value) not in self._aliases]
        pids = self.tx.find_aliases(kind, missing) if missing else {}
        to_load = [pid for pid in dict.fromkeys(pids.values()) if pid not in self.drafts]
        for stored in self.tx.profiles(to_load) if to_load else ():
            self._draft(stored)
        for value in missing:
            self._aliases[kind, value] = self.drafts.get(pids[value]) if value in pids else None

    def _draft(self, stored: StoredProfile) -> Draft:
        draft = self.drafts.get(stored.pid)
        if draft is not None:
            return draft
        values = decode(stored.document)
        draft = Draft(
            stored.pid, stored.id, stored.external_id, stored.email, stored.email_is_unique,
            stored.created_at, stored.updated_at, values, stored, dict(values),
        )  # fmt: skip
        if stored.changes:
            draft.changes_before = decode_change_times(stored, values)
            draft.changes = dict(draft.changes_before)
        self.drafts[stored.pid] = draft
        self._ids[draft.id] = draft
        return draft

    # --- finding a profile, as this commit has it so far; None for a deleted or an unknown one

    def by_id(self, profile_id: str) -> Draft | None:
        """The profile with this id."""
        if profile_id not in self._ids:
            self.load(ids=(profile_id,))
        return _living(self._ids[profile_id])

    def by_external_id(self, external_id: str) -> Draft | None:
        """The profile with this external id."""
        if external_id not in self._external_ids:
            self.load(external_ids=(external_id,))
        return _living(self._external_ids[external_id])

    def by_pid(self, pid: int) -> Draft | None:
        """The profile with this number."""
        draft = self.drafts.get(pid)
        if draft is None:
            draft = next((self._draft(stored) for stored in self.tx.profiles([pid])), None)
        return _living(draft)

    def by_alias(self, kind: str, value: str) -> Draft | None:
        """The profile with this alias: an anonymous id, or an identifier of a merged profile."""
        key = (kind, value)
        if key not in self._aliases:
            self.load_aliases(kind, (value,))
        return _living(self._aliases[key])

    def by_email(self, email: str) -> list[Draft]:
        """Every profile with this email; the one whose email is unique first, then the oldest."""
        if email not in self._emails:
            self.load(emails=(email,))
        drafts = [draft for draft in self._emails[email].values() if not draft.deleted]
        return sorted(drafts, key=lambda draft: (not draft.email_is_unique, draft.pid))

    # --- what belongs to a profile

    def aliases_of(self, draft: Draft) -> list[tuple[str, str]]:
        """The aliases of a profile, as (kind, value)."""
        stored = [] if draft.is_new else self.tx.aliases_of(draft.pid)
        aliases = [(alias.kind, alias.value) for alias in stored]
        aliases = [alias for alias in aliases if self._aliases.get(alias, draft) is draft]
        return aliases + [alias for alias, of in self._new_aliases.items() if of is draft and alias not in aliases]

    def identifiers_of(self, draft: Draft) -> list[tuple[str, str]]:
        """Every identifier of a profile, aliases included, as (kind, value)."""
        own = (("id", draft.id), ("external_id", draft.external_id), ("email", draft.email))
        return [(kind, value) for kind, value in own if value is not None] + self.aliases_of(draft)

    def lists_of(self, draft: Draft) -> set[int]:
        """The static segments that a profile will be in, as sids."""
        stored = set() if draft.is_new else set(self.tx.lists_of(draft.pid))
        return (stored | draft.lists_added) - draft.lists_removed

    # --- changing

    def create(self) -> Draft:
        """Create a profile, without identifiers yet."""
        draft = Draft(self._next_pid, new_id(self.now), None, None, False, self.now, self.now, {}, touched=True)
        self._next_pid += 1
        self.drafts[draft.pid] = draft
        self._ids[draft.id] = draft
        return draft

    def identify(self, draft: Draft, identity: Identity) -> None:
        """Give a draft these identifiers."""
        external_id, email, email_is_unique = identity
        if draft.external_id != external_id:
            if draft.external_id is not None:
                self._external_ids[draft.external_id] = None
            draft.external_id = external_id
            draft.note_change("external_id", self.now)
        if external_id is not None:
            self._external_ids[external_id] = draft
        if draft.email != email:
            if draft.email in self._emails:
                self._emails[draft.email].pop(draft.pid, None)
            draft.email = email
            draft.note_change("email", self.now)
        if email is not None:
            if email not in self._emails:
                self.load(emails=(email,))
            self._emails[email][draft.pid] = draft
        draft.email_is_unique = email_is_unique

    def put_alias(self, kind: str, value: str, draft: Draft) -> None:
        """Make the alias resolve to this profile."""
        self._aliases[kind, value] = self._new_aliases[kind, value] = draft

    def add_property(self, name: str) -> None:
        """Add a property that no profile had before."""
        self.kinds[name] = None
        self.new_properties[name] = StoredProperty(new_id(self.now), name, None, None, self.now, self.now)

    # --- writing

    def touched(self) -> list[Draft]:
        """The drafts whose own row changes, by pid."""
        return [
            draft for _, draft in sorted(self.drafts.items()) if draft.touched and not (draft.is_new and draft.deleted)
        ]

    def changed(self) -> list[Draft]:
        """The drafts whose row or activity changes, by pid."""
        return [
            draft
            for _, draft in sorted(self.drafts.items())
            if (draft.touched or draft.activity) and not (draft.is_new and draft.deleted)
        ]

    def write(self) -> list[Draft]:
        """Write everything, and return the drafts whose row or activity changes, by pid."""
        touched = self.touched()
        for stored in self.new_properties.values():
            self.tx.put_property(stored)
        self.activity.write_transfers()
        deleted = [draft.pid for draft in touched if draft.deleted]
        for pid in deleted:
            self.tx.delete_profile(pid)
        for draft in touched:
            if draft.deleted and draft.cause is Cause.MERGE:
                self.tx.put_merged(draft.pid, draft.id)
        changed = [draft for draft in touched if not draft.is_new and not draft.deleted]
        self._free_identifiers(changed)
        self.tx.update_profiles([draft.stored() for draft in changed])
        self.tx.insert_profiles([draft.stored() for draft in touched if draft.is_new and not draft.deleted])
        self._write_lists(touched)
        if self._new_aliases:
            self.tx.put_aliases(
                [
                    StoredAlias(kind, value, draft.pid)
                    for (kind, value), draft in self._new_aliases.items()
                    if not draft.deleted
                ]
            )
        self.activity.write(self._new_event_properties())
        return self.changed()

    def _new_event_properties(self) -> list[StoredEventProperty]:
        """Event properties that are new or have a value of a new kind, with all their kinds."""
        self.new_event_properties = []
        for (event, name), kinds in self.activity.property_kinds.items():
            recorded = self._catalogue.event_property(event, name)
            if recorded is None or not kinds <= recorded:
                every = kinds | (recorded or set())
                self.new_event_properties.append(StoredEventProperty(event, name, tuple(sorted(every)), self.now))
        return self.new_event_properties

    def _free_identifiers(self, changed: list[Draft]) -> None:
        """Clear the old identifiers before the new ones are written: two profiles may swap one."""
        stored = [draft.before for draft in changed if draft.before is not None and draft.moves_identifiers()]
        if len(stored) > 1:
            self.tx.update_profiles(
                [profile._replace(external_id=None, email=None, email_is_unique=False) for profile in stored]
            )

    def _write_lists(self, touched: list[Draft]) -> None:
        added: dict[int, list[int]] = {}
        removed: dict[int, list[int]] = {}
        for draft in touched:
            if draft.deleted:
                continue
            for sid in draft.lists_added:
                added.setdefault(sid, []).append(draft.pid)
            for sid in draft.lists_removed:
                removed.setdefault(sid, []).append(draft.pid)
        for sid, pids in added.items():
            self.tx.add_list_members(sid, pids, self.now)
        for sid, pids in removed.items():
            self.tx.remove_list_members(sid, pids)


def _living(draft: Draft | None) -> Draft | None:
    return None if draft is None or draft.deleted else draft


def put_each(put: Callable[[Input], Result], items: Iterable[Input]) -> list[Result | Rejected]:
    """The result of `put` for each item, in order; Rejected where it raises a CoterieError.

    `put` raises before it changes anything, so that a rejected item leaves the others alone.
    """
    results: list[Result | Rejected] = []
    for item in items:
        try:
            results.append(put(item))
        except CoterieError as error:
            results.append(Rejected(error.problems))
    return results
