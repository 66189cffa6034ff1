"""Which profile is an event or a conversation of? And which aliases does a profile have?

An alias is a name that a profile has beside its own identifiers: an anonymous id, from before its
person was known, or an identifier of a profile that was merged into it. Aliases resolve to their
profile as long as it exists. Erasing a profile stores hashes of all its identifiers, so that late
data cannot bring it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from coterie.errors import InvalidValue, Suppressed, missing, not_found
from coterie.live.writes.draft import UNIDENTIFIED, Draft, Identity
from coterie.live.writes.identifiers import Identifiers, coerce_identifiers, resolve_identity
from coterie.live.writes.merging import merge
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import UNSET, ProfileInput, ProfileRef, Unset
from coterie.rules.names import check_text
from coterie.settings import Settings

ANONYMOUS_ID = "anonymous_id"


def coerce_anonymous_id(raw: object, limits: Settings) -> str | Unset:
    """Raises InvalidValue, LimitExceeded."""
    if isinstance(raw, Unset):
        return raw
    limit = limits.external_id_length_max
    return check_text(raw, limit, ANONYMOUS_ID, (ANONYMOUS_ID,), "external_id_length_max", error=InvalidValue)


class IdentityResolution:
    """Finds the profile that a reference means, or creates it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self, work: UnitOfWork, refs: Sequence[ProfileRef | ProfileInput]) -> None:
        """Load the profiles that these name, by alias too, in a few queries."""
        ids = [ref.id for ref in refs if isinstance(ref.id, str)]
        external_ids = [ref.external_id for ref in refs if isinstance(ref.external_id, str)]
        emails = [ref.email.lower() for ref in refs if isinstance(ref.email, str) and ref.email.isascii()]
        work.load(ids=ids, external_ids=external_ids, emails=emails)
        work.load_aliases("id", [name for name in ids if work.by_id(name) is None])
        work.load_aliases("external_id", [name for name in external_ids if work.by_external_id(name) is None])
        work.load_aliases("email", [email for email in emails if not work.by_email(email)])
        work.load_aliases(ANONYMOUS_ID, [ref.anonymous_id for ref in refs if isinstance(ref.anonymous_id, str)])

    def find(self, work: UnitOfWork, ref: ProfileRef) -> Draft | None:
        """The profile that the reference means; None where it is unknown.

        Raises InvalidValue, LimitExceeded.
        """
        sent, anonymous_id = self._coerce(ref)
        if isinstance(sent.id, str):
            return find_by_id(work, sent.id)
        if isinstance(sent.external_id, str):
            return find_by_external_id(work, sent.external_id)
        if isinstance(sent.email, str):
            return _find_by_email(work, sent.email)
        if isinstance(anonymous_id, str):
            return work.by_alias(ANONYMOUS_ID, anonymous_id)
        return None

    def find_or_create(self, work: UnitOfWork, ref: ProfileRef) -> Draft:
        """The profile that the reference means, created where it is unknown.

        Raises InvalidInput, NotFound (no profile has the id), IdentityConflict, Suppressed, before
        anything changes.
        """
        sent, anonymous_id = self._coerce(ref)
        if sent == Identifiers(UNSET, UNSET, UNSET) and isinstance(anonymous_id, Unset):
            raise missing(
                "profile", "whose this is", path=(), hint="Give one of id, external_id, email and anonymous_id."
            )
        draft = self._find_or_claim(work, sent)
        if draft is None and isinstance(anonymous_id, str):
            draft = work.by_alias(ANONYMOUS_ID, anonymous_id)
            if draft is not None and sent.has_name:
                draft = self._identify(work, draft, sent)
        if draft is None:
            return self._create(work, sent, anonymous_id)
        self.link(work, draft, anonymous_id)
        return draft

    def _coerce(self, ref: ProfileRef) -> tuple[Identifiers, str | Unset]:
        sent = coerce_identifiers(ProfileInput(ref.id, ref.external_id, ref.email), self._settings)
        return sent, coerce_anonymous_id(ref.anonymous_id, self._settings)

    @staticmethod
    def _find_or_claim(work: UnitOfWork, sent: Identifiers) -> Draft | None:
        """The profile with these identifiers.

        A profile without an external id that is found by its email gets the external id.
        """
        if isinstance(sent.id, str):
            draft = find_by_id(work, sent.id)
            if draft is None:
                raise not_found("profile", sent.id, path=("id",))
            return draft
        draft = find_by_external_id(work, sent.external_id) if isinstance(sent.external_id, str) else None
        if draft is None and isinstance(sent.email, str):
            draft = _find_by_email(work, sent.email)
            if draft is not None and isinstance(sent.external_id, str):
                if draft.external_id is not None:
                    return None  # another profile with the same email
                work.identify(draft, Identity(sent.external_id, draft.email, draft.email_is_unique))
                draft.touch(work.now)
        return draft

    @staticmethod
    def _identify(work: UnitOfWork, draft: Draft, sent: Identifiers) -> Draft | None:
        """Give an anonymous profile these identifiers; None where it is another profile's."""
        if draft.external_id is not None or draft.email is not None:
            return None
        work.identify(draft, resolve_identity(work, draft, sent, "external_id"))
        draft.touch(work.now)
        return draft

    def _create(self, work: UnitOfWork, sent: Identifiers, anonymous_id: str | Unset) -> Draft:
        refuse_suppressed(work, sent, anonymous_id)
        identity = resolve_identity(work, None, sent, "external_id") if sent.has_name else UNIDENTIFIED
        draft = work.create()
        work.identify(draft, identity)
        self.link(work, draft, anonymous_id)
        return draft

    @staticmethod
    def link(work: UnitOfWork, draft: Draft, anonymous_id: str | Unset) -> None:
        """Make the anonymous id an alias of this profile.

        A profile that has no other identifier is merged into this one.
        """
        if isinstance(anonymous_id, Unset):
            return
        other = work.by_alias(ANONYMOUS_ID, anonymous_id)
        if other is draft:
            return
        if other is not None and other.external_id is None and other.email is None:
            merge(work, draft, other)
        work.put_alias(ANONYMOUS_ID, anonymous_id, draft)


def find_by_id(work: UnitOfWork, profile_id: str) -> Draft | None:
    """The profile with this id, or the one into which it was merged."""
    return work.by_id(profile_id) or work.by_alias("id", profile_id)


def find_by_external_id(work: UnitOfWork, external_id: str) -> Draft | None:
    """The profile with this external id, or the one into which it was merged."""
    return work.by_external_id(external_id) or work.by_alias("external_id", external_id)


def _find_by_email(work: UnitOfWork, email: str) -> Draft | None:
    return next(iter(work.by_email(email)), None) or work.by_alias("email", email)


# --- erasing


def suppression_mark(kind: str, value: str) -> bytes:
    """The hash that is stored of an erased identifier: enough to recognise it, not to read it."""
    return sha256(f"coterie erased\0{kind}\0{value}".encode()).digest()


def refuse_suppressed(work: UnitOfWork, sent: Identifiers, anonymous_id: str | Unset) -> None:
    """Raises Suppressed where any of these identifiers was erased."""
    if not work.has_suppressions:
        return
    identifiers = zip(("id", "external_id", "email", ANONYMOUS_ID), (*sent, anonymous_id), strict=True)
    marks = {suppression_mark(kind, value): kind for kind, value in identifiers if isinstance(value, str)}
    for mark in work.tx.suppressed(list(marks)):
        raise Suppressed(
            "This is about an erased profile; it is not stored.",
            path=(marks[mark],),
            hint="Erasing is permanent: a person who comes back needs another identifier.",
        )
