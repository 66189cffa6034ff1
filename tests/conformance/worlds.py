"""A case's world: its moment, its profiles brought in through the door, its segments read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coterie.rules.door import read_declared, read_value
from coterie.rules.limits import RuleLimits
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.values import Instant, Kind, Value, kind_of
from tests.conformance.cases import Case

LIMITS = RuleLimits()
Profiles = Mapping[str, Mapping[str, Value]]
Segments = Mapping[str, Rule | frozenset[str]]
"""By id: the rule of a dynamic segment, the labels on the list of a static one."""

OWN_TIMES = ("created_at", "updated_at")
OWN_TEXTS = ("email", "external_id")


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
        kinds = frozenset(kind_of(values[name]) for values in self.profiles.values() if name in values)
        return kinds or None

    def has_segment(self, segment_id: str) -> bool:
        return segment_id in self.segments

    def rule_of(self, segment_id: str) -> Rule | None:
        known = self.segments[segment_id]
        return None if isinstance(known, frozenset) else known


class Catalogue:
    """The world as `rules.check` sees it."""

    def __init__(self, world: World) -> None:
        self.kinds_of = world.kinds_of
        self.has_segment = world.has_segment
        self._declared = world.declared

    def declared(self, name: str) -> Kind | None:
        return self._declared.get(name)


def world_of(case: Case) -> World:
    zone = ZoneInfo(case.zone)
    declared = {name: Kind(kind) for name, kind in case.declared.items()}
    now = instant(case.now)
    return World(
        moment=Moment(now, zone),
        profiles={label: _profile(sent, declared, zone, now) for label, sent in case.profiles.items()},
        segments={one: _segment(written) for one, written in case.segments.items()},
        declared=declared,
    )


def at_the_door(sent: Mapping[str, Any], declared: Mapping[str, Kind], zone: ZoneInfo) -> dict[str, Value]:
    """The values as stored. A null removes before the door is reached."""
    return {
        name: read_declared(raw, declared[name], zone, (name,)) if name in declared else read_value(raw, (name,), zone)
        for name, raw in sent.items()
        if raw is not None
    }


def _profile(sent: Mapping[str, Any], declared: Mapping[str, Kind], zone: ZoneInfo, now: Instant) -> dict[str, Value]:
    times = {name: instant(sent[name]) for name in OWN_TIMES if name in sent}
    own: dict[str, Value] = {**dict.fromkeys(OWN_TIMES, min(times.values(), default=now)), **times}
    own |= {name: str(sent[name]) for name in OWN_TEXTS if name in sent}
    assert own.get("email") == str(own.get("email")).lower() or "email" not in own, "emails are kept in lower case"
    properties = {name: raw for name, raw in sent.items() if name not in (*OWN_TIMES, *OWN_TEXTS)}
    return {**at_the_door(properties, declared, zone), **own}


def _segment(written: Any) -> Rule | frozenset[str]:
    return frozenset(written) if isinstance(written, list) else read_rule(written, LIMITS)
