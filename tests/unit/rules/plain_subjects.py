"""The value of a measure or a sequence for one profile, from its lowered form: slow and plain.

Where the law goes by what the rule says, this finds the rows that count by the leaves of window and
`where`. The faster forms are compared with it. The order in which the rows are given does not
matter.
"""

from __future__ import annotations

from bisect import bisect_left

from coterie.rules.kernel import Followed, LoweredStep, MeasureSubject
from coterie.rules.moment import Moment
from coterie.rules.subjects import ActivityOf, change, counting, halves, measure
from coterie.rules.values import Value


def subject_value(subject: MeasureSubject, activity: ActivityOf, moment: Moment) -> Value | None:
    """The subject's value, None where it is missing. `activity` gives the rows of a source."""
    if isinstance(subject, Followed):
        return _followed(subject, activity, moment)
    rows = activity(subject.source)
    if subject.measure != "change":
        return measure(subject.measure, subject.of, counting(subject.window, subject.where, rows, moment))
    later, earlier = (counting((leaf,), subject.where, rows, moment) for leaf in halves(subject.window))
    return change(subject.of, later, earlier)


def _followed(subject: Followed, activity: ActivityOf, moment: Moment) -> bool:
    """Whether events complete the steps, each later than the last and soon enough after it."""
    reached: list[int] | None = None  # None before the first step, which follows nothing
    for step in subject.steps:
        rows = counting(subject.window, step.where, activity(step.source), moment)
        reached = sorted({row.at for row in rows if reached is None or _follows(row.at, reached, step)})
    return bool(reached)


def _follows(at: int, reached: list[int], step: LoweredStep) -> bool:
    place = bisect_left(reached, at)
    return place > 0 and (step.within is None or at - reached[place - 1] <= step.within)
