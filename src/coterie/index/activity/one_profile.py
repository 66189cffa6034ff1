"""The measures of one profile: plain Python over lists, which for ten events is faster than arrays.

One write asks many subjects of the same profile, and a forecast asks one subject at thousands of
moments. So the rows from a source are fetched once and those that match a `where` are looked for
once. They are in the order of their instants, so that a window over them is a slice. The arithmetic
of the measures is the law's own (`rules.subjects`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from coterie.index.activity.rows import ProfileActivity
from coterie.index.activity.window import Window, bounds, windows
from coterie.rules.activity import ActivityRow
from coterie.rules.edges import depends_on_time
from coterie.rules.kernel import Followed, Lowered, LoweredStep, MeasureSubject, Source
from coterie.rules.matching import matches
from coterie.rules.moment import Moment
from coterie.rules.subjects import change, measure
from coterie.rules.values import Instant, Value


class OneProfile:
    """One profile's activity as of one state of its facts.

    `fetch` gives its rows from a source.
    """

    __slots__ = ("_activity", "_fetch", "_matching")

    def __init__(self, fetch: Callable[[Source], ProfileActivity]) -> None:
        self._fetch = fetch
        self._activity: dict[Source, ProfileActivity] = {}
        # the rows that match a `where`: by moment, or under None where the moment does not matter
        self._matching: dict[tuple[Source, Lowered], dict[Instant | None, ProfileActivity]] = {}

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        """All rows from a source, by instant. The list is shared: it must not be changed."""
        return self._all(source).rows()

    def value(self, subject: MeasureSubject, moment: Moment) -> Value | None:
        """The subject's value, None where it is missing."""
        if isinstance(subject, Followed):
            return self._followed(subject, moment)
        activity = self._meeting(subject.source, subject.where, moment)
        if subject.of is None:
            first, last = _slice(activity, subject.window, moment)
            return _of_instants(subject.measure, activity.ats, first, last)
        if subject.measure != "change":
            return measure(subject.measure, subject.of, _rows_within(activity, subject.window, moment))
        later, earlier = (_rows_within(activity, window, moment) for window in windows(subject))
        return change(subject.of, later, earlier)

    def _all(self, source: Source) -> ProfileActivity:
        activity = self._activity.get(source)
        if activity is None:
            activity = self._activity[source] = self._fetch(source)
        return activity

    def _meeting(self, source: Source, where: Lowered | None, moment: Moment) -> ProfileActivity:
        """The rows from a source that match `where`."""
        if where is None:
            return self._all(source)
        by_moment = self._matching.get((source, where))
        if by_moment is None:
            by_moment = self._matching[source, where] = {}
        meeting = by_moment.get(None) or by_moment.get(moment.now)
        if meeting is None:
            rows = [row for row in self._all(source).rows() if matches(where, row.values, moment, row.at)]
            meeting = ProfileActivity.of(rows)
            by_moment[moment.now if depends_on_time(where) else None] = meeting
        return meeting

    def _followed(self, subject: Followed, moment: Moment) -> bool:
        """Whether the steps follow one another.

        Of the instants at which the steps so far can have been made, only the latest before an
        event can help that event most.
        """
        reached: list[int] | None = None  # None before the first step, which follows nothing
        for step in subject.steps:
            activity = self._meeting(step.source, step.where, moment)
            first, last = _slice(activity, subject.window, moment)
            ats = activity.ats[first:last]
            reached = ats if reached is None else [at for at in ats if _follows(at, reached, step)]
            if not reached:
                return False
        return True


def _slice(activity: ProfileActivity, window: Window, moment: Moment) -> tuple[int, int]:
    """The places of the rows that lie in the window: the first, and the one after the last."""
    low, high = bounds(window, moment)
    first, last = bisect_left(activity.ats, low), bisect_right(activity.ats, high)
    return first, last if first < last else first


def _rows_within(activity: ProfileActivity, window: Window, moment: Moment) -> Sequence[ActivityRow]:
    first, last = _slice(activity, window, moment)
    return activity.rows()[first:last] if first < last else ()


def _of_instants(name: str, ats: Sequence[int], first: int, last: int) -> Value | None:
    """The measures that use no values, over ascending instants from `first` to before `last`."""
    match name:
        case "count":
            return float(last - first)
        case "any":
            return last > first
        case "first_at":
            return Instant(ats[first]) if last > first else None
        case "last_at":
            return Instant(ats[last - 1]) if last > first else None
        case _:
            raise AssertionError(f"{name} is taken of a property")


def _follows(at: int, reached: list[int], step: LoweredStep) -> bool:
    place = bisect_left(reached, at)
    return place > 0 and (step.within is None or at - reached[place - 1] <= step.within)
