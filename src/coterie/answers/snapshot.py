"""One profile as rules see it, taken out of memory whole: so that one can ponder over it for long without holding up a commit.

`take` copies what the rule of a segment, and of the segments it uses, can look at. The law asks it as of now, with the memberships that are recorded;
`foresight.py` asks it of later moments, at which the other segments are judged too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.live.engine import Engine
from coterie.live.registry.segments import LiveSegment
from coterie.live.transitions.profile_view import IndexedProfile
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Lowered, Source
from coterie.rules.values import Instant, Value
from coterie.rules.walk import sources


@dataclass(frozen=True, slots=True)
class Seen:
    """A profile, detached. `rules` are those of the dynamic segments that matter, lowered; `recorded` the ids of the segments it is in."""

    number: int
    values: Mapping[str, Value | None]
    changed: Mapping[str, Instant | None]
    past: Mapping[Source, Sequence[ActivityRow]]
    rules: Mapping[str, Lowered]
    recorded: frozenset[str]

    def value(self, name: str) -> Value | None:
        return self.values[name]

    def changed_at(self, name: str) -> Instant | None:
        return self.changed[name]

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        return self.past[source]

    def is_member(self, segment_id: str) -> bool:
        return segment_id in self.recorded


def take(engine: Engine, pid: int, segment: LiveSegment) -> Seen:
    """Everything that the verdict on this segment can depend on. Inside `engine.reading()`."""
    concerned = _concerned_by(engine, segment)
    seen = IndexedProfile(pid, engine.index, engine.segments)
    names = {name for one in concerned for name in one.properties}
    wanted = {source for one in concerned if one.lowered is not None for source in sources(one.lowered)}
    return Seen(
        number=pid,
        values={name: seen.value(name) for name in names},
        changed={name: seen.changed_at(name) for name in names},
        past={source: list(engine.index.activity(source, pid)) for source in wanted},
        rules={one.id: one.lowered for one in concerned if one.lowered is not None},
        recorded=frozenset(one.id for one in concerned if pid in one.members),
    )


def _concerned_by(engine: Engine, segment: LiveSegment) -> list[LiveSegment]:
    """The segment, and those that its rule uses, directly or through others."""
    found = {segment.id: segment}
    waiting = [segment]
    while waiting:
        for used in waiting.pop().uses:
            if used not in found and (one := engine.segments.by_id.get(used)) is not None:
                found[used] = one
                waiting.append(one)
    return list(found.values())
