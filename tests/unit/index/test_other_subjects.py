"""Leaves on when a property changed, and samples of profiles."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from coterie.index import Index
from coterie.index.sample import in_sample
from coterie.rules.edges import edges
from coterie.rules.kernel import And, ChangedAt, Complement, IsSet, Sampled, TimeAround
from coterie.rules.moment import Moment
from coterie.rules.sampling import SPACE, bound_of, seed_of
from coterie.rules.sampling import in_sample as by_law
from coterie.rules.values import DAY, Instant

UTC = ZoneInfo("UTC")
NOW = 1_773_576_000_000
MOMENT = Moment(Instant(NOW), UTC)
PLAN_CHANGED = ChangedAt("plan")
HELD = TimeAround(PLAN_CHANGED, None, -14 * DAY)


def nobody(segment_id: str) -> BitMap:
    raise LookupError(segment_id)


def changed(days_ago: int) -> dict[object, object]:
    return {"plan": "free", PLAN_CHANGED: Instant(NOW - days_ago * DAY)}


def test_when_a_property_changed_is_a_time_beside_it() -> None:
    index = Index(zone=UTC)
    index.load([([0, 1, 2], [changed(1), changed(14), {"other": 1.0}])])
    assert list(index.select(HELD, MOMENT, nobody)) == [1]
    assert list(index.select(Complement(IsSet(PLAN_CHANGED)), MOMENT, nobody)) == [2]
    assert index.names() == ["plan", "other"] or set(index.names()) == {"plan", "other"}
    assert index.value(PLAN_CHANGED, 1) == Instant(NOW - 14 * DAY)


def test_it_is_staged_published_and_crossed_like_any_time() -> None:
    index = Index(zone=UTC)
    index.load([([0, 1], [changed(1), changed(14)])])
    staged = index.stage([1, 5], [changed(0), changed(20)], {"plan", PLAN_CHANGED})
    assert staged.evaluate(HELD, MOMENT, lambda _: np.zeros(2, dtype=np.bool_)).tolist() == [False, True]
    index.publish(staged)
    assert list(index.select(HELD, MOMENT, nobody)) == [5]
    (edge,) = edges(HELD)
    assert index.next_crossing(edge, MOMENT.now) == NOW + 13 * DAY
    instants, pids, _ = index.crossings(edge, MOMENT.now, Instant(NOW + 14 * DAY))
    assert sorted(zip(instants.tolist(), pids.tolist(), strict=True)) == [(NOW + 13 * DAY, 0), (NOW + 14 * DAY, 1)]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=5), st.floats(0.001, 100), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_samples_are_the_law_s(salt: str, percent: float, pids: list[int]) -> None:
    leaf = Sampled(seed_of(salt), bound_of(percent))
    expected = [by_law(pid, leaf.seed, leaf.below) for pid in pids]
    assert in_sample(leaf, np.array(pids, dtype=np.int64)).tolist() == expected


def test_a_sample_of_all_rows_grows_with_them_and_leaves_out_who_is_gone() -> None:
    index = Index(zone=UTC)
    leaf = Sampled(seed_of("a"), bound_of(30))
    everybody = Sampled(0, SPACE)
    for rows in (10, 64, 65, 1_000):
        index.publish(index.stage(range(rows), [{} for _ in range(rows)]))
        expected = [pid for pid in range(rows) if by_law(pid, leaf.seed, leaf.below)]
        assert list(index.select(leaf, MOMENT, nobody)) == expected
        assert index.counts([everybody, Complement(everybody)], MOMENT, nobody) == [rows, 0]
    index.publish(index.stage(range(500), [None] * 500))
    assert list(index.select(leaf, MOMENT, nobody)) == [pid for pid in expected if pid >= 500]
    both = And((leaf, Complement(leaf)))
    assert not index.evaluate(both, np.arange(1_100), MOMENT, nobody).any()
    staged = index.stage([700, 2_000], [{}, {}], frozenset())
    assert staged.evaluate(leaf, MOMENT, lambda _: np.zeros(2, dtype=np.bool_)).tolist() == [
        by_law(pid, leaf.seed, leaf.below) for pid in (700, 2_000)
    ]
