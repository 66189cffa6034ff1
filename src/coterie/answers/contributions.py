"""Which events or conversations a condition counted: how many, and the latest few as they are stored, with all their values.

How many is known from what the verdict was made of. The few that are shown are read from the store, which may be a commit younger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from coterie.answers.snapshot import Seen
from coterie.live.engine import Engine
from coterie.live.writes.activity import conversation_values
from coterie.model import Counted
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Conversations, Followed, Lowered, Measured, MemberOf, Sampled, Source, TimeAround
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import ConversationCondition, EventCondition, Rule, SequenceCondition
from coterie.rules.subjects import WindowLeaf, counting, halves
from coterie.rules.values import Instant
from coterie.store.document import decode

SHOWN_MAX = 20
PAGE = 500
"""Events read from the store at a time, until enough of them count."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a condition counts of one source."""

    source: Source
    window: tuple[WindowLeaf, ...]
    where: Lowered | None

    def counts(self, one: ActivityRow, moment: Moment) -> bool:
        return bool(counting(self.window, self.where, (one,), moment))


def counted(engine: Engine, rule: Rule, seen: Seen, moment: Moment) -> tuple[tuple[Counted, ...], int]:
    """The latest of those that a condition counted, newest first, and how many there are. Nothing for any other node.

    Of a sequence, the events in its window that could be one of its steps.
    """
    if not isinstance(rule, EventCondition | ConversationCondition | SequenceCondition):
        return (), 0
    parts = _parts(rule, moment.zone)
    total = sum(
        any(part.counts(one, moment) for part in parts if part.source == source)
        for source in {part.source for part in parts}
        for one in seen.activity(source)
    )
    if not total:
        return (), 0
    shown: list[Counted] = []
    for source in {part.source for part in parts}:
        of_source = [part for part in parts if part.source == source]
        stored = (
            _conversations(engine, seen.number) if source == Conversations() else _events(engine, seen.number, source)
        )
        found = (
            Counted(name, one.at, one.values)
            for name, one in stored
            if any(part.counts(one, moment) for part in of_source)
        )
        shown.extend(islice(found, SHOWN_MAX))
    shown.sort(key=lambda one: one.at, reverse=True)
    return tuple(shown[:SHOWN_MAX]), total


def _parts(rule: Rule, zone: ZoneInfo) -> list[_Part]:
    return list(_parts_of(lower(rule, zone)))


def _parts_of(lowered: Lowered) -> Iterator[_Part]:
    """Every leaf that a condition lowers to is on the same subject."""
    leaf = next(iter(leaves(lowered)))
    assert not isinstance(leaf, MemberOf | Sampled)
    match leaf.property:
        case Measured(source, measure, _, window, where):
            yield _Part(source, _both(window) if measure == "change" else window, where)
        case Followed(steps, window):
            for step in steps:
                yield _Part(step.source, window, step.where)


def _both(window: tuple[WindowLeaf, ...]) -> tuple[WindowLeaf, ...]:
    """`change` counts in two windows, one right before the other."""
    later, earlier = halves(window)
    return (TimeAround(later.property, earlier.low, later.high),)


def _events(engine: Engine, pid: int, source: Source) -> Iterator[tuple[str | None, ActivityRow]]:
    """The latest first."""
    name = None if isinstance(source, Conversations) else source.name
    before: tuple[int, int] | None = None
    while True:
        with engine.store.read() as reads:
            page = reads.timeline(pid, name=name, before=before, limit=PAGE)
        if not page:
            return
        for one in page:
            yield one.name, ActivityRow(Instant(one.at), decode(one.document))
        before = (page[-1].at, page[-1].eid)


def _conversations(engine: Engine, pid: int) -> Iterable[tuple[str | None, ActivityRow]]:
    with engine.store.read() as reads:
        stored = reads.conversations_of_pids([pid]).get(pid, [])
    seen = [(None, ActivityRow(Instant(one.at), conversation_values(one))) for one in stored]
    return sorted(seen, key=lambda one: one[1].at, reverse=True)
