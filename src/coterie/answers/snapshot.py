"""A detached snapshot of one profile, so that long evaluations do not hold the read lock.

`take_snapshot` copies what the rule of a segment, and of the segments it uses, can look at. The law
evaluates it as of now, with the recorded memberships; `forecast.py` evaluates it at later moments,
and the other segments with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.live.engine import Engine
from coterie.live.profile_view import indexed_profile
from coterie.live.registry.segments import LiveSegment
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Lowered, Source
from coterie.rules.values import Instant, Value
from coterie.rules.walk import sources


@dataclass(frozen=True, slots=True)
class ProfileSnapshot:
    """A profile view (`rules/evaluate.py`) of plain values.

    `rules` are the lowered rules of the dynamic segments that matter, by id; `recorded` the ids of
    the segments that the profile is in.
    """

    number: int
    values: Mapping[str, Value | None]
    change_times: Mapping[str, Instant | None]
    rows: Mapping[Source, Sequence[ActivityRow]]
    rules: Mapping[str, Lowered]
    recorded: frozenset[str]

    def value(self, name: str) -> Value | None:
        return self.values[name]

    def changed_at(self, name: str) -> Instant | None:
        return self.change_times[name]

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        return self.rows[source]

    def is_member(self, segment_id: str) -> bool:
        return segment_id in self.recorded


def take_snapshot(engine: Engine, pid: int, segment: LiveSegment) -> ProfileSnapshot:
    """Copy everything that the verdict on this segment can depend on. Inside `engine.reading()`."""
    segments = _with_used(engine, segment)

    def activity(source: Source) -> Sequence[ActivityRow]:
        return list(engine.index.activity(source, pid))

    recorded = frozenset(used.id for used in segments if pid in used.members)
    profile = indexed_profile(pid, engine.index, activity, recorded.__contains__)
    names = {name for used in segments for name in used.properties}
    lowered = {used.id: used.lowered for used in segments if used.lowered is not None}
    watched = {source for rule in lowered.values() for source in sources(rule)}
    return ProfileSnapshot(
        number=pid,
        values={name: profile.value(name) for name in names},
        change_times={name: profile.changed_at(name) for name in names},
        rows={source: profile.activity(source) for source in watched},
        rules=lowered,
        recorded=recorded,
    )


def _with_used(engine: Engine, segment: LiveSegment) -> list[LiveSegment]:
    """The segment, and those that its rule uses, directly or through others."""
    segments = {segment.id: segment}
    waiting = [segment]
    while waiting:
        for used_id in waiting.pop().uses:
            used = engine.segments.by_id.get(used_id)
            if used is not None and used_id not in segments:
                segments[used_id] = used
                waiting.append(used)
    return list(segments.values())
