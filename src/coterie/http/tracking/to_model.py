"""Translates a tracking call to facts of the model, or refuses it with a path. Pure.

    identify    a profile: traits are properties, `email` is its email
    track       an event
    page screen an event called `page` or `screen`
    group       an event called `group` with `group_id` and `group.<trait>`, set on the profile too
    alias       a merge of two profiles

To add a call, write its function here and its line in `CALLS`. `docs/guides/tracking.md` explains
the choices.
"""

from __future__ import annotations

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
from coterie.rules.names import is_email
from coterie.rules.values import Instant

Message: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What the messages of one request share."""

    received_at: Instant
    email_length_max: int
    sent_at: Instant | None = None
    context: Mapping[str, object] = field(default_factory=dict)


_PROFILE_NAMES: Final = frozenset({*PROFILE_FIELDS, "id"})


def to_facts(kind: str, message: Message, context: RequestContext) -> tuple[Fact, ...]:
    """The facts of one call of this kind, in their order. Raises InvalidInput.

    Facts that follow an event are not stored where the event is a duplicate.
    """
    call = CALLS.get(kind)
    if call is None:
        raise InvalidInput(
            f"There is no call of the type {kind[:40]!r}.", path=("type",), hint=f"There are: {', '.join(CALLS)}."
        )
    return call(message, context)


def _identify(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    profile = _profile_ref(message)
    traits = {**_mapping(_context(message, context), "traits", ("context",)), **_mapping(message, "traits")}
    flat = flatten(traits, ("traits",))
    with_trait = _profile(profile, UNSET, flat)
    email = flat.get("email", UNSET)
    if isinstance(email, Unset) or not _is_email(email, context.email_length_max):
        return (with_trait,)
    del flat["email"]
    return (FirstAccepted(_profile(profile, email, flat), otherwise=with_trait),)


def _profile(profile: ProfileRef, email: str | None | Unset, traits: Mapping[str, object]) -> ProfileInput:
    """The profile with its traits as properties.

    A trait named like a field of every profile becomes `traits.created_at` and so on.
    """
    properties = {f"traits.{name}" if name in _PROFILE_NAMES else name: value for name, value in traits.items()}
    return ProfileInput(
        external_id=profile.external_id, email=email, properties=properties, anonymous_id=profile.anonymous_id
    )


def _is_email(value: object, length_max: int) -> TypeGuard[str | None]:
    """Whether a profile can have it as its email. Null removes the email."""
    return value is None or (isinstance(value, str) and len(value) <= length_max and is_email(value))


def _track(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    name = message.get("event")
    if not isinstance(name, str) or not name:
        raise InvalidInput("A track call needs the name of its event.", path=("event",))
    return (_event(name, message, context, flatten(_mapping(message, "properties"), ("properties",))),)


def _page(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    return (_event("page", message, context, _view_properties(message)),)


def _screen(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    return (_event("screen", message, context, _view_properties(message)),)


def _view_properties(message: Message) -> dict[str, object]:
    """The properties of a page or screen. `name` and `category` stand beside them or among them."""
    properties = flatten(_mapping(message, "properties"), ("properties",))
    return properties | {key: message[key] for key in ("name", "category") if message.get(key) is not None}


def _group(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    group_id = _identifier(message, "groupId")
    if isinstance(group_id, Unset):
        raise InvalidInput("A group call needs a groupId.", path=("groupId",))
    profile = _profile_ref(message)
    traits = flatten(_mapping(message, "traits"), ("traits",), prefix="group.")
    properties = {"group_id": group_id, **traits}
    return _event("group", message, context, properties), _profile(profile, UNSET, properties)


def _alias(message: Message, context: RequestContext) -> tuple[Fact, ...]:
    previous_id, user_id = _identifier(message, "previousId"), _identifier(message, "userId")
    for key, value in (("previousId", previous_id), ("userId", user_id)):
        if isinstance(value, Unset):
            raise InvalidInput(f"An alias call needs a {key}.", path=(key,))
    if previous_id == user_id:
        return ()
    return (
        MergeProfiles(ProfileRef(external_id=user_id), ProfileRef(external_id=previous_id, anonymous_id=previous_id)),
    )


CALLS: Final[Mapping[str, Callable[[Message, RequestContext], tuple[Fact, ...]]]] = MappingProxyType(
    {"identify": _identify, "track": _track, "page": _page, "screen": _screen, "group": _group, "alias": _alias}
)


# --- parts of a call ----------------------------------------------------------------------------


def _event(name: str, message: Message, context: RequestContext, properties: Mapping[str, object]) -> EventInput:
    """Null properties are left out: an event has no earlier value for them to remove."""
    own_context = flatten(_context(message, context), ("context",), prefix="context.")
    message_id = _identifier(message, "messageId")
    return EventInput(
        name,
        _profile_ref(message),
        at=occurred_at(message, context.received_at, context.sent_at),
        message_id=None if isinstance(message_id, Unset) else message_id,
        properties={key: value for key, value in {**own_context, **properties}.items() if value is not None},
    )


def _context(message: Message, context: RequestContext) -> Mapping[str, object]:
    """The request's context under the message's own, whose keys win."""
    return {**context.context, **_mapping(message, "context")}


def _profile_ref(message: Message) -> ProfileRef:
    user_id, anonymous_id = _identifier(message, "userId"), _identifier(message, "anonymousId")
    if isinstance(user_id, Unset) and isinstance(anonymous_id, Unset):
        raise InvalidInput("A call needs a userId or an anonymousId.", path=("userId",))
    return ProfileRef(external_id=user_id, anonymous_id=anonymous_id)


def _identifier(message: Message, key: str) -> str | Unset:
    """An identifier: a text, or a number taken as text. Null and the empty text are absent."""
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
    """The object under `key`; empty where it is absent, null, or `[]`, as PHP writes it."""
    raw = message.get(key)
    if raw is None or raw == []:
        return {}
    if not isinstance(raw, dict):
        raise InvalidInput(f"{key} must be an object.", path=(*path, key))
    return raw
