"""When will time next change an answer?

A leaf that moves with the clock changes its verdict for a profile at instants that follow from the profile's value: `TimeAround(low, high)` at
t - high and just after t - low, calendar words and anniversaries at midnights only. For every such leaf the earliest instant at which it may
change for anybody is kept; the earliest of these is when the workspace must look again, and until then nothing can be stale.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from zoneinfo import ZoneInfo

from coterie.rules.calendar import next_midnight
from coterie.rules.kernel import MovingLeaf, Subject, TimeAround
from coterie.rules.moment import Moment
from coterie.rules.values import Instant


class Due:
    """The moving leaves of all segments, and for each the next instant at which somebody may cross it."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.sids: dict[MovingLeaf, set[int]] = defaultdict(set)
        self.at: dict[MovingLeaf, Instant | None] = {}
        self._offsets: dict[
            Subject, list[int]
        ] = {}  # property -> the sorted distances from now at which some leaf flips
        self._dated: dict[Subject, int] = defaultdict(int)  # property -> how many calendar and anniversary leaves
        self._watching: dict[Subject, int] = defaultdict(int)  # property -> how many moving leaves
        self._soonest: dict[
            Subject, Instant
        ] = {}  # property -> the earliest crossing brought in by a write since the last tick
        self.next_at: Instant | None = None
        """The earliest instant at which time alone may change a membership. Any thread may read it."""

    def file(self, leaf: MovingLeaf, sid: int) -> None:
        """A segment has this leaf. When somebody crosses it next is not known before `look`."""
        if leaf not in self.sids:
            self.at[leaf] = None
            for offset in _offsets(leaf):
                bisect.insort(self._offsets.setdefault(leaf.property, []), offset)
            self._dated[leaf.property] += not isinstance(leaf, TimeAround)
            self._watching[leaf.property] += 1
        self.sids[leaf].add(sid)

    def unfile(self, leaf: MovingLeaf, sid: int) -> None:
        """The segment has this leaf no more."""
        self.sids[leaf].discard(sid)
        if not self.sids[leaf]:
            del self.sids[leaf], self.at[leaf]
            for offset in _offsets(leaf):
                self._offsets[leaf.property].remove(offset)
            self._dated[leaf.property] -= not isinstance(leaf, TimeAround)
            self._watching[leaf.property] -= 1

    def watched(self) -> list[Subject]:
        """The properties that some leaf that moves looks at."""
        return [name for name, count in self._watching.items() if count]

    def notice(self, name: Subject, value: Instant, now: Instant) -> None:
        """A write gave some profile this time: remember the first instant after `now` at which that matters."""
        found = self._crossing(name, value, now)
        if found is not None:
            known = self._soonest.get(name)
            self._soonest[name] = found if known is None else min(known, found)
            self.next_at = found if self.next_at is None else min(self.next_at, found)

    def _crossing(self, name: Subject, value: Instant, now: Instant) -> Instant | None:
        """The first instant after `now` at which any leaf on `name` flips for `value`.

        It flips where value - instant equals an offset, so the next one is at the largest offset below value - now.
        """
        found: Instant | None = None
        offsets = self._offsets.get(name, [])
        place = bisect.bisect_left(offsets, value - now)
        if place:
            found = Instant(value - offsets[place - 1])
        if self._dated.get(name):
            midnight = next_midnight(Moment(now, self._zone))
            found = midnight if found is None else min(found, midnight)
        return found

    def look(self, leaf: MovingLeaf, at: Instant | None) -> None:
        """The next crossing of a leaf, as looked up in the index."""
        self.at[leaf] = at
        self._refresh()

    def _refresh(self) -> None:
        known = [at for at in self.at.values() if at is not None]
        known.extend(self._soonest.values())
        self.next_at = min(known, default=None)

    def due_leaves(self, now: Instant) -> list[MovingLeaf]:
        """The leaves that somebody may have crossed by `now`."""
        noticed = {name for name, at in self._soonest.items() if at <= now}
        return [leaf for leaf, at in self.at.items() if (at is not None and at <= now) or leaf.property in noticed]

    def settled(self, next_of: dict[MovingLeaf, Instant | None], now: Instant) -> None:
        """After a tick up to `now`: the looked-up next crossings of the leaves that were due."""
        self.at.update(next_of)
        for name in [name for name, at in self._soonest.items() if at <= now]:
            del self._soonest[name]
        self._refresh()


def _offsets(leaf: MovingLeaf) -> tuple[int, ...]:
    """The distances value - now at which the leaf flips: it holds while low <= value - now <= high."""
    if not isinstance(leaf, TimeAround):
        return ()
    return tuple(offset for offset in (leaf.high, None if leaf.low is None else leaf.low - 1) if offset is not None)
