"""`coterie check`: does memory match the disk, and do the recorded memberships match the rules?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from pyroaring import BitMap

from coterie.live.engine import Engine
from coterie.live.opening import UNREADABLE, differences
from coterie.live.profile_view import LiveProfile
from coterie.live.writer import Job
from coterie.live.writes.activity import conversation_values
from coterie.live.writes.draft import Document, stored_document
from coterie.model import Action, CheckReport
from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import ChangedAt, Conversations, EventsNamed, Source
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Value
from coterie.store.document import decode
from coterie.store.rows import EVENT_HEAD, StoredProfile

PROBLEMS_MAX = 100
"""Problems that are listed; of more, only the number."""

LAW_ROWS_MAX = 2_000
"""Profiles that are also judged by the law, beside the index; spread evenly over all of them."""


@dataclass(slots=True)
class _ProblemList:
    """Problems, up to `PROBLEMS_MAX`, and how many more."""

    listed: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, *problems: str) -> None:
        room = PROBLEMS_MAX - len(self.listed)
        self.listed.extend(problems[:room])
        self.more += len(problems[room:])

    def all(self) -> tuple[str, ...]:
        return (*self.listed, f"… and {self.more} more.") if self.more else tuple(self.listed)


def check(engine: Engine) -> CheckReport:
    """Check a workspace against itself.

    The file; facts and activity against the index; recorded memberships against a fresh evaluation
    by the index and, for a sample, by the law; the transitions, whose sequence has no gap. It runs
    in the writer's turn, so that nothing changes under it: other writes wait until it ends.
    """
    report: CheckReport = engine.submit(Job(lambda work: _check(engine, Moment(work.now, engine.zone)), alone=True))
    return report


def _check(engine: Engine, moment: Moment) -> CheckReport:
    problems = _ProblemList()
    problems.add(*engine.store.integrity_problems(), *engine.corrections)
    profiles = _check_facts(engine, moment, problems)
    _check_activity(engine, problems)
    _check_members(engine, moment, problems)
    try:
        _check_records(engine, problems)
        _check_sequences(engine, problems)
    except UNREADABLE as error:  # a bitmap that is cut off
        problems.add(f"The recorded memberships cannot be read to the end: {error}.")
    return CheckReport(profiles, len(engine.segments.by_sid), engine.last_sequence, problems.all())


# --- facts and activity against the index


def _check_facts(engine: Engine, moment: Moment, problems: _ProblemList) -> int:
    """Compare every stored profile with its row, and return how many there are."""
    profiles = 0
    stored_with: Counter[str | ChangedAt] = Counter()  # column -> profiles
    law_every = max(1, engine.index.alive // LAW_ROWS_MAX)
    with engine.store.read() as reads:
        for stored in chain.from_iterable(reads.all_profiles()):
            try:
                document = stored_document(stored, engine.loader.changes_of)
            except UNREADABLE as error:
                problems.add(f"Profile {stored.id}: its document cannot be read: {error!r}.")
            else:
                stored_with.update(document.keys())
                problems.add(*_other_values(engine, stored, document))
                if profiles % law_every == 0:
                    problems.add(*_other_verdicts(engine, stored, moment))
            profiles += 1
    if profiles != engine.index.alive:
        problems.add(f"{profiles} profiles are stored, {engine.index.alive} are indexed.")
    every_column = {*stored_with, *engine.index.names()}  # also finds values that are indexed only
    for column in sorted(every_column, key=str):
        indexed = sum(engine.index.kinds(column).values())
        if indexed != stored_with[column]:
            problems.add(
                f"{stored_with[column]} profiles are stored with a value of {column}, {indexed} are indexed with one."
            )
    return profiles


def _other_values(engine: Engine, stored: StoredProfile, document: Document) -> Iterable[str]:
    for column, value in document.items():
        if engine.index.value(column, stored.pid) != value:
            yield f"Profile {stored.id}: the index holds another {column} than the store."


def _other_verdicts(engine: Engine, stored: StoredProfile, moment: Moment) -> Iterable[str]:
    profile = _stored_profile(engine, stored)
    for segment in engine.segments.by_sid.values():
        if segment.rule is not None and evaluate(segment.rule, profile, moment) != (stored.pid in segment.members):
            yield f"Profile {stored.id}: the law disagrees with its membership of {segment.stored.name}."


def _stored_profile(engine: Engine, stored: StoredProfile) -> LiveProfile:
    """A profile as the law sees it, with facts from the store and the recorded memberships."""
    pid, document = stored.pid, stored_document(stored)
    cached: dict[Source, Sequence[ActivityRow]] = {}

    def value(column: str | ChangedAt) -> Value | None:
        if isinstance(column, ChangedAt):
            return stored_document(stored, (column.property,)).get(column)
        return document.get(column)

    def activity(source: Source) -> Sequence[ActivityRow]:
        if source not in cached:
            cached[source] = _stored_rows(engine, pid, source)
        return cached[source]

    def is_member(segment_id: str) -> bool:
        return pid in engine.segments.by_id[segment_id].members

    return LiveProfile(pid, value, activity, is_member)


def _stored_rows(engine: Engine, pid: int, source: Source) -> list[ActivityRow]:
    with engine.store.read() as reads:
        if isinstance(source, Conversations):
            conversations = reads.conversations_of_pids([pid]).get(pid, [])
            return [ActivityRow(Instant(stored.at), conversation_values(stored)) for stored in conversations]
        events = reads.events_of_pids([pid]).get(pid, [])
    return [
        ActivityRow(Instant(event.at), decode(event.document)) for event in events if source.name in (None, event.name)
    ]


def _check_activity(engine: Engine, problems: _ProblemList) -> None:
    row_bytes = sum(int(code[-1]) for _, code in EVENT_HEAD)
    with engine.store.read() as reads:
        counts: list[tuple[str, int, Source]] = [
            (f"{name} events", sum(map(len, reads.event_heads(name))) // row_bytes, EventsNamed(name))
            for name in reads.event_names()
        ]
        counts.append(("conversations", reads.count_conversations(), Conversations()))
    for rows, stored, source in counts:
        indexed = engine.index.event_summary(source)[0]
        if indexed != stored:
            problems.add(f"{stored} {rows} are stored, {indexed} are indexed.")


# --- memberships


def _check_members(engine: Engine, moment: Moment, problems: _ProblemList) -> None:
    for segment, missing, extra in differences(engine, moment):
        problems.add(
            f"{segment.stored.name}: {len(missing)} who should be members are not, {len(extra)} are and should not be."
        )
    alive = engine.index.alive_pids()
    for segment in engine.segments.by_sid.values():
        if segment.members - alive:
            problems.add(f"{segment.stored.name}: some of its members do not exist.")


def _check_records(engine: Engine, problems: _ProblemList) -> None:
    with engine.store.read() as reads:
        recorded, lists = reads.memberships(), reads.list_members()
    for segment in engine.segments.by_sid.values():
        if recorded.get(segment.sid, BitMap()) != segment.members:
            problems.add(f"{segment.stored.name}: the transitions do not add up to its members.")
        if segment.is_static and lists.get(segment.sid, BitMap()) != segment.members:
            problems.add(f"{segment.stored.name}: its stored list is not its members.")


def _check_sequences(engine: Engine, problems: _ProblemList) -> None:
    last = 0
    members: dict[int, BitMap] = defaultdict(BitMap)
    with engine.store.read() as reads:
        while page := reads.transitions(after=last, limit=50_000):
            sequences = [last, *(transition.sequence for transition in page)]
            problems.add(*(f"Sequence {b} follows {a}." for a, b in pairwise(sequences) if b != a + 1))
            for transition in page:
                inside = members[transition.sid]
                if (transition.pid in inside) == (transition.action == Action.ENTER):
                    problems.add(f"Sequence {transition.sequence}: {transition.action} twice in a row.")
                (inside.add if transition.action == Action.ENTER else inside.discard)(transition.pid)
            last = page[-1].sequence
    if last != engine.last_sequence:
        problems.add(f"The last sequence stored is {last}, in memory {engine.last_sequence}.")
