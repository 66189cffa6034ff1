"""Write facts of several kinds in one commit, in order: profiles, events, conversations, merges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from coterie.errors import CoterieError, IdentityConflict
from coterie.live.writes.conversations import ConversationWrites
from coterie.live.writes.events import EventWrites, loadable_message_ids
from coterie.live.writes.merging import merge
from coterie.live.writes.organizations import find_or_new, is_new
from coterie.live.writes.profiles import ProfileWrites
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import PartlyApplied, UnitOfWork
from coterie.model import (
    UNSET,
    ConversationInput,
    EventInput,
    EventOutcome,
    EventWrite,
    Fact,
    FactWrite,
    FirstAccepted,
    MergeProfiles,
    Outcome,
    ProfileInput,
    ProfileRef,
    ProfileWrite,
    PutInOrganization,
    Rejected,
    Unset,
)  # fmt: skip
from coterie.settings import Settings


class MixedBatch:
    """Hands each fact to the writes of its kind."""

    def __init__(
        self, settings: Settings, profiles: ProfileWrites, events: EventWrites, conversations: ConversationWrites,
        resolution: IdentityResolution,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._profiles = profiles
        self._events = events
        self._conversations = conversations
        self._resolution = resolution

    def put(self, work: UnitOfWork, units: Sequence[Sequence[Fact]]) -> list[FactWrite | Rejected]:
        """Write unit by unit. Within a unit, stop at the first fact that is rejected or is a
        duplicate event; the last result is the unit's."""
        self._load(work, [fact for unit in units for fact in unit])
        return [self._put_unit(work, unit) for unit in units]

    def put_together(self, work: UnitOfWork, facts: Sequence[Fact]) -> list[FactWrite]:
        """Write all facts, or none.

        Raises the error of the first fact that is refused; where others were applied before it,
        PartlyApplied with that error.
        """
        self._load(work, facts)
        writes: list[FactWrite] = []
        for fact in facts:
            try:
                writes.append(self._put(work, fact))
            except CoterieError as error:
                if writes or isinstance(fact, MergeProfiles):  # a merge may make one profile and refuse the other
                    raise PartlyApplied(error) from error
                raise
        return writes

    def _load(self, work: UnitOfWork, facts: Sequence[Fact]) -> None:
        self._resolution.load(work, [ref for fact in facts for ref in _references(fact)])
        work.activity.load_message_ids(loadable_message_ids([fact for fact in facts if isinstance(fact, EventInput)]))

    def _put_unit(self, work: UnitOfWork, unit: Sequence[Fact]) -> FactWrite | Rejected:
        result: FactWrite | Rejected = ProfileWrite("", Outcome.UNCHANGED)
        for fact in unit:
            try:
                result = self._put(work, fact)
            except CoterieError as error:
                return Rejected(error.problems)
            if isinstance(result, EventWrite) and result.outcome is EventOutcome.DUPLICATE:
                break
        return result

    def _put(self, work: UnitOfWork, fact: Fact) -> FactWrite:
        match fact:
            case ProfileInput():
                return self._profiles.put(work, fact, "external_id")
            case EventInput():
                return self._events.put(work, fact)
            case ConversationInput():
                return self._conversations.put(work, fact)
            case FirstAccepted(first=first, otherwise=otherwise):
                try:
                    return self._profiles.put(work, first, "external_id")
                except IdentityConflict:
                    return self._profiles.put(work, otherwise, "external_id")
            case PutInOrganization(profile=profile, organization=external_id):
                return self._put_in_organization(work, profile, external_id)
            case MergeProfiles(winner=winner, loser=loser):
                return self._merge(work, winner, loser)
            case _:
                assert_never(fact)

    def _put_in_organization(self, work: UnitOfWork, profile: ProfileInput, external_id: str | None) -> ProfileWrite:
        organization = None if external_id is None else find_or_new(work, self._settings, external_id)
        reference = {
            "organization_id": organization and organization.id,
            "external_organization_id": external_id,
        }
        sent = replace(profile, properties={**profile.properties, **reference})
        write = self._profiles.put(work, sent, "external_id")
        if organization is not None and is_new(organization):
            work.tx.put_organization(organization)  # last, since a profile that is refused changes nothing
        return write

    def _merge(self, work: UnitOfWork, winner_ref: ProfileRef, loser_ref: ProfileRef) -> ProfileWrite:
        winner = self._resolution.find_or_create(work, winner_ref)
        loser = self._resolution.find_or_create(work, loser_ref)
        if winner is loser:
            return ProfileWrite(winner.id, Outcome.UNCHANGED)
        merge(work, winner, loser)
        return ProfileWrite(winner.id, Outcome.UPDATED)


def _references(fact: Fact) -> Sequence[ProfileRef]:
    """The profiles that a fact names, to be loaded together."""
    match fact:
        case ProfileInput():
            email = fact.email if isinstance(fact.email, str) else UNSET
            external_id = fact.external_id if isinstance(fact.external_id, str) else UNSET
            return (ProfileRef(fact.id, external_id, email, fact.anonymous_id),)
        case FirstAccepted(first=first) | PutInOrganization(profile=first):
            return _references(first)
        case EventInput():
            return (fact.profile,)
        case ConversationInput(profile=profile):
            return () if isinstance(profile, Unset) else (profile,)
        case MergeProfiles(winner=winner, loser=loser):
            return winner, loser
        case _:
            assert_never(fact)
