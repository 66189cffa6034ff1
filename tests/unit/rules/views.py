"""A profile made of dictionaries, for tests of rules, and the verdict of a lowered rule on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import (
    And,
    ChangedAt,
    Complement,
    Conversations,
    Followed,
    Lowered,
    Measured,
    MemberOf,
    Or,
    Sampled,
    Source,
    Subject,
)
from coterie.rules.matching import leaf_matches
from coterie.rules.moment import Moment
from coterie.rules.sampling import in_sample
from coterie.rules.values import Instant, Value
from tests.unit.rules.plain_subjects import subject_value


@dataclass
class View:
    """A profile as a rule sees it. A property that is not in `changed` last changed in 1970."""

    properties: Mapping[str, Value] = field(default_factory=dict)
    segments: Collection[str] = ()
    number: int = 1
    changed: Mapping[str, Instant] = field(default_factory=dict)
    happened: Mapping[str, Sequence[ActivityRow]] = field(default_factory=dict)
    said: Sequence[ActivityRow] = ()

    def value(self, name: str) -> Value | None:
        return self.properties.get(name)

    def changed_at(self, name: str) -> Instant | None:
        return self.changed.get(name, Instant(0)) if name in self.properties else None

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        if isinstance(source, Conversations):
            return self.said
        if source.name is not None:
            return self.happened.get(source.name, ())
        return [event for events in self.happened.values() for event in events]

    def is_member(self, segment_id: str) -> bool:
        return segment_id in self.segments


def kernel_matches(lowered: Lowered, view: View, moment: Moment) -> bool:
    """The verdict by the docstrings of `kernel.py`, from the plain pieces that `rules` has."""
    match lowered:
        case And(children):
            return all(kernel_matches(child, view, moment) for child in children)
        case Or(children):
            return any(kernel_matches(child, view, moment) for child in children)
        case Complement(child):
            return not kernel_matches(child, view, moment)
        case MemberOf(segment):
            return view.is_member(segment)
        case Sampled(seed, below):
            return in_sample(view.number, seed, below)
        case leaf:
            return leaf_matches(leaf, _value(leaf.property, view, moment), moment)


def _value(subject: Subject, view: View, moment: Moment) -> Value | None:
    match subject:
        case ChangedAt(name):
            return view.changed_at(name)
        case Measured() | Followed():
            return subject_value(subject, view.activity, moment)
        case name:
            return view.value(name)
