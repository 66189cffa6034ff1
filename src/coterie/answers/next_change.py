"""When does a verdict change if nothing happens but time?

A moving leaf can only flip at instants that follow from what the profile has: `TimeAround` at its value less an offset, an edge of a window at the instant of
an event plus a length (`rules/edges.py`), calendar words and anniversaries at local midnights. So those instants are gathered, and the profile is judged
at each, in order, until the verdict is another. Midnights never end: they are looked at for `DAYS_AHEAD_MAX`, and who asks is told how far that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coterie.answers.forecast import Ahead, is_quick
from coterie.answers.snapshot import Seen
from coterie.rules.calendar import next_midnight
from coterie.rules.edges import edges
from coterie.rules.kernel import (
    AT,
    Anniversary,
    ChangedAt,
    Followed,
    Leaf,
    Measured,
    MemberOf,
    Sampled,
    TimeAround,
    TimeInCalendar,
)  # fmt: skip
from coterie.rules.lower import leaves
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, INSTANT_MAX, Instant, Value

DAYS_AHEAD_MAX = 400
"""More than a year: every anniversary comes round."""

LOOKS_MAX = 50_000
"""Instants looked at, at most. About a second."""

HAPPENINGS_JUDGED_MAX = 500_000
"""Where a look is at everything that happened, as for a sum: instants times happenings, at most."""

LOOKS_MIN = 50
"""Instants looked at in any case."""

LAST = INSTANT_MAX - 2 * DAY
"""Nothing is foretold beyond the end of the calendar."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """`changes_at` is None where no change was found, and `known_until` then says how far was looked; None for ever."""

    changes_at: Instant | None
    known_until: Instant | None


def foresee(segment_id: str, seen: Seen, now: Moment) -> Foresight:
    """When the profile next enters or leaves the segment, one of those that `seen` was taken for."""
    every = {leaf for lowered in seen.rules.values() for leaf in leaves(lowered)}
    instants, dated = _instants(every, seen, now)
    horizon = Instant(min(LAST, now.now + DAYS_AHEAD_MAX * DAY)) if dated else None
    if horizon is not None:
        instants = {at for at in instants if at <= horizon} | set(_midnights(now, horizon))
    ahead = Ahead(seen)
    inside = ahead.is_in(segment_id, now)
    ordered, looks = sorted(instants), _looks(every, seen)
    for at in ordered[:looks]:
        if ahead.is_in(segment_id, Moment(Instant(at), now.zone)) != inside:
            return Foresight(Instant(at), None)
    if len(ordered) > looks:
        return Foresight(None, Instant(ordered[looks] - 1))
    return Foresight(None, horizon)


def _looks(every: Iterable[Leaf], seen: Seen) -> int:
    """How many instants can be looked at in a second or a few."""
    if all(isinstance(leaf, MemberOf | Sampled) or is_quick(leaf.property) for leaf in every):
        return LOOKS_MAX
    return max(LOOKS_MIN, min(LOOKS_MAX, HAPPENINGS_JUDGED_MAX // max(1, sum(map(len, seen.past.values())))))


def _instants(every: Iterable[Leaf], seen: Seen, now: Moment) -> tuple[set[int], bool]:
    """The instants to come at which some leaf may flip; and whether midnights have to be looked at, too."""
    found: set[int] = set()
    dated = False
    for leaf in every:
        for at in _of_leaf(leaf, seen):
            if at is None:
                dated = True
            elif now.now < at <= LAST:
                found.add(at)
    return found, dated


def _of_leaf(leaf: Leaf, seen: Seen) -> Iterator[int | None]:
    """None stands for midnights."""
    if isinstance(leaf, MemberOf | Sampled):
        return
    match leaf.property:
        case Measured() | Followed():
            yield from _of_edges(leaf, seen)
        case subject if isinstance(leaf, TimeAround | TimeInCalendar | Anniversary):
            value = seen.changed_at(subject.property) if isinstance(subject, ChangedAt) else seen.value(subject)
            yield from _of_value(leaf, value)


def _of_value(leaf: TimeAround | TimeInCalendar | Anniversary, value: Value | None) -> Iterator[int | None]:
    """It holds while low <= value - now <= high."""
    if not isinstance(value, Instant):
        return
    if not isinstance(leaf, TimeAround):
        yield None
        return
    if leaf.high is not None:
        yield value - leaf.high
    if leaf.low is not None:
        yield value - leaf.low + 1


def _of_edges(leaf: Leaf, seen: Seen) -> Iterator[int | None]:
    for edge in edges(leaf):
        for one in seen.activity(edge.source):
            value = one.at if edge.column == AT else one.values.get(edge.column)
            if isinstance(value, Instant):
                yield None if edge.shift is None else value + edge.shift


def _midnights(now: Moment, horizon: Instant) -> Iterator[int]:
    at = next_midnight(now)
    while at <= horizon:
        yield at
        at = next_midnight(Moment(at, now.zone))
