"""`workspace.segments`: define segments; read their members, now and in the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from coterie.answers import history
from coterie.answers.cursors import read_cursor
from coterie.answers.members import live_segment, member_pids, segments_by_age, segments_of_kind
from coterie.answers.profiles import find_stored, models_of, page_by_offset, pids_with_email
from coterie.live.engine import Engine
from coterie.live.segments import SegmentJobs
from coterie.model import (
    UNSET,
    Action,
    Difference,
    IdempotencyRecord,
    Origin,
    Page,
    Profile,
    Segment,
    SegmentKind,
    SizeAt,
    Unset,
)
from coterie.rules.nodes import Rule
from coterie.rules.normalize import NormalRule, normalize
from coterie.rules.values import Instant


class Segments:
    """The segments of one open workspace."""

    def __init__(self, engine: Engine, jobs: SegmentJobs) -> None:
        self._engine = engine
        self._jobs = jobs

    # --- definitions

    def create(
        self,
        name: str,
        rule: Rule | NormalRule | None = None,
        *,
        kind: SegmentKind = SegmentKind.DYNAMIC,
        description: str | None = None,
        origin: Origin | None = None,
        idempotency: IdempotencyRecord | None = None,
    ) -> Segment:
        """Define a segment; it is counted and live when this returns.

        Raises InvalidInput, InvalidRule, LimitExceeded, IdempotentReplay.
        """
        normal = None if rule is None else normalize(rule)
        return self._engine.define(
            lambda work: self._jobs.create(work, name, normal, kind, description, origin), idempotency=idempotency
        )

    def update(
        self,
        segment_id: str,
        *,
        name: str | Unset = UNSET,
        rule: Rule | NormalRule | Unset = UNSET,
        description: str | None | Unset = UNSET,
        origin: Origin | None | Unset = UNSET,
        idempotency: IdempotencyRecord | None = None,
    ) -> Segment:
        """Change a segment. Fields left UNSET stay; a new rule without an origin drops the old one.

        Raises NotFound, InvalidInput, InvalidRule.
        """
        normal = rule if isinstance(rule, Unset) else normalize(rule)
        return self._engine.define(
            lambda work: self._jobs.update(work, segment_id, name, normal, description, origin), idempotency=idempotency
        )

    def delete(self, segment_id: str) -> None:
        """Raises NotFound, SegmentInUse."""
        self._engine.define(lambda work: self._jobs.delete(work, segment_id))

    def get(self, segment_id: str) -> Segment:
        """Raises NotFound."""
        with self._engine.reading():
            return self._jobs.get(segment_id).to_model()

    def of_profile(self, profile_id: str) -> list[Segment]:
        """The segments that a profile is in, oldest first. Raises NotFound."""
        pid = find_stored(self._engine, profile_id).pid
        with self._engine.reading():
            return [segment.to_model() for segment in segments_by_age(self._engine) if pid in segment.members]

    # --- members

    def add_members(
        self, segment_id: str, profile_ids: Sequence[str], *, idempotency: IdempotencyRecord | None = None
    ) -> int:
        """Add profiles to a static segment; returns how many were not in it before.

        Raises NotFound, InvalidInput.
        """
        return self._change_list(segment_id, profile_ids, idempotency, adding=True)

    def remove_members(
        self, segment_id: str, profile_ids: Sequence[str], *, idempotency: IdempotencyRecord | None = None
    ) -> int:
        """Remove profiles from a static segment; returns how many were in it.

        Raises NotFound, InvalidInput.
        """
        return self._change_list(segment_id, profile_ids, idempotency, adding=False)

    def _change_list(
        self, segment_id: str, profile_ids: Sequence[str], idempotency: IdempotencyRecord | None, *, adding: bool
    ) -> int:
        engine = self._engine
        return engine.write(
            lambda work: engine.profiles.change_list(
                work, self._jobs.get_static(segment_id).sid, profile_ids, adding=adding
            ),
            idempotency=idempotency,
        )

    def members(self, segment_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Profile]:
        """Members by cursor (the `next` of the page before), oldest profile first.

        The cursor names the last member of a page, so a page stays right while members come and
        go. Raises NotFound, InvalidCursor.
        """
        after = read_cursor(cursor, "after")
        with self._engine.reading():
            members = live_segment(self._engine, segment_id).members
            start = members.rank(after) if after is not None else 0
            chosen = list(members[start : start + limit + 1])
            total = len(members)
        profiles = models_of(self._engine, chosen[:limit])
        following = f"after-{chosen[limit - 1]}" if len(chosen) > limit else None
        return Page(tuple(profiles), following, total)

    def members_at(self, segment_id: str, *, offset: int, limit: int, with_email: bool = False) -> Page[Profile]:
        """Members by offset, oldest profile first; `total` is exact. Raises NotFound."""
        engine = self._engine
        with engine.reading() as moment:
            members = live_segment(engine, segment_id).members
            chosen = members & pids_with_email(engine, moment) if with_email else BitMap(members)
        return page_by_offset(engine, chosen, offset, limit)

    def export_members(self, segment_id: str, *, chunk: int = 10_000) -> Iterator[list[Profile]]:
        """The members as of the call, in batches, oldest profile first.

        Profiles deleted meanwhile are left out. Raises NotFound at the call.
        """
        engine = self._engine
        pids = member_pids(engine, segment_id)

        def batches() -> Iterator[list[Profile]]:
            for start in range(0, len(pids), chunk):
                yield models_of(engine, pids[start : start + chunk])

        return batches()

    # --- the past

    def members_as_of(
        self, segment_id: str, at: Instant, *, cursor: str | None = None, limit: int = 100
    ) -> Page[Profile]:
        """Members at a past instant, oldest profile first; also of a deleted segment.

        `total` counts profiles deleted since, which `items` cannot show. Raises NotFound for a
        segment that never existed, InvalidInput for a future instant, InvalidCursor.
        """
        return history.members_as_of(self._engine, segment_id, at, cursor, limit)

    def difference(self, segment_id: str, from_at: Instant, to_at: Instant) -> Difference:
        """What changed after one instant and up to another, and by which causes.

        Raises as `members_as_of` does.
        """
        return history.difference(self._engine, segment_id, from_at, to_at)

    def changed_members(
        self,
        segment_id: str,
        from_at: Instant,
        to_at: Instant,
        *,
        action: Action,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Profile]:
        """Members at the end who were none at the beginning (ENTER), or the reverse (EXIT).

        Raises as `members_as_of` does.
        """
        return history.changed_members(self._engine, segment_id, from_at, to_at, action, cursor, limit)

    def sizes(self, segment_id: str, from_at: Instant, to_at: Instant, *, points: int = 100) -> list[SizeAt]:
        """The size at evenly spaced instants, both ends included.

        Raises as `members_as_of` does; LimitExceeded (`page_max`).
        """
        return history.sizes(self._engine, segment_id, from_at, to_at, points)

    # --- lists

    def list(self, *, offset: int = 0, limit: int | None = None, kind: SegmentKind | None = None) -> Page[Segment]:
        """Segments by offset, oldest first; `total` is exact and `next` is None.

        System segments are listed only when that kind is asked for.
        """
        with self._engine.reading():
            segments = segments_of_kind(self._engine, kind)
            chosen = segments[offset:] if limit is None else segments[offset : offset + limit]
            return Page(tuple(segment.to_model() for segment in chosen), next=None, total=len(segments))

    def list_after(self, cursor: str | None = None, limit: int = 100, kind: SegmentKind | None = None) -> Page[Segment]:
        """Segments by cursor (the `next` of the page before); deletions meanwhile skip none.

        Raises InvalidCursor.
        """
        after = read_cursor(cursor, "segments")
        with self._engine.reading():
            segments = segments_of_kind(self._engine, kind)
            chosen = [segment for segment in segments if after is None or segment.sid > after][: limit + 1]
            items = tuple(segment.to_model() for segment in chosen[:limit])
        following = f"segments-{chosen[limit - 1].sid}" if len(chosen) > limit else None
        return Page(items, following, len(segments))
