"""Which profile does an upsert mean? (design: Identity)

By external id: the profile that has it; failing that, the one profile with the same email and no external id, which is claimed; else a new
one. By email: the profile with that email. What contradicts is an `IdentityConflict`, raised before anything is changed.

An email is unique among the profiles that were made or claimed by it ("email_is_unique"); a profile made by external id may share its email with others.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from coterie.errors import IdentityConflict, InvalidInput, InvalidValue, LimitExceeded, NotFound
from coterie.live.writes.draft import Draft
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import UNSET, ProfileInput, Unset
from coterie.rules.values import fold
from coterie.settings import Settings

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Identifiers(NamedTuple):
    """The identifiers of one input after the door: the email lower-cased, nothing else changed."""

    id: str | Unset
    external_id: str | None | Unset
    email: str | None | Unset


def read_identifiers(sent: ProfileInput, limits: Settings) -> Identifiers:
    """Through the door. Raises InvalidValue."""
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
    if not raw or _CONTROL.search(raw) or not _encodable(raw):
        raise InvalidValue(
            "external_id is empty or has control characters (external_id_length_max).", path=("external_id",)
        )
    if len(raw) > limits.external_id_length_max:
        raise LimitExceeded(
            f"external_id is longer than {limits.external_id_length_max} characters (external_id_length_max).",
            path=("external_id",),
        )
    return raw


def _email(raw: object, limits: Settings) -> str | None | Unset:
    if raw is None or isinstance(raw, Unset):
        return raw
    if not isinstance(raw, str) or not _EMAIL.fullmatch(raw) or not _encodable(raw):
        raise InvalidValue("This is not an email address.", path=("email",), hint="It has one @ and no spaces.")
    if len(raw) > limits.email_length_max:
        raise LimitExceeded(
            f"The email is longer than {limits.email_length_max} characters (email_length_max).", path=("email",)
        )
    return fold(raw)


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def find(work: UnitOfWork, wanted: Identifiers, match: str) -> tuple[Draft | None, bool]:
    """The profile meant, or None for a new one; and whether it is thereby claimed by external id."""
    if isinstance(wanted.id, str):
        return _by_id(work, wanted.id), False
    if match == "email" or not isinstance(wanted.external_id, str):
        if not isinstance(wanted.email, str):
            raise InvalidInput(
                "A profile needs an external_id or an email.",
                hint="Send at least one of them, or the id of a known profile.",
            )
        return _by_email(work, wanted.email), False
    found = work.by_external_id(wanted.external_id)
    if found is not None or not isinstance(wanted.email, str):
        return found, False
    unclaimed = [draft for draft in work.by_email(wanted.email) if draft.external_id is None]
    return (unclaimed[0], True) if len(unclaimed) == 1 else (None, False)


def _by_id(work: UnitOfWork, profile_id: str) -> Draft:
    found = work.by_id(profile_id)
    if found is None:
        raise NotFound(f"There is no profile {profile_id}.", path=("id",))
    return found


def _by_email(work: UnitOfWork, email: str) -> Draft | None:
    found = work.by_email(email)
    if len(found) > 1 and not found[0].email_is_unique:
        raise IdentityConflict(
            "Several profiles have this email.", path=("email",), hint="Say which one by its external_id or id."
        )
    return found[0] if found else None


def says_nothing_new(draft: Draft, wanted: Identifiers) -> bool:
    """Whether the profile has all these identifiers already, so that there is nothing to settle."""
    if wanted.external_id is not UNSET and wanted.external_id != draft.external_id:
        return False
    return wanted.email is UNSET or (
        wanted.email == draft.email and (draft.email_is_unique or wanted.external_id is not UNSET)
    )


def settle(
    work: UnitOfWork, draft: Draft | None, wanted: Identifiers, match: str
) -> tuple[str | None, str | None, bool]:
    """The identifiers the profile will have: external id, email, and whether its email is email_is_unique. Raises IdentityConflict."""
    external_id = draft.external_id if draft else None
    email = draft.email if draft else None
    email_is_unique = draft.email_is_unique if draft else False
    if not isinstance(wanted.external_id, Unset):
        external_id = wanted.external_id
    if not isinstance(wanted.email, Unset):
        email = wanted.email
    by_email = not isinstance(wanted.id, str) and (match == "email" or not isinstance(wanted.external_id, str))
    email_is_unique = email is not None and (email_is_unique or by_email or external_id is None)
    if external_id is None and email is None:
        raise InvalidInput("A profile keeps at least one of external_id and email.")
    _refuse_taken(work, draft, external_id, email, email_is_unique)
    return external_id, email, email_is_unique


def _refuse_taken(
    work: UnitOfWork, draft: Draft | None, external_id: str | None, email: str | None, email_is_unique: bool
) -> None:
    if external_id is not None and (draft is None or draft.external_id != external_id):
        holder = work.by_external_id(external_id)
        if holder is not None and holder is not draft:
            raise IdentityConflict(
                "This external_id belongs to another profile.",
                path=("external_id",),
                hint=f"It is profile {holder.id}.",
            )
    if email is not None and email_is_unique and (draft is None or draft.email != email or not draft.email_is_unique):
        holders = [one for one in work.by_email(email) if one.email_is_unique and one is not draft]
        if holders:
            raise IdentityConflict(
                "This email belongs to another profile.", path=("email",), hint=f"It is profile {holders[0].id}."
            )
