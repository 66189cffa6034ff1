"""Whose event or conversation is it? And what becomes of the names that a profile has beside its own identifiers.

A profile has other names (*aliases*): anonymous ids, under which it was known before its person said who they are, and the identifiers of profiles that were
merged into it. They resolve to it for as long as it is there. Erasing somebody leaves marks: hashes of every name they had, so that data
that comes late cannot bring them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from coterie.errors import InvalidValue, LimitExceeded, NotFound, Suppressed, missing
from coterie.live.writes.draft import Draft
from coterie.live.writes.identifiers import Identifiers, read_identifiers, settle
from coterie.live.writes.merging import merge
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import UNSET, ProfileInput, ProfileRef, Unset
from coterie.rules.values import unfit_text
from coterie.settings import Settings

ANONYMOUS = "anonymous_id"


def read_anonymous_id(raw: object, limits: Settings) -> str | Unset:
    """Through the door. Raises InvalidValue."""
    if isinstance(raw, Unset):
        return raw
    if not isinstance(raw, str) or not raw or unfit_text(raw) is not None:
        raise InvalidValue("anonymous_id is a text that is not empty.", path=(ANONYMOUS,))
    if len(raw) > limits.external_id_length_max:
        raise LimitExceeded(
            f"anonymous_id is longer than {limits.external_id_length_max} characters (external_id_length_max).",
            path=(ANONYMOUS,),
        )
    return raw


class IdentityResolution:
    """Finds the profile that a reference means, and makes it where nobody knows it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self, work: UnitOfWork, named: Sequence[ProfileRef | ProfileInput]) -> None:
        """Fetch what is stored of all of these together, also under names that are nobody's own."""
        ids = [one.id for one in named if isinstance(one.id, str)]
        external_ids = [one.external_id for one in named if isinstance(one.external_id, str)]
        emails = [one.email.lower() for one in named if isinstance(one.email, str) and one.email.isascii()]
        work.load(ids=ids, external_ids=external_ids, emails=emails)
        work.load_aliases("id", [one for one in ids if work.by_id(one) is None])
        work.load_aliases("external_id", [one for one in external_ids if work.by_external_id(one) is None])
        work.load_aliases("email", [one for one in emails if not work.by_email(one)])
        work.load_aliases(ANONYMOUS, [one.anonymous_id for one in named if isinstance(one.anonymous_id, str)])

    def find(self, work: UnitOfWork, ref: ProfileRef) -> Draft | None:
        """The profile that is meant, as it is; None where nobody knows it. Raises InvalidInput, NotFound."""
        wanted = read_identifiers(ProfileInput(ref.id, ref.external_id, ref.email), self._settings)
        anonymous = read_anonymous_id(ref.anonymous_id, self._settings)
        found = None
        if isinstance(wanted.id, str):
            found = find_id(work, wanted.id)
        elif isinstance(wanted.external_id, str):
            found = find_external_id(work, wanted.external_id)
        elif isinstance(wanted.email, str):
            found = next(iter(work.by_email(wanted.email)), None) or work.by_alias("email", wanted.email)
        elif isinstance(anonymous, str):
            found = work.by_alias(ANONYMOUS, anonymous)
        return found

    def find_or_make(self, work: UnitOfWork, ref: ProfileRef) -> Draft:
        """The profile that is meant. The last thing that can fail before it changes anything is the making of a new one.

        Raises InvalidInput, NotFound (an id nobody has), IdentityConflict, Suppressed.
        """
        wanted = read_identifiers(ProfileInput(ref.id, ref.external_id, ref.email), self._settings)
        anonymous = read_anonymous_id(ref.anonymous_id, self._settings)
        if wanted == Identifiers(UNSET, UNSET, UNSET) and isinstance(anonymous, Unset):
            raise missing(
                "profile", "whose this is", path=(), hint="Give one of id, external_id, email and anonymous_id."
            )
        found = self._named(work, wanted)
        if found is None and isinstance(anonymous, str):
            found = work.by_alias(ANONYMOUS, anonymous)
            if found is not None and (isinstance(wanted.external_id, str) or isinstance(wanted.email, str)):
                found = self._claimed(work, found, wanted)
        if found is None:
            return self.make(work, wanted, anonymous)
        self.link(work, found, anonymous)
        return found

    def _named(self, work: UnitOfWork, wanted: Identifiers) -> Draft | None:
        if isinstance(wanted.id, str):
            found = find_id(work, wanted.id)
            if found is None:
                raise NotFound(f"There is no profile {wanted.id}.", path=("id",))
            return found
        found = find_external_id(work, wanted.external_id) if isinstance(wanted.external_id, str) else None
        if found is None and isinstance(wanted.email, str):
            of_email = work.by_email(wanted.email)
            found = of_email[0] if of_email else work.by_alias("email", wanted.email)
            if found is not None and isinstance(wanted.external_id, str):
                if found.external_id is not None:
                    return None  # somebody else who shares the address
                work.identify(found, wanted.external_id, found.email, email_is_unique=found.email_is_unique)
                found.touch(work.now)
        return found

    def _claimed(self, work: UnitOfWork, found: Draft, wanted: Identifiers) -> Draft | None:
        """A profile known by an anonymous id only now says who it is; one that has said so already is somebody else."""
        if found.external_id is not None or found.email is not None:
            return None
        external_id, email, email_is_unique = settle(work, found, wanted, "external_id")
        work.identify(found, external_id, email, email_is_unique=email_is_unique)
        found.touch(work.now)
        return found

    def make(self, work: UnitOfWork, wanted: Identifiers, anonymous: str | Unset) -> Draft:
        """A new profile with these identifiers."""
        refuse_suppressed(work, wanted, anonymous)
        external_id, email, email_is_unique = None, None, False
        if isinstance(wanted.external_id, str) or isinstance(wanted.email, str):
            external_id, email, email_is_unique = settle(work, None, wanted, "external_id")
        draft = work.create()
        work.identify(draft, external_id, email, email_is_unique=email_is_unique)
        self.link(work, draft, anonymous)
        return draft

    def link(self, work: UnitOfWork, draft: Draft, anonymous: str | Unset) -> None:
        """The anonymous id means this profile from now on. One that is known by it alone is merged into it."""
        if isinstance(anonymous, Unset):
            return
        other = work.by_alias(ANONYMOUS, anonymous)
        if other is draft:
            return
        if other is not None and other.external_id is None and other.email is None:
            merge(work, draft, other)
        work.put_alias(ANONYMOUS, anonymous, draft)


def find_id(work: UnitOfWork, profile_id: str) -> Draft | None:
    """By its own id, or by that of a profile that was merged into it."""
    return work.by_id(profile_id) or work.by_alias("id", profile_id)


def find_external_id(work: UnitOfWork, external_id: str) -> Draft | None:
    """The same, by external id."""
    return work.by_external_id(external_id) or work.by_alias("external_id", external_id)


# --- erasing ----------------------------------------------------------------------------------------------------------


def mark_of(kind: str, value: str) -> bytes:
    """What is kept of an erased name: enough to know it again, and not to read it."""
    return sha256(f"coterie erased\0{kind}\0{value}".encode()).digest()


def refuse_suppressed(work: UnitOfWork, wanted: Identifiers, anonymous: str | Unset) -> None:
    """Raises Suppressed where any of these names was erased."""
    if not work.has_suppressions:
        return
    named = zip(("id", "external_id", "email", ANONYMOUS), (*wanted, anonymous), strict=True)
    marks = {mark_of(kind, value): kind for kind, value in named if isinstance(value, str)}
    for mark in work.tx.suppressed(list(marks)):
        raise Suppressed(
            "This is about somebody who was erased; it is not stored.",
            path=(marks[mark],),
            hint="Erasing is for good: whoever comes back has to come with another identifier.",
        )
