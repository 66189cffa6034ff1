"""A contact's body to the input of a profile. Pure; every problem of the body is reported with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from coterie.errors import CoterieError
from coterie.http.problem_collector import ProblemCollector
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.grammar import Known
from coterie.http.sendkit.values import as_uuid, read_property
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import UNSET, ProfileInput, Property, Unset

FIELDS: Final = ("email", "first_name", "last_name", "user_id", "unsubscribed", "list_ids", "properties")
LENGTH_MAX: Final = 255

_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def read_contact(raw: object, known: Known, *, email_required: bool) -> ProfileInput:
    """What is absent is left UNSET, null removes. Raises InvalidInput with every problem."""
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), FIELDS) or {}
    email = _email(body, problems, required=email_required)
    user_id = problems.text(body, "user_id", longest=LENGTH_MAX, nullable=True)
    if isinstance(user_id, str) and (not user_id or _CONTROL.search(user_id)):
        problems.add(
            "The user_id field must not be empty or hold control characters; send null to remove it.", ("user_id",)
        )
    properties: dict[str, object] = {}
    for name in ("first_name", "last_name"):
        text = problems.text(body, name, longest=LENGTH_MAX, nullable=True)
        if not isinstance(text, Unset):
            properties[name] = text
    if "unsubscribed" in body:
        if isinstance(body["unsubscribed"], bool):
            properties["unsubscribed"] = body["unsubscribed"]
        else:
            problems.add("The unsubscribed field must be true or false.", ("unsubscribed",))
    properties |= _properties(body, known, problems)
    lists = read_list_ids(body, known, problems) if "list_ids" in body else UNSET
    problems.raise_if_any()
    return ProfileInput(external_id=user_id, email=email, properties=properties, lists=lists)


def _email(body: Mapping[str, object], problems: ProblemCollector, *, required: bool) -> str | Unset:
    email = problems.text(body, "email", longest=LENGTH_MAX, required=required)
    if not isinstance(email, str):
        return UNSET
    if not _EMAIL.fullmatch(email):
        problems.add("The email field must be a valid email address.", ("email",))
    return email.lower()


def read_list_ids(body: Mapping[str, object], known: Known, problems: ProblemCollector, *, least: int = 0) -> list[str]:
    """The `list_ids` of a body, each of a list that exists."""
    raw = body.get("list_ids")
    if "list_ids" not in body:
        problems.add("The list_ids field is required.", ("list_ids",))
        return []
    if not isinstance(raw, list):
        problems.add("The list_ids field must be an array.", ("list_ids",))
        return []
    if len(raw) < least:
        problems.add(f"The list_ids field must have at least {least} item.", ("list_ids",))
    ids: list[str] = []
    for index, one in enumerate(raw):
        list_id = as_uuid(one)
        if list_id is None or not known.is_list(list_id):
            what = "must be a UUID" if list_id is None else "names no list"
            problems.add(f"The list_ids.{index} field {what}.", ("list_ids", index))
        else:
            ids.append(list_id)
    return list(dict.fromkeys(ids))


def _properties(body: Mapping[str, object], known: Known, problems: ProblemCollector) -> dict[str, object]:
    if "properties" not in body:
        return {}
    raw = body["properties"]
    if raw == [] and isinstance(raw, list):  # PHP's empty object
        return {}
    if not isinstance(raw, dict):
        problems.add("The properties field must be an object.", ("properties",))
        return {}
    values: dict[str, object] = {}
    for key, value in raw.items():
        path = ("properties", key)
        item = known.property_by_key(key)
        if item is None:
            problems.add(
                f"The {dotted(path)} field names no property.", path, "Properties are made with POST /properties."
            )
        elif item.name in values:
            problems.add(f"The {dotted(path)} field names the same property as another key.", path)
        else:
            values[item.name] = _value(value, item, key, known, problems)
    return values


def _value(value: object, item: Property, key: str, known: Known, problems: ProblemCollector) -> object:
    path = ("properties", key)
    assert item.type is not None, "only declared properties are visible"
    try:
        return read_property(value, item.type, path, known.zone)
    except CoterieError as error:
        problems.add_error(error, path)
        return None
