"""One open workspace: its groups of calls, questions about rules, and the whole.

A workspace is one SQLite file, indexed in memory. It is synchronous and may be called from any
thread; writes from many threads are grouped into one commit. A write that has returned is on disk
and every segment reflects it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from coterie.answers import explain, preview
from coterie.answers.check import check
from coterie.clock import Clock, SystemClock, zone_named
from coterie.live.delivery.deliveries import Deliveries
from coterie.live.delivery.destinations import Destinations
from coterie.live.opening import open_engine
from coterie.live.segments import SegmentJobs
from coterie.live.system_segments import create_missing
from coterie.live.ticker import Ticker
from coterie.model import (
    CheckReport,
    Explanation,
    Fact,
    FactWrite,
    IdempotencyRecord,
    Preview,
    Rejected,
)
from coterie.rules.describe import describe
from coterie.rules.nodes import Rule
from coterie.rules.normalize import NormalRule, normalize, parse
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.store import Store
from coterie.workspace.conversations import Conversations
from coterie.workspace.events import Events
from coterie.workspace.organizations import Organizations
from coterie.workspace.profiles import Profiles
from coterie.workspace.properties import Properties
from coterie.workspace.segments import Segments
from coterie.workspace.transitions import Transitions


class Workspace:
    """One workspace, open. Close it, or use it in a `with`. `coterie.open` and `Server` make it."""

    profiles: Profiles
    events: Events
    conversations: Conversations
    organizations: Organizations
    properties: Properties
    segments: Segments
    transitions: Transitions
    destinations: Destinations

    def __init__(
        self,
        path: Path,
        *,
        zone: str = "UTC",
        clock: Clock | None = None,
        settings: Settings | None = None,
        correct: bool = True,
    ) -> None:
        """Open the workspace file at `path`, created with this time zone where it is missing.

        Memberships that differ from what the rules say are corrected by transitions; with
        `correct=False` they stay as recorded, nothing is delivered, and `check` reports them.
        The caller holds the data directory's lock.
        """
        clock = clock or SystemClock()
        self.settings = settings or Settings()
        zone_named(zone)
        store = Store.open(path, now=clock.now(), zone=zone)
        try:
            self._engine = engine = open_engine(store, clock, self.settings, correct=correct)
        except BaseException:
            store.close()
            raise
        segment_jobs = SegmentJobs(engine)
        if correct:
            create_missing(engine, segment_jobs)
        self._ticker = Ticker(engine)
        self._deliveries = Deliveries(engine, delivers=correct)
        self._closed = False
        self.profiles = Profiles(engine)
        self.events = Events(engine)
        self.conversations = Conversations(engine)
        self.organizations = Organizations(engine)
        self.properties = Properties(engine)
        self.segments = Segments(engine, segment_jobs)
        self.transitions = Transitions(engine)
        self.destinations = Destinations(engine, self._deliveries)

    def close(self) -> None:
        """Finish the writes under way and release the file. A second call does nothing."""
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
        """The workspace's UUIDv7; it stays the same wherever the file is moved."""
        return self._engine.store.workspace_id

    @property
    def created_at(self) -> Instant:
        """When the workspace was first opened."""
        return Instant(self._engine.store.created_at)

    @property
    def zone(self) -> str:
        """The time zone in which calendar words and bare dates are cut."""
        return self._engine.store.zone

    def now(self) -> Instant:
        """The instant that answers are true of."""
        return self._engine.now()

    # --- facts of several kinds

    def put_facts(
        self, units: Sequence[Sequence[Fact]], *, idempotency: IdempotencyRecord | None = None
    ) -> list[FactWrite | Rejected]:
        """Write facts of different kinds in one commit, in order.

        The facts of a unit belong together: they are written until one is rejected or is a
        duplicate event, and the last result is the unit's. Raises IdempotentReplay.
        """
        return self._engine.write(lambda work: self._engine.mixed_batch.put(work, units), idempotency=idempotency)

    def put_together(self, facts: Sequence[Fact], *, idempotency: IdempotencyRecord | None = None) -> list[FactWrite]:
        """Write all these facts in one commit, or none of them; one result for each fact.

        Raises the error of the first fact that is refused, and IdempotentReplay.
        """
        return self._engine.write(
            lambda work: self._engine.mixed_batch.put_together(work, facts), idempotency=idempotency
        )

    # --- rules

    def parse_rule(self, document: object) -> NormalRule:
        """Read a rule from JSON values within this workspace's limits; `.rule` has its nodes.

        Raises InvalidRule, which names every problem.
        """
        return parse(document, self.settings.rule_limits())

    def sentence(self, rule: Rule) -> str:
        """The rule in English."""
        return describe(rule, preview.name_of(self._engine))

    def preview(self, rule: Rule | NormalRule, *, compare_to: str | None = None, sample: int = 10) -> Preview:
        """Count a rule and each of its nodes as of now.

        Raises InvalidRule, NotFound (`compare_to`).
        """
        return preview.preview(self._engine, normalize(rule).rule, compare_to, sample)

    def explain(self, profile_id: str, segment_id: str) -> Explanation:
        """Why the profile is in the segment or not, condition by condition. Raises NotFound."""
        return explain.explain(self._engine, profile_id, segment_id)

    # --- the whole

    def check(self) -> CheckReport:
        """Verify facts against the index, and recorded membership against a fresh evaluation."""
        return check(self._engine)

    def compact(self) -> tuple[int, int]:
        """Rewrite the file, so that no trace of deleted data is left in it; writes wait meanwhile.

        Returns the bytes on disk before and after.
        """
        return self._engine.store.compact()

    def counts(self) -> Mapping[str, int]:
        """Counts for metrics: profiles, segments, bytes of the index, deliveries and so on."""
        engine = self._engine
        return {
            "profiles": engine.index.alive,
            "segments": len(engine.segments.by_sid),
            "properties": len(engine.catalogue.by_name),
            "transitions": engine.last_sequence,
            "index_bytes": engine.index.bytes(),
            **self._deliveries.counts(),
        }
