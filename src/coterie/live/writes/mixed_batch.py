"""MixedBatch of different kinds in one commit, in the order in which they were said: who somebody is, what they did, that two are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from coterie.errors import CoterieError, IdentityConflict
from coterie.live.writes.events import EventWrites
from coterie.live.writes.merging import merge
from coterie.live.writes.profiles import ProfileWrites
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import (
    UNSET,
    EventInput,
    EventOutcome,
    EventWrite,
    Fact,
    FirstAccepted,
    MergeProfiles,
    Outcome,
    ProfileInput,
    ProfileRef,
    ProfileWrite,
    Rejected,
)  # fmt: skip

Write = ProfileWrite | EventWrite


class MixedBatch:
    """Puts them with what reads each kind."""

    def __init__(self, profiles: ProfileWrites, events: EventWrites, resolution: IdentityResolution) -> None:
        self._profiles = profiles
        self._events = events
        self._resolution = resolution

    def put(self, work: UnitOfWork, units: Sequence[Sequence[Fact]]) -> list[Write | Rejected]:
        """Unit by unit. Of each, fact after fact until one is refused or is an event that is known; it is answered with the last."""
        facts = [fact for unit in units for fact in unit]
        self._resolution.load(work, [ref for fact in facts for ref in _about(fact)])
        work.activity.look_up(
            [fact.message_id for fact in facts if isinstance(fact, EventInput) and isinstance(fact.message_id, str)]
        )
        return [self._put_unit(work, unit) for unit in units]

    def _put_unit(self, work: UnitOfWork, unit: Sequence[Fact]) -> Write | Rejected:
        answer: Write | Rejected = ProfileWrite("", Outcome.UNCHANGED)
        for fact in unit:
            try:
                answer = self._put(work, fact)
            except CoterieError as error:
                return Rejected(error.problems)
            if isinstance(answer, EventWrite) and answer.outcome is EventOutcome.DUPLICATE:
                break
        return answer

    def _put(self, work: UnitOfWork, fact: Fact) -> Write:
        match fact:
            case ProfileInput():
                return self._profiles.put(work, fact, "external_id")
            case EventInput():
                return self._events.put(work, fact)
            case FirstAccepted(first=first, otherwise=otherwise):
                try:
                    return self._profiles.put(work, first, "external_id")
                except IdentityConflict:
                    return self._profiles.put(work, otherwise, "external_id")
            case MergeProfiles(winner=winner, loser=loser):
                return self._join(work, winner, loser)
            case _:
                assert_never(fact)

    def _join(self, work: UnitOfWork, winner: ProfileRef, loser: ProfileRef) -> ProfileWrite:
        known = self._resolution.find_or_make(work, winner)
        other = self._resolution.find_or_make(work, loser)
        if known is other:
            return ProfileWrite(known.id, Outcome.UNCHANGED)
        merge(work, known, other)
        return ProfileWrite(known.id, Outcome.UPDATED)


def _about(fact: Fact) -> Sequence[ProfileRef]:
    """Whom the fact names, to be fetched with the others."""
    match fact:
        case ProfileInput():
            email = fact.email if isinstance(fact.email, str) else UNSET
            external_id = fact.external_id if isinstance(fact.external_id, str) else UNSET
            return (ProfileRef(fact.id, external_id, email, fact.anonymous_id),)
        case FirstAccepted(first=first):
            return _about(first)
        case EventInput():
            return (fact.profile,)
        case MergeProfiles(winner=winner, loser=loser):
            return winner, loser
        case _:
            assert_never(fact)
