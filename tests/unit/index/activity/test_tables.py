"""Tables beyond single answers.

Many rows against NumPy, answers that outlive writes and time, tails, readers beside a writer,
columns that are not loaded.
"""

from __future__ import annotations

import threading
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyroaring import BitMap

from coterie.index import Changes, Index, Loaded, Row
from coterie.index.activity import measure_cache
from coterie.rules.kernel import (
    AT,
    BooleanIs,
    Conversations,
    EventsNamed,
    Followed,
    Lowered,
    LoweredStep,
    Measured,
    NumberRange,
    TextIn,
    TimeAround,
)
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, Instant

UTC = ZoneInfo("UTC")
NOW = 1_773_576_000_000
MOMENT = Moment(Instant(NOW), UTC)
BUY, VIEW, ANY = EventsNamed("buy"), EventsNamed("view"), EventsNamed(None)
PROFILES, ROWS = 20_000, 100_000
SO_FAR = (TimeAround(AT, None, 0),)


def last(days: int) -> tuple[TimeAround, ...]:
    return (TimeAround(AT, 1 - days * DAY, 0),)


def nobody(segment_id: str) -> BitMap:
    raise LookupError(segment_id)


def count(source: EventsNamed | Conversations, window: tuple[TimeAround, ...], low: float) -> NumberRange:
    return NumberRange(Measured(source, "count", None, window, None), low=low)


class Drawn:
    """Events as arrays."""

    def __init__(self, seed: int, first: int) -> None:
        rng = np.random.default_rng(seed)
        self.numbers = np.arange(first, first + ROWS)
        self.pids = rng.integers(0, PROFILES, ROWS)
        self.ats = NOW - rng.integers(-DAY, 100 * DAY, ROWS)
        self.totals = np.round(rng.gamma(2, 30, ROWS), 2)
        self.kinds = np.array(["web", "app", "shop"])[rng.integers(0, 3, ROWS)]

    def loaded(self) -> list[Loaded]:
        columns = {"total": self.totals.tolist(), "kind": self.kinds.tolist()}
        return [Loaded(self.numbers, self.pids, self.ats, columns)]


@pytest.fixture(scope="module")
def drawn() -> dict[EventsNamed, Drawn]:
    return {BUY: Drawn(1, 0), VIEW: Drawn(2, ROWS)}


@pytest.fixture
def index(drawn: dict[EventsNamed, Drawn]) -> Index:
    made = Index(zone=UTC, threads=2)
    made.load([(range(PROFILES), [{}] * PROFILES)])
    for source, events in drawn.items():
        made.load_activity(source, events.loaded())
    return made


def counted(events: Drawn, mask: np.ndarray) -> np.ndarray:
    return np.bincount(events.pids[mask], minlength=PROFILES)


def test_many_rows_are_counted_as_numpy_counts_them(index: Index, drawn: dict[EventsNamed, Drawn]) -> None:
    buy = drawn[BUY]
    past = buy.ats <= NOW
    recent = past & (buy.ats > NOW - 30 * DAY)
    web, dear = buy.kinds == "web", buy.totals > 50
    sums = np.bincount(buy.pids[recent & dear], buy.totals[recent & dear], minlength=PROFILES)
    where_web = TextIn("kind", frozenset({"web"}))
    where_dear = NumberRange("total", low=50.0, open_low=True)
    cases: list[tuple[Lowered, np.ndarray]] = [
        (count(BUY, last(30), 3), counted(buy, recent) >= 3),
        (count(BUY, SO_FAR, 6), counted(buy, past) >= 6),
        (NumberRange(Measured(BUY, "count", None, last(30), None), high=1, open_high=True), counted(buy, recent) < 1),
        (NumberRange(Measured(BUY, "count", None, SO_FAR, where_web), high=2), counted(buy, past & web) <= 2),
        (NumberRange(Measured(BUY, "count", None, last(30), where_web), low=1), counted(buy, recent & web) >= 1),
        (NumberRange(Measured(BUY, "sum", "total", last(30), where_dear), low=120.005), sums >= 120.005),
    ]
    for leaf, expected in cases:
        for _ in range(2):
            assert list(index.select(leaf, MOMENT, nobody)) == np.flatnonzero(expected).tolist()
        some = np.arange(0, PROFILES, 7)
        assert (index.evaluate(leaf, some, MOMENT, nobody) == expected[some]).all()


def test_a_kept_answer_is_put_right_after_writes_and_as_time_goes_on(
    index: Index, drawn: dict[EventsNamed, Drawn], monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = count(BUY, last(30), 3)
    index.select(leaf, MOMENT, nobody)
    monkeypatch.setattr(index._activity, "measure", None)  # nothing is measured for everybody again
    pid = int(np.flatnonzero(counted(drawn[BUY], drawn[BUY].ats > NOW - 40 * DAY) == 0)[0])
    rows = [Row(10**6 + n, pid, NOW - n, {"total": 1.0}) for n in range(3)]
    index.publish(index.stage([pid], [{}], frozenset(), Changes({BUY: rows})))
    assert pid in index.select(leaf, MOMENT, nobody)
    later = Moment(Instant(NOW + 3_600_000), UTC)
    buy = drawn[BUY]
    recent = (buy.ats <= later.now) & (buy.ats > later.now - 30 * DAY)
    expected = counted(buy, recent)
    expected[pid] += 3
    assert list(index.select(leaf, later, nobody)) == np.flatnonzero(expected >= 3).tolist()
    assert pid in index.select(leaf, MOMENT, nobody)  # and back
    index.publish(index.stage([pid], [{}], frozenset(), Changes({}, {BUY: [(rows[0].number, pid)]})))
    assert pid not in index.select(leaf, later, nobody)


def test_another_threshold_is_only_compared(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    three = index.select(count(BUY, last(30), 3), MOMENT, nobody)
    monkeypatch.setattr(index._activity, "measure", None)
    assert index.select(count(BUY, last(30), 4), MOMENT, nobody) < three


def test_answers_beyond_the_limit_are_let_go(drawn: dict[EventsNamed, Drawn]) -> None:
    limit = 40_000
    small = Index(zone=UTC, cache_bytes_max=limit)
    small.load([(range(PROFILES), [{}] * PROFILES)])
    small.load_activity(BUY, drawn[BUY].loaded())
    for days in range(1, 60):
        small.select(count(BUY, last(days), 2), MOMENT, nobody)
    assert small._measures.bytes() <= limit
    assert isinstance(small._measures, measure_cache.MeasureCache)


def test_what_comes_late_is_sorted_in_and_what_is_taken_out_is_left_behind(
    index: Index, drawn: dict[EventsNamed, Drawn]
) -> None:
    """More than a tail holds, at instants all over; then half of everything goes."""
    rng = np.random.default_rng(3)
    buy = drawn[BUY]
    numbers, pids, ats = buy.numbers, buy.pids, buy.ats
    leaf = count(BUY, last(30), 4)
    for step in range(4):
        new = 30_000
        first = 10**6 + step * new
        added_pids, added_ats = rng.integers(0, PROFILES, new), NOW - rng.integers(0, 100 * DAY, new)
        rows = [
            Row(first + n, pid, at, {"total": 1.0})
            for n, (pid, at) in enumerate(zip(added_pids.tolist(), added_ats.tolist(), strict=True))
        ]
        index.publish(index.stage([], [], frozenset(), Changes({BUY: rows})))
        numbers = np.concatenate((numbers, np.arange(first, first + new)))
        pids, ats = np.concatenate((pids, added_pids)), np.concatenate((ats, added_ats))
        expected = np.bincount(pids[(ats <= NOW) & (ats > NOW - 30 * DAY)], minlength=PROFILES) >= 4
        assert list(index.select(leaf, MOMENT, nobody)) == np.flatnonzero(expected).tolist()
        kept_order = index._activity.tables[BUY]
        base = kept_order.pids[: kept_order.sorted].astype(np.uint64) << np.uint64(32)
        assert (kept_order.keys() == np.sort(base | np.arange(kept_order.sorted, dtype=np.uint64))).all()
    gone = rng.random(len(numbers)) < 0.5
    pairs = list(zip(numbers[gone].tolist(), pids[gone].tolist(), strict=True))
    index.publish(index.stage([], [], frozenset(), Changes({}, {BUY: pairs})))
    stays = ~gone
    inside = stays & (ats <= NOW) & (ats > NOW - 30 * DAY)
    assert (
        list(index.select(leaf, MOMENT, nobody))
        == np.flatnonzero(np.bincount(pids[inside], minlength=PROFILES) >= 4).tolist()
    )
    assert index.event_summary(BUY) == (int(stays.sum()), int(ats[stays].min()), int(ats[stays].max()))
    pid = int(pids[stays][0])
    assert [one.at for one in index.activity(BUY, pid)] == sorted(ats[stays & (pids == pid)].tolist())


def test_events_of_any_name_are_gathered_when_asked_for_and_kept_up(
    index: Index, drawn: dict[EventsNamed, Drawn]
) -> None:
    leaf = count(ANY, last(30), 5)
    assert index.missing(leaf) == {(ANY, AT)}
    assert index.event_summary(ANY)[0] == 2 * ROWS
    index.load_columns(ANY, [], [])
    assert not index.missing(leaf)
    recent = [counted(one, (one.ats <= NOW) & (one.ats > NOW - 30 * DAY)) for one in drawn.values()]
    assert list(index.select(leaf, MOMENT, nobody)) == np.flatnonzero(sum(recent) >= 5).tolist()
    rows = [Row(10**6 + n, 7, NOW - n, {}) for n in range(5)]
    index.publish(index.stage([7], [{}], frozenset(), Changes({EventsNamed("new"): rows})))
    assert 7 in index.select(leaf, MOMENT, nobody)
    assert index.event_summary(ANY)[0] == 2 * ROWS + 5


def test_a_column_that_is_not_loaded_is_named_and_never_guessed(index: Index) -> None:
    leaf = NumberRange(Measured(BUY, "sum", "tax", last(30), None), low=1.0)
    assert index.missing(leaf) == {(BUY, "tax")}
    assert index._activity.columns_of(BUY) == {"total", "kind"}
    with pytest.raises(LookupError, match="tax"):
        index.select(leaf, MOMENT, nobody)
    index.load_columns(BUY, ["tax"], [(np.array([5, 10**7]), {"tax": [2.0, 3.0]})])
    assert not index.missing(leaf)
    assert len(index.select(leaf, Moment(Instant(NOW + DAY), UTC), nobody)) <= 1
    never = NumberRange(Measured(EventsNamed("never"), "sum", "tax", SO_FAR, None), low=1.0)
    assert index.counts([never], MOMENT, nobody) == [0]


def test_a_profile_that_is_gone_is_in_no_answer(index: Index) -> None:
    few = NumberRange(Measured(BUY, "count", None, last(30), None), high=100.0)
    sequence = BooleanIs(Followed((LoweredStep(BUY, None, None), LoweredStep(VIEW, None, None)), SO_FAR), False)
    index.publish(index.stage([3, 4], [None, None]))
    for leaf in (few, sequence):
        assert not {3, 4} & set(index.select(leaf, MOMENT, nobody))
        assert not index.evaluate(leaf, np.array([3, 4]), MOMENT, nobody).any()
    assert index.counts([few], MOMENT, nobody) == [PROFILES - 2]


def test_questions_during_writes_see_a_write_whole_or_not_at_all(index: Index) -> None:
    """Every write gives one event of each name to the same profiles."""
    one, other = EventsNamed("one"), EventsNamed("other")
    rules: list[Lowered] = [count(one, last(30), 2), count(other, last(30), 2)]
    wrong: list[list[int]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            ones, others = index.counts(rules, MOMENT, nobody)
            if ones != others:
                wrong.append([ones, others])

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for step in range(60):
        pids = range(step * 50, step * 50 + 100)
        rows = {
            source: [Row(10**6 + 10_000 * step + 1_000 * n + pid, pid, NOW - pid, {}) for pid in pids]
            for n, source in enumerate((one, other))
        }
        index.publish(index.stage([], [], frozenset(), Changes(rows)))
    done.set()
    for asker in askers:
        asker.join()
    assert not wrong
    assert index.counts(rules, MOMENT, nobody) == [59 * 50, 59 * 50]


def test_what_it_holds_is_counted(index: Index) -> None:
    before = index.bytes()
    assert before > 2 * ROWS * (8 + 4 + 4 + 8)
    index.select(count(BUY, SO_FAR, 2), MOMENT, nobody)
    assert index.bytes() > before
    index.forget()
    assert index.bytes() <= before
