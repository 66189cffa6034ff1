"""A detached profile at moments to come, if nothing happens to it: does it meet a lowered rule then?

It is asked at thousands of moments of one life, so what meets a `where` that does not move is found once, and a window over it is a slice (`live/lanes.py`).
"""

from __future__ import annotations

from dataclasses import replace

from coterie.answers.snapshot import Seen
from coterie.live.lanes import Lanes
from coterie.rules.kernel import (
    And,
    Anniversary,
    ChangedAt,
    Complement,
    Followed,
    Lowered,
    Measured,
    MeasureSubject,
    MemberOf,
    Or,
    Sampled,
    Source,
    Subject,
    TimeAround,
    TimeInCalendar,
)  # fmt: skip
from coterie.rules.lower import leaves
from coterie.rules.matching import leaf_matches, matches
from coterie.rules.moment import Moment
from coterie.rules.sampling import in_sample
from coterie.rules.values import Value


class Ahead:
    """One profile, and what it will be."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._lanes = Lanes(seen.activity)
        self._meeting: dict[tuple[Source, Lowered], Lanes] = {}
        self._decided: dict[str, bool] = {}  # at the moment asked of: whether it is in the other segments

    def is_in(self, segment_id: str, moment: Moment) -> bool:
        """Whether it is in a segment that it was taken for, at the moment."""
        self._decided = {}
        return self._member(segment_id, moment)

    def _member(self, segment_id: str, moment: Moment) -> bool:
        lowered = self._seen.rules.get(segment_id)
        if lowered is None:  # a list, which no time changes
            return self._seen.is_member(segment_id)
        if segment_id not in self._decided:
            self._decided[segment_id] = self._holds(lowered, moment)
        return self._decided[segment_id]

    def _holds(self, lowered: Lowered, moment: Moment) -> bool:
        match lowered:
            case And(children):
                return all(self._holds(child, moment) for child in children)
            case Or(children):
                return any(self._holds(child, moment) for child in children)
            case Complement(child):
                return not self._holds(child, moment)
            case MemberOf(segment):
                return self._member(segment, moment)
            case Sampled(seed, below):
                return in_sample(self._seen.number, seed, below)
            case leaf:
                return leaf_matches(leaf, self._value(leaf.property, moment), moment)

    def _value(self, subject: Subject, moment: Moment) -> Value | None:
        match subject:
            case str():
                return self._seen.value(subject)
            case ChangedAt(name):
                return self._seen.changed_at(name)
            case Measured(source, where=where) if where is not None and not moves(where):
                return self._lane(source, where, moment).value(replace(subject, where=None), moment)
            case Measured() | Followed():
                return self._lanes.value(subject, moment)

    def _lane(self, source: Source, where: Lowered, moment: Moment) -> Lanes:
        lane = self._meeting.get((source, where))
        if lane is None:
            some = [one for one in self._seen.activity(source) if matches(where, one.values, moment, one.at)]
            lane = self._meeting[source, where] = Lanes(lambda _: some)
        return lane


def moves(lowered: Lowered) -> bool:
    """Whether what meets it depends on the moment."""
    return any(isinstance(leaf, TimeAround | TimeInCalendar | Anniversary) for leaf in leaves(lowered))


def is_quick(subject: Subject) -> bool:
    """Whether a look at it costs the same however much has happened."""
    return not isinstance(subject, MeasureSubject) or (
        isinstance(subject, Measured)
        and subject.measure in ("count", "any")
        and len(subject.window) == 1
        and isinstance(subject.window[0], TimeAround)
        and (subject.where is None or not moves(subject.where))
    )
