"""Checks of names and identifiers: which text can be stored, and how long it may be.

The reader of rules, the writes, the store and the dialects all check names, ids and emails here. A
limit is given with the name of its setting.
"""

from __future__ import annotations

import re

from coterie.errors import InvalidInput, Path, over_limit

HALF_A_PAIR = "has half a surrogate pair in it"

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID in its usual form. Its canonical form is in lower case."""

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can encode `text`: it cannot where there is half a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unfit_text(text: str) -> str | None:
    """Why `text` cannot be stored, as the end of a sentence; None where it can."""
    if "\x00" in text:
        return "has the character U+0000 in it"
    return None if text.isascii() or is_encodable(text) else HALF_A_PAIR


def check_encodable(text: str, what: str, path: Path) -> None:
    """Raises InvalidInput."""
    if not is_encodable(text):
        raise InvalidInput(f"{what} {HALF_A_PAIR}.", path=path, hint="Send valid Unicode.")


def check_length(text: str, limit: int, what: str, path: Path, setting: str | None = None) -> None:
    """Raises LimitExceeded."""
    if len(text) > limit:
        raise over_limit(what, len(text), "characters", limit, setting, path=path)


def check_text(
    raw: object,
    limit: int,
    what: str,
    path: Path,
    setting: str | None = None,
    *,
    error: type[InvalidInput] = InvalidInput,
) -> str:
    """A text that is storable, not empty and not too long. Raises `error`, LimitExceeded."""
    if not isinstance(raw, str) or not raw:
        raise error(f"{what} is a text that is not empty.", path=path)
    if (why := unfit_text(raw)) is not None:
        raise error(f"{what} {why}.", path=path)
    check_length(raw, limit, what, path, setting)
    return raw


def field_not_property(name: object) -> str:
    """The sentence for a property that is called like a field of every profile."""
    return f"{name} is a field of every profile, not a property."


def check_property_name(raw: object, limit: int, path: Path, *, error: type[InvalidInput] = InvalidInput) -> str:
    """The name of a profile's or an activity's property. Raises `error`, LimitExceeded."""
    return check_text(raw, limit, "The name of a property", path, "property_name_length_max", error=error)


def check_event_name(raw: object, limit: int, path: Path) -> str:
    """The name of an event. Raises InvalidInput, LimitExceeded."""
    return check_text(raw, limit, "The name of an event", path, "property_name_length_max")


def check_segment_name(raw: str, limit: int, path: Path) -> str:
    """The name of a segment, which must not be blank. Raises InvalidInput, LimitExceeded."""
    return check_text(raw if raw.strip() else "", limit, "The name of a segment", path, "segment_name_length_max")


def is_email(text: str) -> bool:
    """Whether it has the form of an email address: one @, and no spaces or control characters."""
    return _EMAIL.fullmatch(text) is not None and is_encodable(text)


def has_control_characters(text: str) -> bool:
    return _CONTROL.search(text) is not None


def canonical_uuid(value: object) -> str | None:
    """A UUID in lower case; None for anything else."""
    return value.lower() if isinstance(value, str) and UUID.fullmatch(value) else None
