"""The engines that run every case. To add one, name a class with `members` in `ENGINES`.

`members` takes rules, and one world: the profiles by label with their activity, the moment, and the
segments that the rules may name. It returns, for each rule, the labels of the profiles that match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import Conversations, Source
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Value
from tests.conformance.indexes import Indexed, all_rows, some_rows, staged_rows
from tests.conformance.workspaces import WholeWorkspace
from tests.conformance.worlds import Profile, Profiles, Segments


class Engine(Protocol):
    def members(
        self, rules: Sequence[Rule], profiles: Profiles, moment: Moment, segments: Segments
    ) -> list[set[str]]: ...


# --- the law --------------------------------------------------------------------------------------


@dataclass
class _Seen:
    """One profile, as the law looks at it."""

    label: str
    profile: Profile
    moment: Moment
    segments: Segments

    @property
    def number(self) -> int:
        return self.profile.number

    def value(self, name: str) -> Value | None:
        return self.profile.values.get(name)

    def changed_at(self, name: str) -> Instant | None:
        return self.profile.changed.get(name)

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        if isinstance(source, Conversations):
            return self.profile.conversations
        if source.name is not None:
            return self.profile.events.get(source.name, ())
        return [event for events in self.profile.events.values() for event in events]

    def is_member(self, segment_id: str) -> bool:
        segment = self.segments[segment_id]
        return self.label in segment if isinstance(segment, frozenset) else evaluate(segment, self, self.moment)


class Law:
    def members(self, rules: Sequence[Rule], profiles: Profiles, moment: Moment, segments: Segments) -> list[set[str]]:
        seen = [_Seen(label, profile, moment, segments) for label, profile in profiles.items()]
        return [{view.label for view in seen if evaluate(rule, view, moment)} for rule in rules]


ENGINES: Mapping[str, Engine] = {
    "law": Law(),
    "index": Indexed(all_rows, loaded=True),
    "index, row by row": Indexed(some_rows),
    "index, staged": Indexed(staged_rows, holding=True),
    "workspace": WholeWorkspace(),
}
