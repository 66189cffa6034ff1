"""A change of a segment reaches its users, each once and after everything that it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from coterie.live.registry.segments import SegmentRegistry
from coterie.live.transitions.propagation import Propagation
from coterie.model import SegmentKind
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, SegmentCondition
from coterie.rules.values import Instant
from coterie.store.rows import StoredSegment


def registry(uses: Mapping[int, Sequence[int]]) -> SegmentRegistry:
    """Segments by sid, each with the sids that its rule uses; those come before it."""
    segments = SegmentRegistry(Moment(Instant(0), ZoneInfo("UTC")))
    for sid, used in uses.items():
        kind = SegmentKind.DYNAMIC if used else SegmentKind.STATIC
        stored = StoredSegment(sid, f"s{sid}", f"segment {sid}", kind, None, None, None, 1, 0, 0)
        rule = All(tuple(SegmentCondition(f"s{below}") for below in used)) if used else None
        segments.add(segments.draft(stored, rule))
    return segments


def judged(segments: SegmentRegistry, start: Sequence[int], changing: Sequence[int]) -> list[int]:
    """The sids in the order in which they are judged, where those of `changing` change."""
    order = []
    propagation = Propagation(segments, start)
    for segment in propagation:
        order.append(segment.sid)
        if segment.sid in changing:
            propagation.changed(segment)
    return order


DIAMOND = {7: (), 3: (7,), 5: (7,), 2: (3, 5), 1: (2, 7)}


def test_users_come_after_everything_they_use() -> None:
    assert judged(registry(DIAMOND), [7], [7, 3, 5, 2, 1]) == [7, 3, 5, 2, 1]


def test_a_segment_that_stays_as_it_is_queues_nobody() -> None:
    assert judged(registry(DIAMOND), [7], [7]) == [7, 3, 5, 1]
    assert judged(registry(DIAMOND), [7], []) == [7]
    assert judged(registry(DIAMOND), [3], [3]) == [3, 2]


def test_a_segment_with_two_changed_ones_below_it_is_judged_once() -> None:
    assert judged(registry(DIAMOND), [3, 5], [3, 5]) == [3, 5, 2]


def test_changed_names_every_user_whether_queued_or_not() -> None:
    segments = registry(DIAMOND)
    propagation = Propagation(segments, [7, 3])
    assert propagation.changed(segments.by_sid[7]) == {3, 5, 1}
    assert propagation.changed(segments.by_sid[1]) == frozenset()


@given(st.data())
def test_each_once_and_in_dependency_order_whatever_changes(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 9))
    sids = data.draw(st.permutations(range(count)))
    uses = {
        sid: tuple(data.draw(st.lists(st.sampled_from(sids[:place]), max_size=3, unique=True))) if place else ()
        for place, sid in enumerate(sids)
    }
    segments = registry(uses)
    start = data.draw(st.lists(st.sampled_from(sids), min_size=1, unique=True))
    changing = data.draw(st.lists(st.sampled_from(sids), unique=True))
    order = judged(segments, start, changing)
    assert len(order) == len(set(order))
    expected = set(start)
    for sid in sids:  # what a segment uses is drawn before it
        if any(below in expected and below in changing for below in uses[sid]):
            expected.add(sid)
    assert set(order) == expected
    assert all(order.index(below) < order.index(sid) for sid in order for below in uses[sid] if below in order)
