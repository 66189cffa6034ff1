"""Bodies of contacts and segments to inputs of our own. Pure; every problem of a body is reported with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from coterie.errors import CoterieError
from coterie.http.problem_collector import ProblemCollector
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.from_model import definition_of
from coterie.http.sendkit.from_rule import opaque
from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.operand import as_uuid, read_property
from coterie.http.sendkit.to_rule import Definition, read_definition
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import UNSET, ProfileInput, Property, Segment, Unset

CONTACT_FIELDS: Final = ("email", "first_name", "last_name", "user_id", "unsubscribed", "list_ids", "properties")
SEGMENT_FIELDS: Final = ("name", "match_type", "filters")
LENGTH_MAX: Final = 255

_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def read_contact(raw: object, context: Context, *, email_required: bool) -> ProfileInput:
    """What is absent is left UNSET, null removes. Raises InvalidInput with every problem."""
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), CONTACT_FIELDS) or {}
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
    properties |= _properties(body, context, problems)
    lists = read_list_ids(body, context, problems) if "list_ids" in body else UNSET
    problems.raise_if_any()
    return ProfileInput(external_id=user_id, email=email, properties=properties, lists=lists)


def _email(body: Mapping[str, object], problems: ProblemCollector, *, required: bool) -> str | Unset:
    email = problems.text(body, "email", longest=LENGTH_MAX, required=required)
    if not isinstance(email, str):
        return UNSET
    if not _EMAIL.fullmatch(email):
        problems.add("The email field must be a valid email address.", ("email",))
    return email.lower()


def read_list_ids(
    body: Mapping[str, object], context: Context, problems: ProblemCollector, *, least: int = 0
) -> list[str]:
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
        if list_id is None or not context.is_list(list_id):
            what = "must be a UUID" if list_id is None else "names no list"
            problems.add(f"The list_ids.{index} field {what}.", ("list_ids", index))
        else:
            ids.append(list_id)
    return list(dict.fromkeys(ids))


def _properties(body: Mapping[str, object], context: Context, problems: ProblemCollector) -> dict[str, object]:
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
        item = context.property_by_key(key)
        if item is None:
            problems.add(
                f"The {dotted(path)} field names no property.", path, "Properties are made with POST /properties."
            )
        elif item.name in values:
            problems.add(f"The {dotted(path)} field names the same property as another key.", path)
        else:
            values[item.name] = _value(value, item, key, context, problems)
    return values


def _value(value: object, item: Property, key: str, context: Context, problems: ProblemCollector) -> object:
    path = ("properties", key)
    assert item.type is not None, "only declared properties are visible"
    try:
        return read_property(value, item.type, path, context.zone)
    except CoterieError as error:
        problems.add_error(error, path)
        return None


# --- segments ---------------------------------------------------------------------------------------------------------


def read_segment(raw: object, context: Context) -> tuple[str, Definition]:
    """The body of a new segment. Raises InvalidInput with every problem."""
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), SEGMENT_FIELDS) or {}
    name = problems.text(body, "name", longest=LENGTH_MAX, required=True)
    definition = read_definition(body, context, problems)
    problems.raise_if_any()
    assert isinstance(name, str), "else there were faults"
    assert definition is not None, "else there were faults"
    return name, definition


def read_change(raw: object, segment: Segment, context: Context) -> tuple[str | Unset, Definition | None]:
    """The body of a change: what is absent is as the segment shows it now. No definition when it stays as it is. Raises InvalidInput.

    A segment that this grammar cannot say is shown as the condition that names it. Sent back, that condition means "as it is"; taken at
    its word it would make the segment depend on itself.
    """
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), SEGMENT_FIELDS) or {}
    name: str | Unset = UNSET
    if "name" in body:
        read = problems.text(body, "name", longest=LENGTH_MAX, required=True)
        name = UNSET if read is None else read
    definition: Definition | None = None
    if "match_type" in body or "filters" in body:
        shown = definition_of(segment, context)
        definition = read_definition({**shown, **body}, context, problems)
        if (
            definition is not None
            and definition.document["filters"] == opaque(segment.id)["filters"] == shown["filters"]
        ):
            definition = None
    problems.raise_if_any()
    return name, definition
