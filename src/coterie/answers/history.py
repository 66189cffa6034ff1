"""The past of a segment: its members at an instant, what changed and why, how its size moved.

All of it is read from the transitions, so it also answers for deleted segments. Before a segment
existed it had no members. Profiles that were deleted since are counted, because they were members,
but cannot be returned. The future is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from pyroaring import BitMap

from coterie.answers.cursors import read_cursor
from coterie.answers.profiles import models_of
from coterie.errors import InvalidInput, LimitExceeded, not_found
from coterie.live.engine import Engine
from coterie.model import Action, Cause, Difference, Page, Profile, SizeAt
from coterie.rules.values import Instant


@dataclass(frozen=True, slots=True)
class _Past:
    """A segment, and where its past ends: its members after the last visible transition."""

    engine: Engine
    sid: int
    present: BitMap
    upto: int
    now: Instant

    def require_past(self, at: Instant, path: str) -> None:
        if at > self.now:
            raise InvalidInput(f"{at.iso()} is in the future.", path=(path,), hint=f"It is {self.now.iso()} now.")

    def members_at(self, at: Instant) -> BitMap:
        with self.engine.store.read() as reads:
            return reads.members_at(self.sid, at, self.present, self.upto)

    def count_transitions(self, after: Instant, until: Instant) -> Counter[tuple[str, str]]:
        with self.engine.store.read() as reads:
            return reads.count_transitions(self.sid, after, until, self.upto)


def _past_of(engine: Engine, segment_id: str) -> _Past:
    with engine.reading() as moment:
        live = engine.segments.by_id.get(segment_id)
        present = BitMap(live.members) if live is not None else BitMap()  # everybody leaves a deleted segment
        upto, now = engine.last_sequence, moment.now
    if live is not None:
        sid: int | None = live.sid
    else:
        with engine.store.read() as reads:
            sid = reads.sid_of(segment_id)
    if sid is None:
        raise not_found("segment", segment_id, hint="There never was one with this id.")
    return _Past(engine, sid, present, upto, now)


def members_as_of(engine: Engine, segment_id: str, at: Instant, cursor: str | None, limit: int) -> Page[Profile]:
    """The members at the instant as they are now, oldest first.

    `total` counts those deleted since, too.
    """
    after = read_cursor(cursor, "then")
    past = _past_of(engine, segment_id)
    past.require_past(at, "as_of")
    return _page(engine, past.members_at(at), "then", after, limit)


def changed_members(
    engine: Engine, segment_id: str, from_at: Instant, to_at: Instant, action: Action, cursor: str | None, limit: int
) -> Page[Profile]:
    """The members at the end but not at the beginning (`enter`), or the reverse (`exit`)."""
    word = f"changed_{action}"
    after = read_cursor(cursor, word)
    past = _past_of(engine, segment_id)
    _require_span(past, from_at, to_at)
    before, since = past.members_at(from_at), past.members_at(to_at)
    return _page(engine, since - before if action is Action.ENTER else before - since, word, after, limit)


def difference(engine: Engine, segment_id: str, from_at: Instant, to_at: Instant) -> Difference:
    """What changed after one instant and up to another, and why."""
    past = _past_of(engine, segment_id)
    _require_span(past, from_at, to_at)
    before, since = past.members_at(from_at), past.members_at(to_at)
    counts = past.count_transitions(from_at, to_at)
    causes = {
        cause.value: {action.value: counts[cause, action] for action in Action}
        for cause in Cause
        if any(counts[cause, action] for action in Action)
    }
    return Difference(
        segment_id, from_at, to_at, len(before), len(since), since.difference_cardinality(before),
        before.difference_cardinality(since), causes,
    )  # fmt: skip


def sizes(engine: Engine, segment_id: str, from_at: Instant, to_at: Instant, points: int) -> list[SizeAt]:
    """The sizes at `points` instants, evenly from one to the other, both included.

    Each has how many entered and left since the one before.
    """
    if not 2 <= points <= engine.settings.page_max:
        raise LimitExceeded(
            f"A series has 2 to {engine.settings.page_max:,} points (page_max).", path=("points",), hint="Ask for 100."
        )
    past = _past_of(engine, segment_id)
    _require_span(past, from_at, to_at)
    span = to_at - from_at
    instants = [Instant(from_at + span * place // (points - 1)) for place in range(points)]
    series = [SizeAt(from_at, len(past.members_at(from_at)), 0, 0)]
    for before, at in pairwise(instants):
        counts = past.count_transitions(before, at)
        entered, left = (sum(counts[cause, action] for cause in Cause) for action in (Action.ENTER, Action.EXIT))
        series.append(SizeAt(at, series[-1].count + entered - left, entered, left))
    return series


def _require_span(past: _Past, from_at: Instant, to_at: Instant) -> None:
    if from_at > to_at:
        raise InvalidInput("“from” is later than “to”.", path=("from",), hint="Swap them.")
    past.require_past(from_at, "from")
    past.require_past(to_at, "to")


def _page(engine: Engine, pids: BitMap, word: str, after: int | None, limit: int) -> Page[Profile]:
    start = pids.rank(after) if after is not None else 0
    chosen = list(pids[start : start + limit + 1])
    profiles = models_of(engine, chosen[:limit])
    following = f"{word}-{chosen[limit - 1]}" if len(chosen) > limit else None
    return Page(tuple(profiles), following, len(pids))
