"""Who is in a segment: by cursor, by place, and all of them for an export."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from coterie.answers.profiles import of_pids, page_by_offset, read_cursor, with_email
from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.model import Page, Profile


def _members(engine: Engine, segment_id: str) -> BitMap:
    segment = engine.segments.by_id.get(segment_id)
    if segment is None:
        raise NotFound(f"There is no segment {segment_id}.")
    return segment.members


def by_cursor(engine: Engine, segment_id: str, cursor: str | None, limit: int) -> Page[Profile]:
    """Oldest profile first. The cursor is the last profile shown, so a page stays right while members come and go."""
    after = read_cursor(cursor, "after")
    with engine.reading():
        members = _members(engine, segment_id)
        start = members.rank(after) if after is not None else 0
        chosen = list(members[start : start + limit + 1])
        total = len(members)
    found = of_pids(engine, chosen[:limit])
    following = f"after-{chosen[limit - 1]}" if len(chosen) > limit else None
    return Page(tuple(found), following, total)


def by_offset(engine: Engine, segment_id: str, offset: int, limit: int, *, only_with_email: bool) -> Page[Profile]:
    """A page of members by its place, for faces that number their pages; `total` is exact. Raises NotFound."""
    with engine.reading() as moment:
        members = _members(engine, segment_id)
        chosen = members & with_email(engine, moment) if only_with_email else BitMap(members)
    return page_by_offset(engine, chosen, offset, limit)


def export(engine: Engine, segment_id: str, chunk: int) -> Iterator[list[Profile]]:
    """The members as of now, in batches. Who is deleted meanwhile is left out."""
    pids = members_of(engine, segment_id)

    def batches() -> Iterator[list[Profile]]:
        for start in range(0, len(pids), chunk):
            yield of_pids(engine, pids[start : start + chunk])

    return batches()


def members_of(engine: Engine, segment_id: str) -> list[int]:
    """The members as of now, by number. Raises NotFound."""
    with engine.reading():
        return list(_members(engine, segment_id))
