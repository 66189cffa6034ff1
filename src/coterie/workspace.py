"""The facade that every dialect calls: the library, the command line, and each HTTP dialect. One-screen methods that delegate.

A workspace is one set of profiles and the segments over them, in one SQLite file, indexed in memory. It is synchronous and may be called
from any thread; writes from many threads are grouped into one commit. A write that has returned is on disk and every segment reflects it.

It is long because every call there is stands here, so that the library can be read on one page; none of them does more than delegate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from coterie.answers import (
    catalogue,
    conversations,
    explain,
    feed,
    history,
    members,
    organizations,
    preview,
    profiles,
    timeline,
)  # fmt: skip
from coterie.answers.check import check
from coterie.clock import Clock, SystemClock, zone_named
from coterie.errors import NotFound
from coterie.live.delivery.deliveries import Deliveries
from coterie.live.delivery.destinations import Destinations
from coterie.live.opening import open_engine
from coterie.live.properties import PropertyJobs
from coterie.live.registry.catalogue import property_of
from coterie.live.segments import SegmentJobs
from coterie.live.system_segments import make_missing
from coterie.live.ticker import Ticker
from coterie.live.writes.organizations import put_organization
from coterie.model import (
    UNSET,
    Action,
    Attempt,
    Cause,
    CheckReport,
    Conversation,
    ConversationInput,
    ConversationWrite,
    Destination,
    DestinationSecret,
    Difference,
    Event,
    EventInput,
    EventName,
    EventProperty,
    EventWrite,
    Explanation,
    Fact,
    FactWrite,
    IdempotencyRecord,
    Message,
    Organization,
    Origin,
    Page,
    Preview,
    Profile,
    ProfileInput,
    ProfileWrite,
    Property,
    PropertyChange,
    PropertySummary,
    Rejected,
    RewriteRules,
    Segment,
    SegmentKind,
    SizeAt,
    Transition,
    Unset,
)  # fmt: skip
from coterie.rules.describe import describe
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.values import Instant, Kind
from coterie.settings import Settings
from coterie.store.store import Store


class Workspace:
    """One workspace, open. `coterie.open` and the server make it; close it, or use it in a `with`."""

    def __init__(
        self, path: Path, *, zone: str = "UTC", clock: Clock | None = None, settings: Settings | None = None,
        correct: bool = True,
    ) -> None:  # fmt: skip
        """Open the workspace file at `path`, or make it with this time zone. The caller holds the data directory's lock.

        Memberships that differ from the rules are corrected, as transitions. With `correct=False` they stay as they were
        recorded, and nothing is delivered, for `coterie check` to find what is wrong.
        """
        clock = clock or SystemClock()
        self.settings = settings or Settings()
        zone_named(zone)
        store = Store.open(path, now=clock.now(), zone=zone)
        try:
            self._engine = open_engine(store, clock, self.settings, correct=correct)
        except BaseException:
            store.close()
            raise
        self._segments = SegmentJobs(self._engine)
        self._properties = PropertyJobs(self._engine, self._segments)
        if correct:
            make_missing(self._engine, self._segments)
        self._ticker = Ticker(self._engine)
        self._deliveries = Deliveries(self._engine, delivers=correct)
        self._destinations = Destinations(self._engine, self._deliveries)
        self._closed = False

    def close(self) -> None:
        """Finish the writes under way and let go of the file. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._deliveries.close()
            self._ticker.close()
            self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def id(self) -> str:
        """Its own UUIDv7, which it keeps wherever its file is moved."""
        return self._engine.store.workspace_id

    @property
    def created_at(self) -> Instant:
        """When it was first opened."""
        return Instant(self._engine.store.created_at)

    @property
    def zone(self) -> str:
        """The time zone in which calendar words and bare dates are cut."""
        return self._engine.store.zone

    def now(self) -> Instant:
        """The instant its answers are of."""
        return self._engine.now()

    # --- profiles

    def put_profile(
        self, profile: ProfileInput, *, match: str = "external_id", idempotency: IdempotencyRecord | None = None
    ) -> ProfileWrite:
        """Upsert one. `match` is the identifier looked up first: "external_id" (falling back to email) or "email".

        Raises InvalidInput, IdentityConflict, IdempotentReplay.
        """
        return self._engine.write(lambda work: self._engine.profiles.put(work, profile, match), idempotency=idempotency)

    def put_profiles(
        self,
        profiles: Sequence[ProfileInput],
        *,
        match: str = "external_id",
        idempotency: IdempotencyRecord | None = None,
    ) -> list[ProfileWrite | Rejected]:
        """Upsert many in one commit, in order; bad ones are refused one by one and the others stored. Raises IdempotentReplay."""
        return self._engine.write(
            lambda work: self._engine.profiles.put_many(work, profiles, match), idempotency=idempotency
        )

    def update_profile(
        self, profile_id: str, profile: ProfileInput, *, idempotency: IdempotencyRecord | None = None
    ) -> ProfileWrite:
        """Change a known profile: what is UNSET, or a property not named, stays. Raises NotFound, InvalidInput, IdentityConflict."""
        known = ProfileInput(profile_id, profile.external_id, profile.email, profile.properties, profile.lists)
        return self.put_profile(known, idempotency=idempotency)

    def delete_profile(self, profile_id: str, *, erase: bool = False) -> None:
        """It leaves every segment, with cause `profile_deleted`; its events and conversations go with it. Raises NotFound.

        With `erase`, data that names it later is refused (Suppressed).
        """
        self._engine.write(lambda work: self._engine.profiles.delete(work, profile_id, erase=erase))

    def merge_profiles(self, winner_id: str, loser_id: str, *, idempotency: IdempotencyRecord | None = None) -> Profile:
        """Two profiles are one person: the loser's events, conversations, lists and names move to the winner. Raises NotFound, InvalidInput."""
        merged = self._engine.write(
            lambda work: self._engine.profiles.merge(work, winner_id, loser_id), idempotency=idempotency
        )
        return self.get_profile(merged)

    def get_profile(
        self, profile_id: str | None = None, *, external_id: str | None = None, email: str | None = None,
        anonymous_id: str | None = None,
    ) -> Profile:  # fmt: skip
        """One profile, by exactly one identifier, or by one of a profile that was merged into it. Raises NotFound, InvalidInput."""
        found = profiles.find_stored(self._engine, profile_id, external_id, email, anonymous_id)
        return profiles.shown(self._engine, [found])[0]

    def profiles(self, *, offset: int = 0, limit: int = 100, with_email: bool = False) -> Page[Profile]:
        """Oldest first; `total` is exact; `next` is None (page by offset)."""
        return profiles.listed(self._engine, offset, limit, only_with_email=with_email)

    def matching(self, rule: Rule, *, offset: int, limit: int) -> Page[Profile]:
        """Those for which a rule holds, oldest first, by place; `total` is exact. Raises InvalidRule."""
        return profiles.matching(self._engine, rule, offset, limit)

    def profiles_after(self, cursor: str | None = None, limit: int = 100) -> Page[Profile]:
        """Oldest first, by cursor: `next` of the page before. Deletions meanwhile skip nobody. Raises InvalidCursor."""
        return profiles.profiles_after(self._engine, cursor, limit)

    def profile_segments(self, profile_id: str) -> list[Segment]:
        """The segments that a profile is in, oldest first. Raises NotFound."""
        found = profiles.find_stored(self._engine, profile_id, None, None)
        return profiles.segments_of(self._engine, found)

    # --- events and conversations

    def put_event(self, event: EventInput, *, idempotency: IdempotencyRecord | None = None) -> EventWrite:
        """Store one, unless its message id is stored already. Raises InvalidInput, NotFound, IdentityConflict, Suppressed, IdempotentReplay."""
        return self._engine.write(lambda work: self._engine.events.put(work, event), idempotency=idempotency)

    def put_events(
        self, events: Sequence[EventInput], *, idempotency: IdempotencyRecord | None = None
    ) -> list[EventWrite | Rejected]:
        """Store many in one commit, in order; bad ones are refused one by one. Raises IdempotentReplay."""
        return self._engine.write(lambda work: self._engine.events.put_many(work, events), idempotency=idempotency)

    def put_conversation(
        self, conversation: ConversationInput, *, idempotency: IdempotencyRecord | None = None
    ) -> ConversationWrite:
        """Make a conversation, or change or continue a known one. Raises as `put_event` does; NotFound for an `id` nobody has."""
        return self._engine.write(
            lambda work: self._engine.conversations.put(work, conversation), idempotency=idempotency
        )

    def put_conversations(
        self, conversations: Sequence[ConversationInput], *, idempotency: IdempotencyRecord | None = None
    ) -> list[ConversationWrite | Rejected]:
        """Many in one commit, in order; bad ones are refused one by one. Raises IdempotentReplay."""
        return self._engine.write(
            lambda work: self._engine.conversations.put_many(work, conversations), idempotency=idempotency
        )

    def timeline(
        self, profile_id: str, *, name: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Event]:
        """What a profile did, newest first; of one name or of all. Raises NotFound, InvalidCursor."""
        return timeline.timeline(self._engine, profile_id, name, cursor, limit)

    def event_names(self) -> list[EventName]:
        """Every name that an event ever had, in order of first arrival."""
        return timeline.event_names(self._engine)

    def event_properties(self, name: str) -> list[EventProperty]:
        """The properties that events of a name have had, by name. Raises NotFound."""
        return timeline.event_properties(self._engine, name)

    def get_conversation(self, conversation_id: str | None = None, *, external_id: str | None = None) -> Conversation:
        """One conversation, by exactly one identifier. Raises NotFound, InvalidInput."""
        return conversations.get(self._engine, conversation_id, external_id)

    def conversations(
        self, *, profile_id: str | None = None, product_id: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Conversation]:  # fmt: skip
        """Oldest first, by cursor. Raises NotFound for an unknown profile, InvalidCursor."""
        return conversations.by_cursor(self._engine, profile_id, product_id, cursor, limit)

    def conversations_at(
        self, *, offset: int, limit: int, profile_id: str | None = None, product_id: str | None = None
    ) -> Page[Conversation]:
        """Oldest first, by place; `total` is exact. Raises NotFound for an unknown profile."""
        return conversations.by_offset(self._engine, profile_id, product_id, offset, limit)

    def messages(self, conversation_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Message]:
        """The messages of a conversation, in the order in which they were added. Raises NotFound, InvalidCursor."""
        return conversations.messages(self._engine, conversation_id, cursor, limit)

    def conversation_of_message(self, message_id: str | None = None, *, external_id: str | None = None) -> Conversation:
        """The one that a message is of, by exactly one identifier. Raises NotFound; InvalidInput where several have one with the external id."""
        return conversations.of_message(self._engine, message_id, external_id)

    def member_conversations(self, segment_id: str) -> Iterator[list[Conversation]]:
        """The conversations of the members as of the call, in batches, each member's in order of arrival. Raises NotFound at the call."""
        return conversations.of_members(self._engine, segment_id)

    # --- organizations

    def put_organization(
        self, external_id: str, *, name: str | None | Unset = UNSET, properties: Mapping[str, object] | None = None
    ) -> Organization:
        """Make it, or change it: what is UNSET, or a property not named, stays; None removes. Raises InvalidInput."""
        return self._engine.write(
            lambda work: put_organization(work, self.settings, external_id, name, properties or {})
        )

    def get_organization(self, organization_id: str | None = None, *, external_id: str | None = None) -> Organization:
        """One organization, by exactly one identifier. Raises NotFound, InvalidInput."""
        return organizations.get(self._engine, organization_id, external_id)

    def organizations(self, *, offset: int = 0, limit: int = 100) -> Page[Organization]:
        """Oldest first, by place; `total` is exact."""
        return organizations.listed(self._engine, offset, limit)

    # --- facts together

    def put_facts(
        self, units: Sequence[Sequence[Fact]], *, idempotency: IdempotencyRecord | None = None
    ) -> list[FactWrite | Rejected]:
        """Write facts of different kinds in one commit, in order. The facts of a unit belong
        together: they are written until one is rejected or is a duplicate event; the last result is
        the unit's. Raises IdempotentReplay."""
        return self._engine.write(lambda work: self._engine.mixed_batch.put(work, units), idempotency=idempotency)

    def put_together(self, facts: Sequence[Fact], *, idempotency: IdempotencyRecord | None = None) -> list[FactWrite]:
        """Write all these facts in one commit, or none of them; one result for each fact.

        Raises the error of the first fact that is refused, and IdempotentReplay."""
        return self._engine.write(
            lambda work: self._engine.mixed_batch.put_together(work, facts), idempotency=idempotency
        )

    # --- properties

    def properties(self) -> list[Property]:
        """Every property declared or seen, by name."""
        with self._engine.reading():
            return [property_of(one) for _, one in sorted(self._engine.catalogue.by_name.items())]

    def get_property(self, property_id: str) -> Property:
        """Raises NotFound."""
        with self._engine.reading():
            found = self._engine.catalogue.by_id(property_id)
        if found is None:
            raise NotFound(f"There is no property {property_id}.")
        return property_of(found)

    def describe_property(self, name: str) -> PropertySummary:
        """What is known of one property: kinds, how many profiles have it, top values or range. Raises NotFound."""
        return catalogue.summary(self._engine, name)

    def declare_property(
        self, name: str, type: Kind | None | Unset = UNSET, *, fallback: str | None | Unset = UNSET,
        rewrite: RewriteRules | None = None, idempotency: IdempotencyRecord | None = None,
    ) -> PropertyChange:  # fmt: skip
        """Declare a property, or change its declaration. Stored values are converted; those that
        cannot be become missing. `rewrite` says which rules of segments change in the same commit;
        origins stay. Raises InvalidInput, Conflict, InvalidRule."""
        return self._engine.define(
            lambda work: self._properties.declare(work, name, type, fallback, rewrite), idempotency=idempotency
        )

    def rename_property(self, property_id: str, name: str) -> Property:
        """Give the property and every value of it another name. Raises NotFound, Conflict (taken), PropertyInUse."""
        return self._engine.define(lambda work: self._properties.rename(work, property_id, name))

    def delete_property(self, property_id: str) -> None:
        """Forget the property and every value of it. Raises NotFound, PropertyInUse when a segment's rule looks at it."""
        self._engine.define(lambda work: self._properties.delete(work, property_id))

    # --- segments

    def create_segment(
        self, name: str, rule: Rule | None = None, *, kind: SegmentKind = SegmentKind.DYNAMIC, description: str | None = None,
        origin: Origin | None = None, idempotency: IdempotencyRecord | None = None,
    ) -> Segment:  # fmt: skip
        """Define a segment; it is counted and live when this returns. Raises InvalidInput, IdempotentReplay."""
        return self._engine.define(
            lambda work: self._segments.create(work, name, rule, kind, description, origin), idempotency=idempotency
        )

    def update_segment(
        self, segment_id: str, *, name: str | Unset = UNSET, rule: Rule | Unset = UNSET, description: str | None | Unset = UNSET,
        origin: Origin | None | Unset = UNSET, idempotency: IdempotencyRecord | None = None,
    ) -> Segment:  # fmt: skip
        """Fields left UNSET stay. A new rule without a new origin drops the old origin. Raises NotFound, InvalidInput."""
        return self._engine.define(
            lambda work: self._segments.update(work, segment_id, name, rule, description, origin),
            idempotency=idempotency,
        )

    def delete_segment(self, segment_id: str) -> None:
        """Raises NotFound, SegmentInUse."""
        self._engine.define(lambda work: self._segments.delete(work, segment_id))

    def get_segment(self, segment_id: str) -> Segment:
        """Raises NotFound."""
        with self._engine.reading():
            return self._segments.get(segment_id).shown()

    def segments(self, *, offset: int = 0, limit: int | None = None, kind: SegmentKind | None = None) -> Page[Segment]:
        """Oldest first; `total` is exact; `next` is None (page by offset). The system segments only where that kind is asked for."""
        with self._engine.reading():
            found = profiles.of_kind(self._engine, kind)
            chosen = found[offset:] if limit is None else found[offset : offset + limit]
            return Page(tuple(one.shown() for one in chosen), next=None, total=len(found))

    def segments_after(
        self, cursor: str | None = None, limit: int = 100, kind: SegmentKind | None = None
    ) -> Page[Segment]:
        """The same by cursor: `next` of the page before. Deletions meanwhile skip none. Raises InvalidCursor."""
        return profiles.segments_after(self._engine, cursor, limit, kind)

    def add_members(
        self, segment_id: str, profile_ids: Sequence[str], *, idempotency: IdempotencyRecord | None = None
    ) -> int:
        """Add profiles to a static segment; returns how many were not in it before. Raises NotFound, InvalidInput."""
        return self._change_list(segment_id, profile_ids, idempotency, adding=True)

    def remove_members(
        self, segment_id: str, profile_ids: Sequence[str], *, idempotency: IdempotencyRecord | None = None
    ) -> int:
        """Take profiles out of a static segment; returns how many were in it. Raises NotFound, InvalidInput."""
        return self._change_list(segment_id, profile_ids, idempotency, adding=False)

    def _change_list(
        self, segment_id: str, profile_ids: Sequence[str], idempotency: IdempotencyRecord | None, *, adding: bool
    ) -> int:
        return self._engine.write(
            lambda work: self._engine.profiles.change_list(
                work, self._segments.get_static(segment_id).sid, profile_ids, adding=adding
            ),
            idempotency=idempotency,
        )

    # --- questions

    def parse_rule(self, document: object) -> Rule:
        """Read a rule from JSON values, within this workspace's limits. Raises InvalidRule naming every fault."""
        return read_rule(document, self.settings.rule_limits())

    def sentence(self, rule: Rule) -> str:
        """The rule in English."""
        return describe(rule, preview.name_of(self._engine))

    def preview(self, rule: Rule, *, compare_to: str | None = None, sample: int = 10) -> Preview:
        """Count a rule and each of its nodes, as of now. Raises InvalidRule, NotFound (`compare_to`)."""
        return preview.preview(self._engine, rule, compare_to, sample)

    def members(self, segment_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Profile]:
        """Oldest profile first, by cursor. Raises NotFound, InvalidCursor."""
        return members.by_cursor(self._engine, segment_id, cursor, limit)

    def members_at(self, segment_id: str, *, offset: int, limit: int, with_email: bool = False) -> Page[Profile]:
        """Oldest profile first, by place; `total` counts the same profiles. Raises NotFound."""
        return members.by_offset(self._engine, segment_id, offset, limit, only_with_email=with_email)

    def export_members(self, segment_id: str, *, chunk: int = 10_000) -> Iterator[list[Profile]]:
        """The members as of the call, in batches, oldest profile first. Raises NotFound at the call."""
        return members.export(self._engine, segment_id, chunk)

    def members_as_of(
        self, segment_id: str, at: Instant, *, cursor: str | None = None, limit: int = 100
    ) -> Page[Profile]:
        """Who was in at a past instant, oldest profile first; also of a deleted segment. `total` counts profiles deleted since, `items` cannot show them.

        Raises NotFound for a segment that never was, InvalidInput for an instant to come, InvalidCursor.
        """
        return history.members_as_of(self._engine, segment_id, at, cursor, limit)

    def difference(self, segment_id: str, from_at: Instant, to_at: Instant) -> Difference:
        """What changed in a segment after one instant and up to another, and by which causes. Raises as `members_as_of` does."""
        return history.difference(self._engine, segment_id, from_at, to_at)

    def changed_members(
        self, segment_id: str, from_at: Instant, to_at: Instant, *, action: Action, cursor: str | None = None, limit: int = 100
    ) -> Page[Profile]:  # fmt: skip
        """Who is in at the end and was not at the beginning (ENTER), or the other way round (EXIT). Raises as `members_as_of` does."""
        return history.changed_members(self._engine, segment_id, from_at, to_at, action, cursor, limit)

    def sizes(self, segment_id: str, from_at: Instant, to_at: Instant, *, points: int = 100) -> list[SizeAt]:
        """The size of a segment at evenly spaced instants, both ends included. Raises as `members_as_of` does; LimitExceeded (`page_max`)."""
        return history.sizes(self._engine, segment_id, from_at, to_at, points)

    def explain(self, profile_id: str, segment_id: str) -> Explanation:
        """Why the profile is in the segment or out of it, condition by condition. Raises NotFound."""
        return explain.explain(self._engine, profile_id, segment_id)

    def transitions(
        self, *, after: int = 0, limit: int = 100, segment_id: str | None = None, profile_id: str | None = None,
        action: Action | None = None, cause: Cause | None = None,
    ) -> Page[Transition]:  # fmt: skip
        """In order of sequence. `next` is the sequence to give as `after`, as text; None only when there are no items."""
        return feed.transitions(self._engine, after, limit, segment_id, profile_id, action, cause)

    def wait_for_transitions(self, after: int, timeout: float) -> int:
        """The last sequence there is, as soon as it is greater than `after`, or when `timeout` seconds are up."""
        return self._engine.wait_for_transitions(after, timeout)

    # --- destinations

    def create_destination(
        self, url: str, *, description: str | None = None, segments: Sequence[str] | None = None,
        actions: Sequence[Action] | None = None, causes: Sequence[Cause] | None = None, after: int | None = None,
    ) -> tuple[Destination, DestinationSecret]:  # fmt: skip
        """A webhook: transitions that the filters let through (None: all) are delivered to `url`, from now on or after a sequence. The secret,
        which signs them, is shown this once. Raises InvalidInput, LimitExceeded."""
        return self._destinations.create(url, description, segments, actions, causes, after)

    def update_destination(
        self, destination_id: str, *, url: str | Unset = UNSET, description: str | None | Unset = UNSET,
        segments: Sequence[str] | None | Unset = UNSET, actions: Sequence[Action] | None | Unset = UNSET,
        causes: Sequence[Cause] | None | Unset = UNSET, enabled: bool | Unset = UNSET,
    ) -> Destination:  # fmt: skip
        """Fields left UNSET stay. `enabled=True` sends again at once, also what waits; False sends nothing more. Raises NotFound, InvalidInput."""
        return self._destinations.update(destination_id, url, description, segments, actions, causes, enabled)

    def delete_destination(self, destination_id: str) -> None:
        """With its secrets and what waits. Raises NotFound."""
        self._destinations.delete(destination_id)

    def get_destination(self, destination_id: str) -> Destination:
        """Raises NotFound."""
        return self._destinations.get(destination_id)

    def destinations(self) -> list[Destination]:
        """The oldest first."""
        return self._destinations.all()

    def rotate_secret(self, destination_id: str, overlap_for: int = 86_400) -> DestinationSecret:
        """A new secret; the one before signs too for `overlap_for` seconds. Raises NotFound, InvalidInput."""
        return self._destinations.rotate_secret(destination_id, overlap_for)

    def replay(self, destination_id: str, from_sequence: int) -> Destination:
        """Deliver again what the filters let through, from a sequence on. Raises NotFound, InvalidInput."""
        return self._destinations.replay(destination_id, from_sequence)

    def attempts(self, destination_id: str, limit: int = 100) -> list[Attempt]:
        """The last attempts at delivering, the latest first. Raises NotFound."""
        return self._destinations.attempts(destination_id, limit)

    # --- the whole

    def check(self) -> CheckReport:
        """Verify facts against index, and recorded membership against a fresh evaluation."""
        return check(self._engine)

    def compact(self) -> tuple[int, int]:
        """Write the file anew, so that nothing that was deleted is left in it. Returns the bytes on disk before and after. Writes wait meanwhile."""
        return self._engine.store.compact()

    def counts(self) -> Mapping[str, int]:
        """For metrics: how many there are of each thing, bytes of the index, and how deliveries go."""
        engine = self._engine
        return {
            "profiles": engine.index.alive,
            "segments": len(engine.segments.by_sid),
            "properties": len(engine.catalogue.by_name),
            "transitions": engine.last_sequence,
            "index_bytes": engine.index.bytes(),
            **self._deliveries.counts(),
        }
