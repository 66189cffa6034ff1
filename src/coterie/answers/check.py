"""`coterie check`: is what is in memory what is on disk, and what is recorded what the rules say?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, pairwise

from pyroaring import BitMap

from coterie.answers.profiles import StoredView
from coterie.live.engine import Engine
from coterie.live.opening import UNREADABLE, differences
from coterie.live.writer import Job
from coterie.live.writes.draft import Document, stored_document
from coterie.model import Action, CheckReport
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import ChangedAt, Conversations, EventsNamed, Source
from coterie.rules.moment import Moment
from coterie.store.rows import EVENT_HEAD, StoredProfile

FAULTS_MAX = 100
"""Faults that are told one by one; beyond it only that there are more."""

LAW_ROWS_MAX = 2_000
"""Profiles that are also judged by the law, beside the index; spread evenly over all of them."""


@dataclass(slots=True)
class _Faults:
    """What was found; beyond `FAULTS_MAX` only how many more."""

    told: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, *faults: str) -> None:
        room = FAULTS_MAX - len(self.told)
        self.told.extend(faults[:room])
        self.more += len(faults[room:])

    def all(self) -> tuple[str, ...]:
        return (*self.told, f"… and {self.more} more.") if self.more else tuple(self.told)


def check(engine: Engine) -> CheckReport:
    """The file itself, facts against index, what happened against index, recorded membership against a fresh evaluation by the index and (a sample) by the law, sequences without a gap.

    It runs in the writer's turn, so that nothing moves under it: other writes wait until it is through.
    """
    report: CheckReport = engine.submit(Job(lambda work: _checked(engine, Moment(work.now, engine.zone)), alone=True))
    return report


def _checked(engine: Engine, moment: Moment) -> CheckReport:
    faults = _Faults()
    faults.add(*engine.store.integrity_problems(), *engine.corrections)
    profiles = _facts_against_index(engine, moment, faults)
    _happenings_against_index(engine, faults)
    _membership_against_rules(engine, moment, faults)
    try:
        _recorded_against_memory(engine, faults)
        _sequences(engine, faults)
    except UNREADABLE as error:  # a bitmap that is cut off
        faults.add(f"What is recorded of memberships cannot be read to its end: {error}.")
    return CheckReport(profiles, len(engine.segments.by_sid), engine.last_sequence, faults.all())


def _facts_against_index(engine: Engine, moment: Moment, faults: _Faults) -> int:
    profiles = 0
    having: Counter[str | ChangedAt] = Counter()  # property -> profiles
    every = max(1, engine.index.alive // LAW_ROWS_MAX)
    with engine.store.read() as reads:
        for stored in chain.from_iterable(reads.all_profiles()):
            try:
                document = stored_document(stored, engine.loader.changes_of)
            except UNREADABLE as error:
                faults.add(f"Profile {stored.id}: its document cannot be read: {error!r}.")
            else:
                having.update(document.keys())
                faults.add(*_other_values(engine, stored, document))
                if profiles % every == 0:
                    faults.add(*_other_verdicts(engine, stored, moment))
            profiles += 1
    if profiles != engine.index.alive:
        faults.add(f"{profiles} profiles are stored, {engine.index.alive} are indexed.")
    every_name = {*having, *engine.index.names()}  # every stored value was found; this finds those never stored
    for name in sorted(every_name, key=str):
        indexed = sum(engine.index.kinds(name).values())
        if indexed != having[name]:
            faults.add(f"{having[name]} profiles are stored with a value of {name}, {indexed} are indexed with one.")
    return profiles


def _happenings_against_index(engine: Engine, faults: _Faults) -> None:
    size = sum(int(code[-1]) for _, code in EVENT_HEAD)  # bytes
    with engine.store.read() as reads:
        every: list[tuple[str, int, Source]] = [
            (f"{name} events", sum(map(len, reads.event_heads(name))) // size, EventsNamed(name))
            for name in reads.event_names()
        ]
        every.append(("conversations", reads.count_conversations(), Conversations()))
    for what, count, source in every:
        indexed = engine.index.event_summary(source)[0]
        if indexed != count:
            faults.add(f"{count} {what} are stored, {indexed} are indexed.")


def _other_values(engine: Engine, stored: StoredProfile, document: Document) -> Iterable[str]:
    value = engine.index.value
    for name, held in document.items():
        if value(name, stored.pid) != held:
            yield f"Profile {stored.id}: the index holds another {name} than the store."


def _other_verdicts(engine: Engine, stored: StoredProfile, moment: Moment) -> Iterable[str]:
    view = StoredView(stored, engine)
    for segment in engine.segments.by_sid.values():
        if segment.rule is not None and evaluate(segment.rule, view, moment) != (stored.pid in segment.members):
            yield f"Profile {stored.id}: the law disagrees with its membership of {segment.stored.name}."


def _membership_against_rules(engine: Engine, moment: Moment, faults: _Faults) -> None:
    for segment, missing, extra in differences(engine, moment):
        faults.add(
            f"{segment.stored.name}: {len(missing)} who should be members are not, {len(extra)} are and should not be."
        )
    alive = engine.index.alive_pids()
    for segment in engine.segments.by_sid.values():
        if segment.members - alive:
            faults.add(f"{segment.stored.name}: some of its members do not exist.")


def _recorded_against_memory(engine: Engine, faults: _Faults) -> None:
    with engine.store.read() as reads:
        recorded, lists = reads.memberships(), reads.list_members()
    for segment in engine.segments.by_sid.values():
        if recorded.get(segment.sid, BitMap()) != segment.members:
            faults.add(f"{segment.stored.name}: the transitions do not add up to its members.")
        if segment.is_static and lists.get(segment.sid, BitMap()) != segment.members:
            faults.add(f"{segment.stored.name}: its stored list is not its members.")


def _sequences(engine: Engine, faults: _Faults) -> None:
    last = 0
    members: dict[int, BitMap] = defaultdict(BitMap)
    with engine.store.read() as reads:
        while page := reads.transitions(after=last, limit=50_000):
            sequences = [last, *(one.sequence for one in page)]
            faults.add(*(f"Sequence {b} follows {a}." for a, b in pairwise(sequences) if b != a + 1))
            for one in page:
                inside = members[one.sid]
                if (one.pid in inside) == (one.action == Action.ENTER):
                    faults.add(f"Sequence {one.sequence}: {one.action} twice in a row.")
                (inside.add if one.action == Action.ENTER else inside.discard)(one.pid)
            last = page[-1].sequence
    if last != engine.last_sequence:
        faults.add(f"The last sequence stored is {last}, in memory {engine.last_sequence}.")
