"""The values of measures for one profile, quickly: its happenings are sorted once, what meets a `where` is kept, a window is a slice.

`rules/subjects.py` says what a measure is; this gives the same for the many subjects that one event can touch. A property test holds the two together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Followed, Lowered, Measured, MeasureSubject, Source, TimeAround
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.subjects import measure, subject_value
from coterie.rules.values import Instant, Value

Lane = tuple[list[int], list[ActivityRow]]


class Lanes:
    """One profile's happenings, as of some state of its facts. `of` gives those of a source."""

    __slots__ = ("_known", "_lanes", "_of")

    def __init__(self, of: Callable[[Source], Sequence[ActivityRow]]) -> None:
        self._of = of
        self._known: dict[Source, Sequence[ActivityRow]] = {}
        self._lanes: dict[tuple[Source, Lowered | None, Instant | None], Lane] = {}

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        """All of a source, asked for once."""
        known = self._known.get(source)
        if known is None:
            known = self._known[source] = self._of(source)
        return known

    def value(self, subject: MeasureSubject, moment: Moment) -> Value | None:
        """The subject's value, None where it is missing."""
        if isinstance(subject, Followed):
            return subject_value(subject, self.activity, moment)
        window = subject.window
        if len(window) != 1 or not isinstance(window[0], TimeAround) or subject.measure == "change":
            return subject_value(subject, self.activity, moment)
        ats, lane = self._lane(subject, moment)
        leaf = window[0]
        first = 0 if leaf.low is None else bisect_left(ats, moment.now + leaf.low)
        last = len(ats) if leaf.high is None else bisect_right(ats, moment.now + leaf.high)
        match subject.measure:
            case "count":
                return float(max(0, last - first))
            case "any":
                return last > first
            case name:
                return measure(name, subject.of, lane[first:last])

    def _lane(self, subject: Measured, moment: Moment) -> Lane:
        """What meets the subject's `where` at the moment, ascending."""
        where = subject.where
        key = (subject.source, where, None if where is None else moment.now)
        lane = self._lanes.get(key)
        if lane is None:
            some = self.activity(subject.source)
            if where is not None:
                some = [one for one in some if matches(where, one.values, moment, one.at)]
            ordered = sorted(some, key=_at)
            lane = self._lanes[key] = ([int(one.at) for one in ordered], ordered)
        return lane


def _at(happening: ActivityRow) -> Instant:
    return happening.at
