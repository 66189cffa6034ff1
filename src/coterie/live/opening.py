"""Opening a workspace: rebuild memory from disk, settle what time changed meanwhile, and compare.

The index is loaded from the facts, the memberships from their records. Then time is settled, each
transition at the instant at which it fell due. Then every membership is compared with a fresh
evaluation. Where they differ (a new version or new time zone rules changed the meaning of a rule),
the difference is written as transitions with cause `definition`, and logged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import structlog
from pyroaring import BitMap

from coterie.clock import Clock, zone_named
from coterie.errors import DataDirectoryDamaged, InvalidRule
from coterie.index import Index
from coterie.live.collector import collector_paused
from coterie.live.commit import Definition
from coterie.live.engine import Engine
from coterie.live.loading import Loader
from coterie.live.registry.catalogue import Catalogue
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.live.transitions.batch import TransitionBatch
from coterie.live.writer import Job
from coterie.live.writes.draft import Document, stored_document
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Action, Cause
from coterie.rules.kernel import Source
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.normalize import ANY_SIZE
from coterie.rules.read import read_rule
from coterie.rules.values import Instant
from coterie.rules.walk import changes, columns
from coterie.settings import Settings
from coterie.store.rows import StoredProfile, StoredSegment
from coterie.store.sqlite_errors import RESTORE
from coterie.store.store import Reads, Store

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What reading a damaged document can raise."""

log = structlog.get_logger(__name__)


def open_engine(store: Store, clock: Clock, settings: Settings, *, correct: bool = True) -> Engine:
    """The engine of an opened store, true as of now.

    Unless `correct`, memberships that do not match the rules stay as recorded, for `coterie check`
    to find.
    """
    zone = zone_named(store.zone)
    index = Index(zone=zone, threads=settings.evaluation_threads, cache_bytes_max=settings.leaf_cache_bytes_max)
    wanted: dict[Source, set[str]] = defaultdict(set)
    loader = Loader(index, store)
    with store.read() as reads:
        settled_at = Instant(int(reads.meta("settled_at") or store.created_at))
        segments = SegmentRegistry(Moment(settled_at, zone))
        memberships = _memberships(reads, store.path)
        for stored in reads.segments():
            segment = segments.draft(stored, _rule(stored))
            segment.members = memberships.get(stored.sid, BitMap())
            segments.add(segment)
            if segment.lowered is not None:
                loader.changes_of |= changes(segment.lowered)
                for source, column in columns(segment.lowered):
                    wanted[source].add(column)
        with collector_paused():
            index.load(
                ([profile.pid for profile in batch], _documents(batch, loader.changes_of))
                for batch in reads.all_profiles()
            )
            loader.load_activity(reads, wanted)
        catalogue = Catalogue(
            reads.properties(),
            index,
            lambda segment_id: segment_id in segments.by_id,
            reads.event_names(),
            reads.event_properties(),
        )
    engine = Engine(store, index, segments, catalogue, loader, clock, settings)
    try:
        for segment in segments.by_sid.values():
            if segment.lowered is not None and index.missing(segment.lowered):
                loader.load_missing(segment.lowered)  # events of any name, which are gathered from the others
        for edge in segments.timetable:
            segments.timetable.set_next(edge, index.next_crossing(edge, settled_at))
        engine.catch_up()
        if correct:
            engine.submit(Job(lambda work: (None, Definition(transitions=_corrections(engine, work))), alone=True))
    except BaseException:
        engine.close()
        raise
    return engine


def _documents(batch: Sequence[StoredProfile], changes_of: set[str]) -> list[Document]:
    try:
        return [stored_document(profile, changes_of) for profile in batch]
    except UNREADABLE:
        for profile in batch:  # again, to find which
            try:
                stored_document(profile, changes_of)
            except UNREADABLE as error:
                raise DataDirectoryDamaged(
                    f"The document of profile {profile.id} cannot be read: {error!r}.", hint=RESTORE
                ) from error
        raise


def _memberships(reads: Reads, path: Path) -> dict[int, BitMap]:
    try:
        return reads.memberships()
    except ValueError as error:
        raise DataDirectoryDamaged(
            f"The recorded memberships in {path} cannot be read: {error}.", hint=RESTORE
        ) from error


def _rule(stored: StoredSegment) -> Rule | None:
    try:
        return read_rule(orjson.loads(stored.rule), ANY_SIZE) if stored.rule else None
    except (ValueError, InvalidRule) as error:
        raise DataDirectoryDamaged(
            f"The rule of segment {stored.name} ({stored.id}) cannot be read: {error}",
            hint="If a newer version wrote it, use that one.",
        ) from error


def _corrections(engine: Engine, work: UnitOfWork) -> list[TransitionBatch]:
    transitions: list[TransitionBatch] = []
    for segment, missing, extra in differences(engine, Moment(work.now, engine.zone)):
        log.warning("membership_corrected", segment=segment.id, entered=len(missing), left=len(extra))
        engine.corrections.append(
            f"{segment.stored.name}: the recorded members did not match the rule and were corrected at opening: "
            f"{len(missing)} entered, {len(extra)} left."
        )
        for action, pids in ((Action.ENTER, missing), (Action.EXIT, extra)):
            if pids:
                transitions.append(TransitionBatch(segment, action, Cause.DEFINITION, work.now, pids.to_array()))
    return transitions


def differences(engine: Engine, moment: Moment) -> Iterator[tuple[LiveSegment, BitMap, BitMap]]:
    """Each segment whose recorded members differ from a fresh evaluation: missing, extra."""
    fresh: dict[str, BitMap] = {}
    for segment in engine.segments.in_order():
        if segment.lowered is None:
            fresh[segment.id] = segment.members
            continue
        now_in = engine.index.select(segment.lowered, moment, fresh.__getitem__)
        fresh[segment.id] = now_in
        if now_in != segment.members:
            yield segment, now_in - segment.members, segment.members - now_in
