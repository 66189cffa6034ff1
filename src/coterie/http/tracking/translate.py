"""A tracking call to facts of ours. Pure: what it makes are inputs of the model, and what it cannot read it refuses with a path.

    identify    a profile: traits are properties, `email` is its email
    track       an event
    page screen an event called `page` or `screen`
    group       an event called `group` with `group_id` and `group.<trait>`, and the same on the profile
    alias       two names, one person

To add a call: a function here and its line in `CALLS`. The choices are explained in `docs/guides/tracking.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Final, TypeAlias, TypeGuard

from coterie.errors import InvalidInput, Path
from coterie.http.tracking.flatten import flatten
from coterie.http.tracking.times import occurred_at
from coterie.model import (
    PROFILE_FIELDS,
    UNSET,
    EventInput,
    Fact,
    FirstAccepted,
    MergeProfiles,
    ProfileInput,
    ProfileRef,
    Unset,
)
from coterie.rules.coerce import shortest_decimal
from coterie.rules.values import Instant

Message: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """What the messages of one request share."""

    received_at: Instant
    sent_at: Instant | None = None
    context: Mapping[str, object] = field(default_factory=dict)


EMAIL_LENGTH_MAX: Final = 255
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_OURS: Final = frozenset({*PROFILE_FIELDS, "id"})


def read(kind: str, message: Message, request: Request) -> tuple[Fact, ...]:
    """The facts of one call of this kind, in their order: those after an event are not put where that is known already. Raises InvalidInput."""
    call = CALLS.get(kind)
    if call is None:
        raise InvalidInput(
            f"There is no call of the type {kind[:40]!r}.", path=("type",), hint=f"There are: {', '.join(CALLS)}."
        )
    return call(message, request)


def _identify(message: Message, request: Request) -> tuple[Fact, ...]:
    who = _who(message)
    traits = {**_mapping(_context(message, request), "traits", ("context",)), **_mapping(message, "traits")}
    flat = flatten(traits, ("traits",))
    plain = _named(who, UNSET, flat)
    email = flat.get("email", UNSET)
    if isinstance(email, Unset) or not _is_email(email):
        return (plain,)
    del flat["email"]
    return (FirstAccepted(_named(who, email, flat), otherwise=plain),)


def _named(who: ProfileRef, email: str | None | Unset, traits: Mapping[str, object]) -> ProfileInput:
    """Traits by the names of a profile's own fields are properties too: `traits.created_at` and so on."""
    properties = {f"traits.{name}" if name in _OURS else name: value for name, value in traits.items()}
    return ProfileInput(external_id=who.external_id, email=email, properties=properties, anonymous_id=who.anonymous_id)


def _is_email(value: object) -> TypeGuard[str | None]:
    """Whether it can be a profile's own email: null, which removes that, included."""
    return value is None or (
        isinstance(value, str) and len(value) <= EMAIL_LENGTH_MAX and bool(_EMAIL.fullmatch(value))
    )


def _track(message: Message, request: Request) -> tuple[Fact, ...]:
    name = message.get("event")
    if not isinstance(name, str) or not name:
        raise InvalidInput("A track call needs the name of its event.", path=("event",))
    return (_event(name, message, request, flatten(_mapping(message, "properties"), ("properties",))),)


def _page(message: Message, request: Request) -> tuple[Fact, ...]:
    return (_event("page", message, request, _seen(message)),)


def _screen(message: Message, request: Request) -> tuple[Fact, ...]:
    return (_event("screen", message, request, _seen(message)),)


def _seen(message: Message) -> dict[str, object]:
    """What was looked at. `name` and `category` stand beside the properties, or among them."""
    properties = flatten(_mapping(message, "properties"), ("properties",))
    return properties | {key: message[key] for key in ("name", "category") if message.get(key) is not None}


def _group(message: Message, request: Request) -> tuple[Fact, ...]:
    group_id = _identifier(message, "groupId")
    if isinstance(group_id, Unset):
        raise InvalidInput("A group call needs a groupId.", path=("groupId",))
    who = _who(message)
    traits = flatten(_mapping(message, "traits"), ("traits",), prefix="group.")
    properties = {"group_id": group_id, **traits}
    return _event("group", message, request, properties), _named(who, UNSET, properties)


def _alias(message: Message, request: Request) -> tuple[Fact, ...]:
    previous_id, user_id = _identifier(message, "previousId"), _identifier(message, "userId")
    for key, value in (("previousId", previous_id), ("userId", user_id)):
        if isinstance(value, Unset):
            raise InvalidInput(f"An alias call needs a {key}.", path=(key,))
    if previous_id == user_id:
        return ()
    return (
        MergeProfiles(ProfileRef(external_id=user_id), ProfileRef(external_id=previous_id, anonymous_id=previous_id)),
    )


CALLS: Final[Mapping[str, Callable[[Message, Request], tuple[Fact, ...]]]] = MappingProxyType(
    {"identify": _identify, "track": _track, "page": _page, "screen": _screen, "group": _group, "alias": _alias}
)


# --- parts of a call --------------------------------------------------------------------------------------------------


def _event(name: str, message: Message, request: Request, properties: Mapping[str, object]) -> EventInput:
    """Properties that are null are left out: an event has no older value for them to remove."""
    context = flatten(_context(message, request), ("context",), prefix="context.")
    message_id = _identifier(message, "messageId")
    return EventInput(
        name,
        _who(message),
        at=occurred_at(message, request.received_at, request.sent_at),
        message_id=None if isinstance(message_id, Unset) else message_id,
        properties={key: value for key, value in {**context, **properties}.items() if value is not None},
    )


def _context(message: Message, request: Request) -> Mapping[str, object]:
    """The request's context and the message's own, whose keys go before it."""
    return {**request.context, **_mapping(message, "context")}


def _who(message: Message) -> ProfileRef:
    user_id, anonymous_id = _identifier(message, "userId"), _identifier(message, "anonymousId")
    if isinstance(user_id, Unset) and isinstance(anonymous_id, Unset):
        raise InvalidInput("A call needs a userId or an anonymousId.", path=("userId",))
    return ProfileRef(external_id=user_id, anonymous_id=anonymous_id)


def _identifier(message: Message, key: str) -> str | Unset:
    """A name of something: text, or a number, which is taken as text. Null and the empty text are none."""
    raw = message.get(key)
    match raw:
        case None | "":
            return UNSET
        case str():
            return raw
        case bool():
            pass
        case int():
            return str(raw)
        case float() if isfinite(raw):
            return shortest_decimal(raw)
    raise InvalidInput(f"{key} must be a text.", path=(key,))


def _mapping(message: Message, key: str, path: Path = ()) -> Mapping[str, object]:
    """The object under `key`; absent and null are empty, and so is `[]`, as PHP writes it."""
    raw = message.get(key)
    if raw is None or raw == []:
        return {}
    if not isinstance(raw, dict):
        raise InvalidInput(f"{key} must be an object.", path=(*path, key))
    return raw
