"""`coterie check`: is what is in memory what is on disk, and what is recorded what the rules say?"""

from __future__ import annotations

from itertools import pairwise

from coterie.answers.profiles import StoredView
from coterie.live.engine import Engine
from coterie.live.opening import differences
from coterie.live.round import stored_document
from coterie.live.writer import Job
from coterie.model import Action, CheckReport
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment

FAULTS_MAX = 100
"""Faults that are told one by one; beyond it only that there are more."""

LAW_ROWS_MAX = 2_000
"""Profiles that are also judged by the law, beside the index; spread evenly over all of them."""


def check(engine: Engine) -> CheckReport:
    """The file itself, facts against index, recorded membership against a fresh evaluation by the index and (a sample) by the law, sequences without a gap.

    It runs in the writer's turn, so that nothing moves under it: other writes wait until it is through.
    """
    report: CheckReport = engine.submit(
        Job(lambda round_: _checked(engine, Moment(round_.now, engine.zone)), alone=True)
    )
    return report


def _checked(engine: Engine, moment: Moment) -> CheckReport:
    faults = list(engine.store.faults())
    profiles = _facts_against_index(engine, moment, faults)
    _membership_against_rules(engine, moment, faults)
    _recorded_against_memory(engine, faults)
    _sequences(engine, faults)
    if len(faults) > FAULTS_MAX:
        faults[FAULTS_MAX:] = [f"… and {len(faults) - FAULTS_MAX} more."]
    return CheckReport(profiles, len(engine.book.by_sid), engine.last_sequence, tuple(faults))


def _facts_against_index(engine: Engine, moment: Moment, faults: list[str]) -> int:
    profiles = 0
    names = set(engine.index.names())
    every = max(1, engine.index.alive // LAW_ROWS_MAX)
    for batch in engine.store.all_profiles():
        for stored in batch:
            document = stored_document(stored)
            for name in names | document.keys():
                if engine.index.value(name, stored.pid) != document.get(name):
                    faults.append(f"Profile {stored.id}: the index holds another {name} than the store.")
            if profiles % every == 0:
                for segment in engine.book.by_sid.values():
                    view = StoredView(document, stored.pid, engine)
                    if segment.rule is not None and evaluate(segment.rule, view, moment) != (
                        stored.pid in segment.members
                    ):
                        faults.append(
                            f"Profile {stored.id}: the law disagrees with its membership of {segment.stored.name}."
                        )
            profiles += 1
    if profiles != engine.index.alive:
        faults.append(f"{profiles} profiles are stored, {engine.index.alive} are indexed.")
    return profiles


def _membership_against_rules(engine: Engine, moment: Moment, faults: list[str]) -> None:
    for segment, missing, extra in differences(engine, moment):
        faults.append(
            f"{segment.stored.name}: {len(missing)} who should be members are not, {len(extra)} are and should not be."
        )
    alive = engine.index.alive_pids()
    for segment in engine.book.by_sid.values():
        if segment.members - alive:
            faults.append(f"{segment.stored.name}: some of its members do not exist.")


def _recorded_against_memory(engine: Engine, faults: list[str]) -> None:
    recorded = engine.store.memberships()
    lists = engine.store.list_members()
    for segment in engine.book.by_sid.values():
        if recorded.get(segment.sid, set()) != segment.members and (recorded.get(segment.sid) or segment.members):
            faults.append(f"{segment.stored.name}: the transitions do not add up to its members.")
        if (
            segment.is_static
            and (lists.get(segment.sid) or segment.members)
            and lists.get(segment.sid) != segment.members
        ):
            faults.append(f"{segment.stored.name}: its stored list is not its members.")


def _sequences(engine: Engine, faults: list[str]) -> None:
    last = 0
    state: dict[tuple[int, int], str] = {}
    while page := engine.store.transitions(after=last, limit=50_000):
        sequences = [last, *(one.sequence for one in page)]
        faults.extend(f"Sequence {b} follows {a}." for a, b in pairwise(sequences) if b != a + 1)
        for one in page:
            if state.get((one.sid, one.pid), Action.EXIT) == one.action:
                faults.append(f"Sequence {one.sequence}: {one.action} twice in a row.")
            state[one.sid, one.pid] = one.action
        last = page[-1].sequence
    if last != engine.last_sequence:
        faults.append(f"The last sequence stored is {last}, in memory {engine.last_sequence}.")
