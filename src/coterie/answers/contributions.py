"""Which events or conversations a condition counted: how many, and the latest few.

The number follows from what the verdict was made of. The few are read from the store, with all
their values; it may be a commit ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from coterie.answers.snapshot import ProfileSnapshot
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
from coterie.store.reads import Reads

CONTRIBUTIONS_MAX = 20
PAGE = 500
"""Events read from the store at a time, until enough of them count."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a condition counts of one source."""

    source: Source
    window: tuple[WindowLeaf, ...]
    where: Lowered | None

    def counts(self, row: ActivityRow, moment: Moment) -> bool:
        return bool(counting(self.window, self.where, (row,), moment))


def contributions(
    engine: Engine, rule: Rule, profile: ProfileSnapshot, moment: Moment
) -> tuple[tuple[Counted, ...], int]:
    """The latest rows that a condition counted, newest first, and how many it counted in all.

    Empty for a node that counts nothing. For a sequence, the events in its window that match one of
    its steps.
    """
    if not isinstance(rule, EventCondition | ConversationCondition | SequenceCondition):
        return (), 0
    parts = list(_parts(lower(rule, moment.zone)))
    sources = {part.source for part in parts}
    total = sum(
        any(part.counts(row, moment) for part in parts if part.source == source)
        for source in sources
        for row in profile.activity(source)
    )
    if not total:
        return (), 0
    latest: list[Counted] = []
    with engine.store.read() as reads:
        for source in sources:
            of_source = [part for part in parts if part.source == source]
            counted = (
                Counted(name, row.at, row.values)
                for name, row in _stored(reads, profile.number, source)
                if any(part.counts(row, moment) for part in of_source)
            )
            latest.extend(islice(counted, CONTRIBUTIONS_MAX))
    latest.sort(key=lambda counted: counted.at, reverse=True)
    return tuple(latest[:CONTRIBUTIONS_MAX]), total


def _parts(lowered: Lowered) -> Iterator[_Part]:
    """What one condition counts. Every leaf that it lowers to is on the same subject."""
    leaf = next(iter(leaves(lowered)))
    assert not isinstance(leaf, MemberOf | Sampled)
    match leaf.property:
        case Measured(source, measure, _, window, where):
            yield _Part(source, _both_halves(window) if measure == "change" else window, where)
        case Followed(steps, window):
            for step in steps:
                yield _Part(step.source, window, step.where)


def _both_halves(window: tuple[WindowLeaf, ...]) -> tuple[WindowLeaf, ...]:
    """The window of a `change`, which counts in two windows, one right before the other."""
    later, earlier = halves(window)
    return (TimeAround(later.property, earlier.low, later.high),)


def _stored(reads: Reads, pid: int, source: Source) -> Iterable[tuple[str | None, ActivityRow]]:
    """The rows of a source with the names of the events, the latest first."""
    if isinstance(source, Conversations):
        return _stored_conversations(reads, pid)
    return _stored_events(reads, pid, source.name)


def _stored_events(reads: Reads, pid: int, name: str | None) -> Iterator[tuple[str | None, ActivityRow]]:
    before: tuple[int, int] | None = None
    while page := reads.timeline(pid, name=name, before=before, limit=PAGE):
        for event in page:
            yield event.name, ActivityRow(Instant(event.at), decode(event.document))
        before = (page[-1].at, page[-1].eid)


def _stored_conversations(reads: Reads, pid: int) -> Iterable[tuple[str | None, ActivityRow]]:
    stored = reads.conversations_of_pids([pid]).get(pid, [])
    rows = [ActivityRow(Instant(conversation.at), conversation_values(conversation)) for conversation in stored]
    return [(None, row) for row in sorted(rows, key=lambda row: row.at, reverse=True)]
