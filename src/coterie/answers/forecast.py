"""The verdicts on a profile snapshot at later moments, if nothing but time changes.

One profile is judged at thousands of moments, so the rows that match a `where` that does not depend
on the moment are looked for once (`index/activity/one_profile.py`).
"""

from __future__ import annotations

from coterie.answers.snapshot import ProfileSnapshot
from coterie.index import OneProfile, ProfileActivity
from coterie.rules.edges import depends_on_time
from coterie.rules.kernel import (
    And,
    ChangedAt,
    Complement,
    Followed,
    Lowered,
    Measured,
    MeasureSubject,
    MemberOf,
    Or,
    Sampled,
    Subject,
    TimeAround,
)  # fmt: skip
from coterie.rules.matching import leaf_matches
from coterie.rules.moment import Moment
from coterie.rules.sampling import in_sample
from coterie.rules.values import Value


class Forecast:
    """Judges one profile at any moment."""

    def __init__(self, profile: ProfileSnapshot) -> None:
        self._profile = profile
        self._activity = OneProfile(lambda source: ProfileActivity.of(profile.activity(source)))
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
            case Measured() | Followed():
                return self._activity.value(subject, moment)


def is_fast(subject: Subject) -> bool:
    """Whether a subject's value costs the same however many rows there are."""
    return not isinstance(subject, MeasureSubject) or (
        isinstance(subject, Measured)
        and subject.measure in ("count", "any")
        and len(subject.window) == 1
        and isinstance(subject.window[0], TimeAround)
        and (subject.where is None or not depends_on_time(subject.where))
    )
