"""Which profile does an upsert mean, and which identifiers will it have? (design: Identity)

By external id: the profile that has it; failing that, the one profile with the same email and no
external id, which is claimed; else a new profile. By email: the profile with that email.
Identifiers that belong to different profiles raise IdentityConflict before anything changes.

An email is unique among the profiles that were created or claimed by it (`email_is_unique`); a
profile created by external id may share its email with others.
"""

from __future__ import annotations

from typing import NamedTuple

from coterie.errors import IdentityConflict, InvalidInput, InvalidValue, not_found
from coterie.live.writes.draft import UNIDENTIFIED, Draft, Identity
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import UNSET, ProfileInput, Unset
from coterie.rules.names import check_length, has_control_characters, is_email, is_encodable
from coterie.rules.values import fold
from coterie.settings import Settings


class Identifiers(NamedTuple):
    """The identifiers of one input, coerced: the email is lower-cased, the others are as sent."""

    id: str | Unset
    external_id: str | None | Unset
    email: str | None | Unset

    @property
    def has_name(self) -> bool:
        """Whether an external id or an email was sent."""
        return isinstance(self.external_id, str) or isinstance(self.email, str)


def coerce_identifiers(sent: ProfileInput, limits: Settings) -> Identifiers:
    """Raises InvalidValue, LimitExceeded."""
    if not isinstance(sent.id, str | Unset):
        raise InvalidValue("id is a text.", path=("id",))
    return Identifiers(sent.id, _external_id(sent.external_id, limits), _email(sent.email, limits))


def _external_id(raw: object, limits: Settings) -> str | None | Unset:
    if type(raw) is str and 0 < len(raw) <= limits.external_id_length_max and raw.isascii() and raw.isprintable():
        return raw
    if raw is None or isinstance(raw, Unset):
        return raw
    if not isinstance(raw, str):
        raise InvalidValue("external_id is a text.", path=("external_id",), hint='Put it in quotes: "42".')
    if not raw or has_control_characters(raw) or not is_encodable(raw):
        raise InvalidValue("external_id is empty or has control characters.", path=("external_id",))
    check_length(raw, limits.external_id_length_max, "external_id", ("external_id",), "external_id_length_max")
    return raw


def _email(raw: object, limits: Settings) -> str | None | Unset:
    if raw is None or isinstance(raw, Unset):
        return raw
    if not isinstance(raw, str) or not is_email(raw):
        raise InvalidValue("This is not an email address.", path=("email",), hint="It has one @ and no spaces.")
    check_length(raw, limits.email_length_max, "The email", ("email",), "email_length_max")
    return fold(raw)


def find_profile(work: UnitOfWork, sent: Identifiers, match: str) -> tuple[Draft | None, bool]:
    """The profile that the identifiers mean, None for a new one; and whether they claim it.

    Raises NotFound, IdentityConflict, InvalidInput.
    """
    if isinstance(sent.id, str):
        return _by_id(work, sent.id), False
    if match == "email" or not isinstance(sent.external_id, str):
        if not isinstance(sent.email, str):
            raise InvalidInput(
                "A profile needs an external_id or an email.",
                hint="Send at least one of them, or the id of a known profile.",
            )
        return _by_email(work, sent.email), False
    draft = work.by_external_id(sent.external_id)
    if draft is not None or not isinstance(sent.email, str):
        return draft, False
    unclaimed = [profile for profile in work.by_email(sent.email) if profile.external_id is None]
    return (unclaimed[0], True) if len(unclaimed) == 1 else (None, False)


def _by_id(work: UnitOfWork, profile_id: str) -> Draft:
    draft = work.by_id(profile_id)
    if draft is None:
        raise not_found("profile", profile_id, path=("id",))
    return draft


def _by_email(work: UnitOfWork, email: str) -> Draft | None:
    drafts = work.by_email(email)
    if len(drafts) > 1 and not drafts[0].email_is_unique:
        raise IdentityConflict(
            "Several profiles have this email.", path=("email",), hint="Name one by its external_id or id."
        )
    return drafts[0] if drafts else None


def has_identifiers(draft: Draft, sent: Identifiers) -> bool:
    """Whether the profile has all these identifiers already, so that its identity stays."""
    if sent.external_id is not UNSET and sent.external_id != draft.external_id:
        return False
    return sent.email is UNSET or (
        sent.email == draft.email and (draft.email_is_unique or sent.external_id is not UNSET)
    )


def resolve_identity(work: UnitOfWork, draft: Draft | None, sent: Identifiers, match: str) -> Identity:
    """The identity that the profile will have; `draft` is None for a new profile.

    Raises IdentityConflict, InvalidInput.
    """
    external_id, email, is_unique = UNIDENTIFIED if draft is None else draft.identity
    if not isinstance(sent.external_id, Unset):
        external_id = sent.external_id
    if not isinstance(sent.email, Unset):
        email = sent.email
    by_email = not isinstance(sent.id, str) and (match == "email" or not isinstance(sent.external_id, str))
    is_unique = email is not None and (is_unique or by_email or external_id is None)
    if external_id is None and email is None:
        raise InvalidInput("A profile keeps at least one of external_id and email.")
    identity = Identity(external_id, email, is_unique)
    _refuse_taken(work, draft, identity)
    return identity


def _refuse_taken(work: UnitOfWork, draft: Draft | None, identity: Identity) -> None:
    external_id, email, is_unique = identity
    if external_id is not None and (draft is None or draft.external_id != external_id):
        holder = work.by_external_id(external_id)
        if holder is not None and holder is not draft:
            raise _taken("external_id", holder)
    if email is not None and is_unique and (draft is None or draft.email != email or not draft.email_is_unique):
        for holder in work.by_email(email):
            if holder.email_is_unique and holder is not draft:
                raise _taken("email", holder)


def _taken(name: str, holder: Draft) -> IdentityConflict:
    return IdentityConflict(
        f"This {name} belongs to another profile.", path=(name,), hint=f"It is profile {holder.id}."
    )
