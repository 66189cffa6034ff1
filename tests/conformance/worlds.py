"""A case's world: its moment, its profiles with their activity, its segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coterie.rules.activity import ActivityRow
from coterie.rules.coerce import read_declared, read_value
from coterie.rules.limits import RuleLimits
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.values import Instant, Kind, Value, kind_of
from tests.conformance.cases import Case

LIMITS = RuleLimits()

OWN_TIMES = ("created_at", "updated_at")
OWN_TEXTS = ("email", "external_id")


@dataclass(frozen=True)
class Profile:
    """A profile of a case. `changed` has every property in it, `events` are by name."""

    values: Mapping[str, Value]
    changed: Mapping[str, Instant] = field(default_factory=dict)
    events: Mapping[str, Sequence[ActivityRow]] = field(default_factory=dict)
    conversations: Sequence[ActivityRow] = ()
    number: int = 0


Profiles = Mapping[str, Profile]
Segments = Mapping[str, Rule | frozenset[str]]
"""By id: the rule of a dynamic segment, the labels on the list of a static one."""


def instant(text: str) -> Instant:
    return Instant.of(datetime.fromisoformat(text))


@dataclass(frozen=True)
class World:
    moment: Moment
    profiles: Profiles
    segments: Segments
    declared: Mapping[str, Kind]

    # What `rules.check` asks of a workspace:

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        return _kinds(name, [profile.values for profile in self.profiles.values()])

    def has_event(self, name: str) -> bool:
        return any(name in profile.events for profile in self.profiles.values())

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        return _kinds(
            property, [event.values for profile in self.profiles.values() for event in profile.events.get(name, ())]
        )

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        return _kinds(
            property,
            [conversation.values for profile in self.profiles.values() for conversation in profile.conversations],
        )

    def has_segment(self, segment_id: str) -> bool:
        return segment_id in self.segments

    def rule_of(self, segment_id: str) -> Rule | None:
        segment = self.segments[segment_id]
        return None if isinstance(segment, frozenset) else segment


def _kinds(name: str, documents: Sequence[Mapping[str, Value]]) -> frozenset[Kind] | None:
    return frozenset(kind_of(values[name]) for values in documents if name in values) or None


class Catalogue:
    """The world as `rules.check` sees it."""

    def __init__(self, world: World) -> None:
        self.kinds_of = world.kinds_of
        self.has_event = world.has_event
        self.event_kinds = world.event_kinds
        self.conversation_kinds = world.conversation_kinds
        self.has_segment = world.has_segment
        self._declared = world.declared

    def declared(self, name: str) -> Kind | None:
        return self._declared.get(name)


def world_of(case: Case) -> World:
    zone = ZoneInfo(case.zone)
    declared = {name: Kind(kind) for name, kind in case.declared.items()}
    return World(
        moment=Moment(instant(case.now), zone),
        profiles={
            label: _profile(case, label, place, declared, zone) for place, label in enumerate(case.profile_labels())
        },
        segments={segment_id: _segment(written) for segment_id, written in case.segments.items()},
        declared=declared,
    )


def on_input(sent: Mapping[str, Any], declared: Mapping[str, Kind], zone: ZoneInfo) -> dict[str, Value]:
    """The values as stored. A null removes the property."""
    return {
        name: read_declared(raw, declared[name], zone, (name,)) if name in declared else read_value(raw, (name,), zone)
        for name, raw in sent.items()
        if raw is not None
    }


def _profile(case: Case, label: str, place: int, declared: Mapping[str, Kind], zone: ZoneInfo) -> Profile:
    sent = case.profiles.get(label, {})
    changes = {name: instant(at) for name, at in case.changed.get(label, {}).items()}
    times = {name: instant(sent[name]) for name in OWN_TIMES if name in sent}
    instants = [*times.values(), *changes.values()] or [instant(case.now)]
    own: dict[str, Value] = {"created_at": min(instants), "updated_at": max(instants), **times}
    if not changes:  # of the two, one that is not given is the same as the other
        own = {**dict.fromkeys(OWN_TIMES, min(instants)), **times}
    own |= {name: str(sent[name]) for name in OWN_TEXTS if name in sent}
    assert own.get("email") == str(own.get("email")).lower() or "email" not in own, "emails are kept in lower case"
    properties = {name: raw for name, raw in sent.items() if name not in (*OWN_TIMES, *OWN_TEXTS)}
    values = {**on_input(properties, declared, zone), **own}
    assert changes.keys() <= values.keys() - set(OWN_TIMES), f"{case}: a change of what {label} does not have"
    made = own["created_at"]
    assert isinstance(made, Instant)
    return Profile(
        values=values,
        changed={**dict.fromkeys(values, made), "updated_at": own["updated_at"], **changes},  # type: ignore[dict-item]
        events=_events(case, label, zone),
        conversations=[_conversation(conversation, zone) for conversation in case.conversations.get(label, ())],
        number=case.numbers.get(label, 3 * place + 1),
    )


def _events(case: Case, label: str, zone: ZoneInfo) -> dict[str, list[ActivityRow]]:
    by_name: dict[str, list[ActivityRow]] = {}
    for name, at, *properties in case.events.get(label, ()):
        values = on_input(properties[0] if properties else {}, {}, zone)
        by_name.setdefault(name, []).append(ActivityRow(instant(at), values))
    return by_name


def _conversation(written: Sequence[Any], zone: ZoneInfo) -> ActivityRow:
    """As rules see it: how many messages it has is always known, and when it began."""
    at, *fields = written
    values = on_input(fields[0] if fields else {}, {}, zone)
    return ActivityRow(instant(at), {"message_count": 0.0, "started_at": instant(at), **values})


def _segment(written: Any) -> Rule | frozenset[str]:
    return frozenset(written) if isinstance(written, list) else read_rule(written, LIMITS)
