"""When does a verdict change if nothing but time does?

A leaf that depends on the clock can only change its verdict at instants that follow from the
profile's data: `TimeAround` at a value less an offset, a window's edge at the instant of an event
plus a length (`rules/edges.py`), calendar words and anniversaries at local midnights. These
instants are collected, and the profile is judged at each, in order, until the verdict is another.
Midnights go on for ever, so they are tried for `DAYS_AHEAD_MAX`, and the answer says how far that
was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coterie.answers.forecast import Forecast, is_fast
from coterie.answers.snapshot import ProfileSnapshot
from coterie.rules.calendar import next_midnight
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import AT, ChangedAt, Leaf, MemberOf, Sampled
from coterie.rules.lower import leaves
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, INSTANT_MAX, Instant, Value

DAYS_AHEAD_MAX = 400
"""More than a year: every anniversary comes round."""

INSTANTS_MAX = 50_000
"""Instants tried at most. About a second."""

ROWS_JUDGED_MAX = 500_000
"""Instants times rows at most, where a verdict looks at every row, as for a sum."""

INSTANTS_MIN = 50
"""Instants tried in any case."""

LAST = INSTANT_MAX - 2 * DAY
"""Nothing is forecast beyond the end of the calendar."""


@dataclass(frozen=True, slots=True)
class NextChange:
    """`changes_at` is None where no change was found, up to `known_until`, or for ever if None."""

    changes_at: Instant | None
    known_until: Instant | None


def find_next_change(segment_id: str, profile: ProfileSnapshot, now: Moment) -> NextChange:
    """When the profile next enters or leaves one of the snapshot's segments."""
    every_leaf = {leaf for lowered in profile.rules.values() for leaf in leaves(lowered)}
    instants, at_midnights = _instants(every_leaf, profile, now)
    horizon = Instant(min(LAST, now.now + DAYS_AHEAD_MAX * DAY)) if at_midnights else None
    if horizon is not None:
        instants = {at for at in instants if at <= horizon} | set(_midnights(now, horizon))
    forecast = Forecast(profile)
    inside = forecast.is_member(segment_id, now)
    ordered, limit = sorted(instants), _instants_to_try(every_leaf, profile)
    for at in ordered[:limit]:
        if forecast.is_member(segment_id, Moment(Instant(at), now.zone)) != inside:
            return NextChange(Instant(at), None)
    if len(ordered) > limit:
        return NextChange(None, Instant(ordered[limit] - 1))
    return NextChange(None, horizon)


def _instants_to_try(every_leaf: Iterable[Leaf], profile: ProfileSnapshot) -> int:
    """How many instants can be judged in a second or a few."""
    if all(isinstance(leaf, MemberOf | Sampled) or is_fast(leaf.property) for leaf in every_leaf):
        return INSTANTS_MAX
    rows = sum(map(len, profile.rows.values()))
    return max(INSTANTS_MIN, min(INSTANTS_MAX, ROWS_JUDGED_MAX // max(1, rows)))


def _instants(every_leaf: Iterable[Leaf], profile: ProfileSnapshot, now: Moment) -> tuple[set[int], bool]:
    """The future instants at which a leaf may change, and whether it may at midnights, too."""
    instants: set[int] = set()
    at_midnights = False
    for leaf in every_leaf:
        for at in _crossings(leaf, profile):
            if at is None:
                at_midnights = True
            elif now.now < at <= LAST:
                instants.add(at)
    return instants, at_midnights


def _crossings(leaf: Leaf, profile: ProfileSnapshot) -> Iterator[int | None]:
    """The instants at which the profile crosses an edge of the leaf; None stands for midnights."""
    for edge in edges(leaf):
        for value in _values(edge, profile):
            if isinstance(value, Instant):
                yield None if edge.shift is None else value + edge.shift


def _values(edge: Edge, profile: ProfileSnapshot) -> Iterator[Value | None]:
    """What the column of the edge holds for the profile."""
    column = edge.column
    if isinstance(column, ChangedAt):
        yield profile.changed_at(column.property)
    elif edge.source is None:
        yield profile.value(column)
    else:
        for row in profile.activity(edge.source):
            yield row.at if column == AT else row.values.get(column)


def _midnights(now: Moment, horizon: Instant) -> Iterator[int]:
    at = next_midnight(now)
    while at <= horizon:
        yield at
        at = next_midnight(Moment(at, now.zone))
