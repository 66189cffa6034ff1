"""One commit being made: the profiles that its requests touched, as they were and as they will be.

Requests are applied to drafts in memory, one after the other, so that a later one sees an earlier one of the same commit; the rows are written
in bulk at the end. A request that fails raises before it changes a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from coterie.errors import CoterieError
from coterie.live.registry.catalogue import Catalogue
from coterie.live.writes.activity import ActivityWrites
from coterie.live.writes.draft import Draft
from coterie.model import Cause, Rejected
from coterie.rules.values import Instant, Kind
from coterie.store.change_times import decode_change_times
from coterie.store.document import decode
from coterie.store.ids import new_id
from coterie.store.rows import StoredAlias, StoredEventProperty, StoredProfile, StoredProperty
from coterie.store.store import Transaction

Input = TypeVar("Input")
Answer = TypeVar("Answer")


class PartlyApplied(Exception):
    """A job was refused with `error` after it had changed drafts: its commit must be undone.

    Jobs that shared the commit run again, each in a commit of its own; this job is answered with
    `error`.
    """

    def __init__(self, error: CoterieError) -> None:
        super().__init__("a job failed after it had changed drafts")
        self.error = error


class UnitOfWork:
    """The drafts of one commit, found by any identifier. `now` is the commit's instant."""

    def __init__(self, tx: Transaction, catalogue: Catalogue, now: Instant, *, has_suppressions: bool = True) -> None:
        self.tx = tx
        self.now = now
        self.kinds: dict[str, Kind | None] = dict(catalogue.kinds)
        """The properties there will be, with their declared kinds."""
        self.drafts: dict[int, Draft] = {}
        self.new_properties: dict[str, StoredProperty] = {}
        self._next_pid = tx.next_pid()
        self._ids: dict[str, Draft | None] = {}
        self._external_ids: dict[str, Draft | None] = {}
        self._emails: dict[str, dict[int, Draft]] = {}
        self._aliases: dict[tuple[str, str], Draft | None] = {}
        self._new_aliases: dict[tuple[str, str], Draft] = {}
        self.has_suppressions = has_suppressions
        self.new_event_properties: list[StoredEventProperty] = []
        self._catalogue = catalogue
        self.activity = ActivityWrites(tx)

    # --- finding

    def load(self, *, ids: Iterable[str] = (), external_ids: Iterable[str] = (), emails: Iterable[str] = ()) -> None:
        """Fetch what is stored under these identifiers, in a few queries for all of them together."""
        unknown = [one for one in dict.fromkeys(ids) if one not in self._ids]
        found = self.tx.profiles_by_id(unknown) if unknown else {}
        for one in unknown:
            self._ids[one] = self._draft(found[one]) if one in found else None
        unknown = [one for one in dict.fromkeys(external_ids) if one not in self._external_ids]
        found = self.tx.profiles_by_external_id(unknown) if unknown else {}
        for one in unknown:
            draft = self._draft(found[one]) if one in found else None
            self._external_ids[one] = draft if draft is not None and draft.external_id == one else None
        unknown = [one for one in dict.fromkeys(emails) if one not in self._emails]
        with_email = self.tx.profiles_by_email(unknown) if unknown else {}
        for one in unknown:
            drafts = [self._draft(stored) for stored in with_email.get(one, ())]
            here = [draft for draft in self.drafts.values() if draft.email == one] if self.drafts else []
            self._emails[one] = {
                draft.pid: draft for draft in (*drafts, *here) if draft.email == one and not draft.deleted
            }

    def _draft(self, stored: StoredProfile) -> Draft:
        known = self.drafts.get(stored.pid)
        if known is not None:
            return known
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

    def by_id(self, profile_id: str) -> Draft | None:
        """The profile, as this commit has it so far; None where there is none, or it has been deleted."""
        if profile_id not in self._ids:
            self.load(ids=(profile_id,))
        draft = self._ids[profile_id]
        return None if draft is None or draft.deleted else draft

    def by_external_id(self, external_id: str) -> Draft | None:
        """The same, by external id."""
        if external_id not in self._external_ids:
            self.load(external_ids=(external_id,))
        draft = self._external_ids[external_id]
        return None if draft is None or draft.deleted else draft

    def by_pid(self, pid: int) -> Draft | None:
        """The same, by its number."""
        draft = self.drafts.get(pid)
        if draft is None:
            draft = next((self._draft(stored) for stored in self.tx.profiles([pid])), None)
        return None if draft is None or draft.deleted else draft

    def by_alias(self, kind: str, value: str) -> Draft | None:
        """The profile that another name stands for: an anonymous id, or an identifier of one that was merged into it."""
        key = (kind, value)
        if key not in self._aliases:
            self.load_aliases(kind, (value,))
        draft = self._aliases[key]
        return None if draft is None or draft.deleted else draft

    def load_aliases(self, kind: str, values: Iterable[str]) -> None:
        """Fetch what these names stand for, together."""
        unknown = [one for one in dict.fromkeys(values) if (kind, one) not in self._aliases]
        found = self.tx.find_aliases(kind, unknown) if unknown else {}
        fresh = [pid for pid in dict.fromkeys(found.values()) if pid not in self.drafts]
        for stored in self.tx.profiles(fresh) if fresh else ():
            self._draft(stored)
        for one in unknown:
            self._aliases[kind, one] = self.drafts.get(found[one]) if one in found else None

    def aliases_of(self, draft: Draft) -> list[tuple[str, str]]:
        """Every other name of a profile, with its kind."""
        stored = [] if draft.is_new else self.tx.aliases_of(draft.pid)
        names = [(one.kind, one.value) for one in stored]
        mine = [one for one in names if self._aliases.get(one, draft) is draft]
        return [*mine, *(one for one, of in self._new_aliases.items() if of is draft and one not in mine)]

    def names_of(self, draft: Draft) -> list[tuple[str, str]]:
        """Every name a profile goes by, with its kind."""
        own = (("id", draft.id), ("external_id", draft.external_id), ("email", draft.email))
        return [(kind, value) for kind, value in own if value is not None] + self.aliases_of(draft)

    def put_alias(self, kind: str, value: str, draft: Draft) -> None:
        """From now on the name stands for this profile."""
        self._aliases[kind, value] = self._new_aliases[kind, value] = draft

    def by_email(self, email: str) -> list[Draft]:
        """Every profile with this address; the one made or claimed by it first, then the oldest."""
        if email not in self._emails:
            self.load(emails=(email,))
        found = [draft for draft in self._emails[email].values() if not draft.deleted]
        return sorted(found, key=lambda draft: (not draft.email_is_unique, draft.pid))

    def lists_of(self, draft: Draft) -> set[int]:
        """The static segments a profile will be in, as sids."""
        stored = set() if draft.is_new else set(self.tx.lists_of(draft.pid))
        return (stored | draft.lists_added) - draft.lists_removed

    # --- changing

    def create(self) -> Draft:
        """A new profile, without identifiers yet."""
        draft = Draft(self._next_pid, new_id(self.now), None, None, False, self.now, self.now, {}, touched=True)
        self._next_pid += 1
        self.drafts[draft.pid] = draft
        self._ids[draft.id] = draft
        return draft

    def identify(self, draft: Draft, external_id: str | None, email: str | None, *, email_is_unique: bool) -> None:
        """Give a draft these identifiers, and keep the look-ups true."""
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

    def add_property(self, name: str) -> None:
        """A name that was never seen: the catalogue will know it."""
        self.kinds[name] = None
        self.new_properties[name] = StoredProperty(new_id(self.now), name, None, None, self.now, self.now)

    # --- writing

    def touched(self) -> list[Draft]:
        """The drafts that differ from what is stored, by pid."""
        return [
            draft for _, draft in sorted(self.drafts.items()) if draft.touched and not (draft.is_new and draft.deleted)
        ]

    def moved(self) -> list[Draft]:
        """The drafts that differ, and those to whom something happened, by pid."""
        return [
            draft
            for _, draft in sorted(self.drafts.items())
            if (draft.touched or draft.activity) and not (draft.is_new and draft.deleted)
        ]

    def write(self) -> list[Draft]:
        """Write the touched profiles and what goes with them; returns all that may have moved, by pid."""
        touched = self.touched()
        for stored in self.new_properties.values():
            self.tx.put_property(stored)
        self.activity.move()
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
        return self.moved()

    def _new_event_properties(self) -> list[StoredEventProperty]:
        """What events of a name have not had before, with all its kinds so far."""
        found = []
        for (event, name), kinds in self.activity.seen.items():
            known = self._catalogue.event_property(event, name)
            if known is None or not kinds <= known:
                every = kinds | (known or set())
                found.append(StoredEventProperty(event, name, tuple(sorted(every)), self.now))
        self.new_event_properties = found
        return found

    def _free_identifiers(self, changed: list[Draft]) -> None:
        """Two profiles of one commit may swap an identifier: give up the old ones before the new ones are taken."""
        moved = [draft.before for draft in changed if draft.before is not None and draft.moves_identifiers()]
        if len(moved) > 1:
            self.tx.update_profiles(
                [one._replace(external_id=None, email=None, email_is_unique=False) for one in moved]
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


def put_each(put: Callable[[Input], Answer], sent: Iterable[Input]) -> list[Answer | Rejected]:
    """What `put` says of each item, in order; where it raises, what is wrong with that item. It raises before it changes anything."""
    answers: list[Answer | Rejected] = []
    for one in sent:
        try:
            answers.append(put(one))
        except CoterieError as error:
            answers.append(Rejected(error.problems))
    return answers
