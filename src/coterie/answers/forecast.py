"""The verdicts on a profile snapshot at later moments, if nothing but time changes.

One profile is judged at thousands of moments, so the rows that match a `where` which does not
depend on the moment are found once, and a window over them is a slice (`live/lanes.py`).
"""

from __future__ import annotations

from dataclasses import replace

from coterie.answers.snapshot import ProfileSnapshot
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


class Forecast:
    """Judges one profile at any moment."""

    def __init__(self, profile: ProfileSnapshot) -> None:
        self._profile = profile
        self._lanes = Lanes(profile.activity)
        self._matching: dict[tuple[Source, Lowered], Lanes] = {}
        self._decided: dict[str, bool] = {}  # segment id -> member or not, at the moment being judged

    def is_member(self, segment_id: str, moment: Moment) -> bool:
        """Whether the profile is in one of the snapshot's segments at the moment."""
        self._decided = {}
        return self._is_member(segment_id, moment)

    def _is_member(self, segment_id: str, moment: Moment) -> bool:
        rule = self._profile.rules.get(segment_id)
        if rule is None:  # a static segment, which time does not change
            return self._profile.is_member(segment_id)
        if segment_id not in self._decided:
            self._decided[segment_id] = self._matches(rule, moment)
        return self._decided[segment_id]

    def _matches(self, lowered: Lowered, moment: Moment) -> bool:
        match lowered:
            case And(children):
                return all(self._matches(child, moment) for child in children)
            case Or(children):
                return any(self._matches(child, moment) for child in children)
            case Complement(child):
                return not self._matches(child, moment)
            case MemberOf(segment):
                return self._is_member(segment, moment)
            case Sampled(seed, below):
                return in_sample(self._profile.number, seed, below)
            case leaf:
                return leaf_matches(leaf, self._value(leaf.property, moment), moment)

    def _value(self, subject: Subject, moment: Moment) -> Value | None:
        match subject:
            case str():
                return self._profile.value(subject)
            case ChangedAt(name):
                return self._profile.changed_at(name)
            case Measured(source, where=where) if where is not None and not depends_on_time(where):
                return self._matching_rows(source, where, moment).value(replace(subject, where=None), moment)
            case Measured() | Followed():
                return self._lanes.value(subject, moment)

    def _matching_rows(self, source: Source, where: Lowered, moment: Moment) -> Lanes:
        lanes = self._matching.get((source, where))
        if lanes is None:
            rows = [row for row in self._profile.activity(source) if matches(where, row.values, moment, row.at)]
            lanes = self._matching[source, where] = Lanes(lambda _: rows)
        return lanes


def depends_on_time(where: Lowered) -> bool:
    """Whether the rows that match a `where` depend on the moment."""
    return any(isinstance(leaf, TimeAround | TimeInCalendar | Anniversary) for leaf in leaves(where))


def is_fast(subject: Subject) -> bool:
    """Whether a subject's value costs the same however many rows there are."""
    return not isinstance(subject, MeasureSubject) or (
        isinstance(subject, Measured)
        and subject.measure in ("count", "any")
        and len(subject.window) == 1
        and isinstance(subject.window[0], TimeAround)
        and (subject.where is None or not depends_on_time(subject.where))
    )
