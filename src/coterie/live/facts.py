"""Facts of different kinds in one commit, in the order in which they were said: who somebody is, what they did, that two are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from coterie.errors import CoterieError, IdentityConflict
from coterie.live.events import EventIngest
from coterie.live.ingest import Ingest
from coterie.live.merging import merge
from coterie.live.people import People
from coterie.live.round import Round
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


class Facts:
    """Puts them with what reads each kind."""

    def __init__(self, ingest: Ingest, events: EventIngest, people: People) -> None:
        self._ingest = ingest
        self._events = events
        self._people = people

    def put(self, round_: Round, units: Sequence[Sequence[Fact]]) -> list[Write | Rejected]:
        """Unit by unit. Of each, fact after fact until one is refused or is an event that is known; it is answered with the last."""
        facts = [fact for unit in units for fact in unit]
        self._people.load(round_, [ref for fact in facts for ref in _about(fact)])
        round_.happenings.look_up(
            [fact.message_id for fact in facts if isinstance(fact, EventInput) and isinstance(fact.message_id, str)]
        )
        return [self._put_unit(round_, unit) for unit in units]

    def _put_unit(self, round_: Round, unit: Sequence[Fact]) -> Write | Rejected:
        answer: Write | Rejected = ProfileWrite("", Outcome.UNCHANGED)
        for fact in unit:
            try:
                answer = self._put(round_, fact)
            except CoterieError as error:
                return Rejected(error.problems)
            if isinstance(answer, EventWrite) and answer.outcome is EventOutcome.DUPLICATE:
                break
        return answer

    def _put(self, round_: Round, fact: Fact) -> Write:
        match fact:
            case ProfileInput():
                return self._ingest.put(round_, fact, "external_id")
            case EventInput():
                return self._events.put(round_, fact)
            case FirstAccepted(first=first, otherwise=otherwise):
                try:
                    return self._ingest.put(round_, first, "external_id")
                except IdentityConflict:
                    return self._ingest.put(round_, otherwise, "external_id")
            case MergeProfiles(winner=winner, loser=loser):
                return self._join(round_, winner, loser)
            case _:
                assert_never(fact)

    def _join(self, round_: Round, winner: ProfileRef, loser: ProfileRef) -> ProfileWrite:
        known = self._people.find_or_make(round_, winner)
        other = self._people.find_or_make(round_, loser)
        if known is other:
            return ProfileWrite(known.id, Outcome.UNCHANGED)
        merge(round_, known, other)
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
