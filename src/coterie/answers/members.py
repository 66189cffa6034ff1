"""The segments in memory, and the numbers of their members."""

from __future__ import annotations

from coterie.errors import not_found
from coterie.live.engine import Engine
from coterie.live.registry.segments import LiveSegment
from coterie.model import SegmentKind


def live_segment(engine: Engine, segment_id: str) -> LiveSegment:
    """The segment with this id. Inside `engine.reading()`. Raises NotFound."""
    segment = engine.segments.by_id.get(segment_id)
    if segment is None:
        raise not_found("segment", segment_id)
    return segment


def member_pids(engine: Engine, segment_id: str) -> list[int]:
    """The pids of the members as of now, ascending. Raises NotFound."""
    with engine.reading():
        return list(live_segment(engine, segment_id).members)


def segments_by_age(engine: Engine) -> list[LiveSegment]:
    """Every segment, oldest first. Inside `engine.reading()`."""
    return sorted(engine.segments.by_sid.values(), key=lambda segment: segment.sid)


def segments_of_kind(engine: Engine, kind: SegmentKind | None) -> list[LiveSegment]:
    """Segments of a kind, or without one all but the system segments, oldest first.

    Inside `engine.reading()`.
    """
    return [
        segment
        for segment in segments_by_age(engine)
        if (segment.stored.kind != SegmentKind.SYSTEM if kind is None else segment.stored.kind == kind)
    ]
