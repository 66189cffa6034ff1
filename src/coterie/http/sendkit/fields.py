"""Validators of single fields, for what Pydantic does not check or only the workspace can answer.

The shapes (`shapes.py`) name them. Lookups use the `Context`, which is Pydantic's `info.context`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import ValidationInfo

from coterie.http.sendkit.grammar import Context, fold_key, key_is_taken
from coterie.http.sendkit.operand import read_property
from coterie.http.sendkit.wording import Problems, php_object, wrong
from coterie.rules.names import canonical_uuid, has_control_characters, is_email, unfit_text

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def storable(text: str) -> str:
    """Valid Unicode without U+0000."""
    if unfit_text(text) is not None:
        raise wrong("holds a character that is not text")
    return text


def not_blank(text: str) -> str:
    if not text.strip():
        raise wrong("is required")
    return text


def email_address(text: str) -> str:
    """The address in lower case."""
    if not is_email(not_blank(text)):
        raise wrong("must be a valid email address")
    return text.lower()


def user_id(text: str) -> str:
    if not text or has_control_characters(text):
        raise wrong("must not be empty or hold control characters; send null to remove it")
    return text


def operator(value: object, _: Any) -> str:
    """Any word. `conditions.py` checks whether it suits the field."""
    if not isinstance(value, str) or not value:
        raise wrong("must be a string")
    return value


def list_id(value: object, _: Any, info: ValidationInfo[Context]) -> str:
    """The id of a list that exists."""
    uuid = canonical_uuid(value)
    if uuid is None:
        raise wrong("must be a UUID")
    if not info.context.is_list(uuid):
        raise wrong("names no list")
    return uuid


def property_values(value: object, info: ValidationInfo[Context]) -> dict[str, object]:
    """The values of a contact's properties by the names of our properties. None removes a value."""
    sent, context = php_object(value), info.context
    if not isinstance(sent, dict):
        raise wrong("must be an object")
    problems = Problems()
    values: dict[str, object] = {}
    for key, raw in sent.items():
        item = context.property_by_key(key)
        if item is None:
            problems.add_predicate("names no property", key, hint="Properties are made with POST /properties.")
        elif item.name in values:
            problems.add_predicate("names the same property as another key", key)
        else:
            values[item.name] = None
            with problems.collect(key):
                values[item.name] = read_property(raw, item.type, context.zone)
    problems.raise_in_validator()
    return values


def check_key(key: str, context: Context, problems: Problems) -> None:
    """Add what is wrong with the key of a property.

    A new property may adopt a name under which other dialects have written values. A renamed one
    may not.
    """
    current = context.changed
    if current is not None and fold_key(key) == fold_key(current.name):
        return
    if not _KEY.fullmatch(key):
        problems.add_predicate("must begin with a letter and hold letters, digits and underscores only", "key")
    if key_is_taken(key):
        problems.add(f"The key {key} is a field of every contact.", ("key",))
        return
    for item in context.properties_by_key(key):
        if item.type is not None:
            hint = f"By the property {item.name}; case does not tell keys apart."
        elif item.name != key or current is not None:
            hint = f"Values were sent as {item.name}."
        else:
            continue
        problems.add("The key has already been taken.", ("key",), hint)
        return
