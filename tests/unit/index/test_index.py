"""The index beyond single answers: many rows, caches that outlive writes, columns that change their shape, what is known of a property."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyroaring import BitMap

from coterie.index import Index, bits
from coterie.index.columns import column
from coterie.index.columns.ordered import Ordered
from coterie.model import KindSummary, TopValue
from coterie.rules.kernel import (
    And,
    Complement,
    IsSet,
    Lowered,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    TextIn,
    TextMatch,
    TimeRange,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value

UTC = ZoneInfo("UTC")
MOMENT = Moment(Instant(1_000_000), UTC)
ROWS = 300_000  # more than one block, not a multiple of 64


def nobody(segment_id: str) -> BitMap:
    raise LookupError(segment_id)


def document(number: int) -> dict[str, Value]:
    return {
        "plan": ("free", "Pro", "enterprise")[number % 3],
        "email": f"Person{number}@host{number % 50}.com",
        "amount": float(number % 10_007),
        "at": Instant(number * 1_000),
        "odd": number % 2 == 1,
        **({"tags": ("a", "b") if number % 6 else ("b",)} if number % 3 == 0 else {}),
    }


@pytest.fixture(scope="module")
def large() -> Index:
    index = Index(zone=UTC, threads=2)
    index.load(_batches())
    return index


def _batches() -> Iterator[tuple[range, list[dict[str, Value]]]]:
    for start in range(0, ROWS, 50_000):
        pids = range(start, start + 50_000)
        yield pids, [document(number) for number in pids]


LEAVES: list[tuple[Lowered, object]] = [
    (TextIn("plan", frozenset({"pro"})), lambda n: n % 3 == 1),
    (TextIn("plan", frozenset({"pro"}), cased=True), lambda n: False),
    (NumberRange("amount", low=17.0, open_low=True, high=9_000.5), lambda n: 17 < n % 10_007 <= 9_000.5),
    (NumberIn("amount", frozenset({3.0, 10_006.0, 0.5})), lambda n: n % 10_007 in (3, 10_006)),
    (TimeRange("at", low=123_456, high=222_222_000), lambda n: 123_456 <= n * 1_000 <= 222_222_000),
    (TextMatch("email", "contains", "n99@host4"), lambda n: "n99@host4" in f"person{n}@host{n % 50}.com"),
    (TextMatch("email", "regex", "^person1[0-9]+7@(host7|host17)\\."), lambda n: str(n)[0] == "1" and len(str(n)) > 2 and n % 50 in (7, 17)),
    (TextMatch("email", "regex", "^Person9+@", cased=True), lambda n: set(str(n)) == {"9"}),
    (IsSet("tags"), lambda n: n % 3 == 0),
    (Complement(IsSet("tags")), lambda n: n % 3 != 0),
    (Or((TextIn("plan", frozenset({"free"})), And((IsSet("odd"), NumberRange("amount", high=2.0))))), lambda n: n % 3 == 0 or n % 10_007 <= 2),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "meaning"), LEAVES)
def test_many_rows_are_counted_as_python_counts_them(large: Index, rule: Lowered, meaning: object) -> None:
    assert callable(meaning)
    expected = [number for number in range(ROWS) if meaning(number)]
    assert large.counts([rule], MOMENT, nobody) == [len(expected)]
    assert large.select(rule, MOMENT, nobody) == BitMap(expected)
    some = np.array([5, 299_999, 131_072, 400_000, 7])
    assert large.evaluate(rule, some, MOMENT, nobody).tolist() == [n < ROWS and bool(meaning(n)) for n in some.tolist()]


def test_members_of_other_segments_are_taken_as_given(large: Index) -> None:
    among = BitMap(range(0, ROWS + 100, 7))
    rule = And((MemberOf("s"), Complement(TextIn("plan", frozenset({"free"})))))
    expected = [number for number in range(0, ROWS, 7) if number % 3]
    assert large.select(rule, MOMENT, {"s": among}.__getitem__) == BitMap(expected)


def test_what_is_known_of_a_property(large: Index) -> None:
    third = ROWS // 3
    assert large.names() == ["plan", "email", "amount", "at", "odd", "tags"] or set(large.names()) == set(document(0))
    assert large.kinds("tags") == {Kind.LIST: third}
    assert large.kinds("unknown") == {}
    assert large.summary("plan", top=2) == (
        KindSummary(Kind.TEXT, ROWS, 3, (TopValue("free", third), TopValue("Pro", third))),
    )
    assert large.summary("email") == (KindSummary(Kind.TEXT, ROWS, None),)
    assert large.summary("amount") == (KindSummary(Kind.NUMBER, ROWS, 10_007, low=0.0, high=10_006.0),)
    assert large.summary("at") == (KindSummary(Kind.TIME, ROWS, ROWS, low=Instant(0), high=Instant((ROWS - 1) * 1000)),)
    assert large.summary("tags") == (
        KindSummary(Kind.LIST, third, 2, (TopValue("b", third), TopValue("a", ROWS // 6))),
    )


def test_a_kept_answer_is_put_right_after_a_write_and_not_computed_anew() -> None:
    index = Index(zone=UTC, threads=1)
    index.load([(range(1_000), [document(number) for number in range(1_000)])])
    rule = NumberRange("amount", low=500.0)
    assert index.counts([rule], MOMENT, nobody) == [500]
    index.publish(index.stage([3, 4], [{"amount": 900.0}, None]))
    index.publish(index.stage([700], [{"amount": 1.0}], {"amount"}))
    index.publish(index.stage([5_000], [{"amount": 501.0}]))

    def no_scan(_jobs: object) -> None:
        raise AssertionError("scanned")

    scanner = index._profiles._scanner
    index._profiles._scanner = type(
        "NoScanner", (), {"run": staticmethod(lambda jobs: no_scan(jobs) if jobs else None)}
    )()
    assert index.counts([rule], MOMENT, nobody) == [501]
    index._profiles._scanner = scanner
    index.forget()
    assert index.counts([rule], MOMENT, nobody) == [501]
    assert index.rows == 5_001
    assert index.alive == 1_000


def test_answers_beyond_the_limit_are_let_go() -> None:
    index = Index(zone=UTC, cache_bytes_max=10 * bits.words_for(1_000) * 8)
    index.load([(range(1_000), [document(number) for number in range(1_000)])])
    for number in range(50):
        index.counts([NumberRange("amount", low=float(number))], MOMENT, nobody)
    assert index._profiles._cache.bytes() <= 10 * bits.words_for(1_000) * 8
    assert index.counts([NumberRange("amount", low=float(number)) for number in range(50)], MOMENT, nobody) == [
        1_000 - number for number in range(50)
    ]


def test_codes_widen_as_values_come() -> None:
    """8 bits, 16 bits, and then more texts than are worth coding."""
    index = Index(zone=UTC)
    for start in range(0, 140_000, 20_000):
        pids = range(start, start + 20_000)
        index.publish(index.stage(pids, [{"name": f"N{pid}", "few": f"{pid % 300}"} for pid in pids]))
        last = start + 19_999
        assert index.select(TextIn("name", frozenset({"n5", f"n{last}"})), MOMENT, nobody) == BitMap([5, last])
        assert index.counts([TextMatch("few", "starts", "29")], MOMENT, nobody) == [
            sum(str(pid % 300).startswith("29") for pid in range(start + 20_000))
        ]
    assert index.value("name", 139_999) == "N139999"
    assert index.summary("name") == (KindSummary(Kind.TEXT, 140_000, None),)


def test_a_dictionary_forgets_values_that_nobody_has_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column, "CODED_MAX", 100)
    index = Index(zone=UTC)
    for step in range(60):
        index.publish(
            index.stage(range(10), [{"page": f"/{step}/{pid}", "seen": (f"/{step}/{pid}",)} for pid in range(10)])
        )
    assert index.summary("page")[0].distinct == 10  # still coded
    assert index.select(TextIn("page", frozenset({"/59/3"})), MOMENT, nobody) == BitMap([3])
    assert index.counts([TextIn("page", frozenset({"/58/3"}))], MOMENT, nobody) == [0]


def test_sketches_follow_values_that_only_grow() -> None:
    """Each batch is later than all before, as created_at is."""
    index = Index(zone=UTC)
    for start in range(0, 60_000, 5_000):
        pids = range(start, start + 5_000)
        index.publish(index.stage(pids, [{"at": Instant(pid * 10), "n": float(pid) / 7} for pid in pids]))
        cut = start + 2_500
        assert index.counts(
            [TimeRange("at", low=cut * 10), TimeRange("at", high=cut * 10 - 1), NumberRange("n", high=cut / 7, open_high=True)],
            MOMENT, nobody,
        ) == [2_500, cut, cut]  # fmt: skip


def test_instants_of_writing_are_coded_without_coding_every_row_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every profile is written once more, a few at a time, each later than all before, as `updated_at` is."""
    index = Index(zone=UTC)
    rows = 40_000
    index.load([(range(rows), [{"at": Instant(pid)} for pid in range(rows)])])
    drawn: list[int] = []
    draw = Ordered.sort
    monkeypatch.setattr(Ordered, "sort", lambda self: (drawn.append(1), draw(self))[1])
    for start in range(0, 36_000, 400):
        at = rows + start
        index.publish(index.stage(range(start, start + 400), [{"at": Instant(at + n)} for n in range(400)]))
        cut = at + 200
        asked: list[Lowered] = [TimeRange("at", low=cut), TimeRange("at", low=rows, high=cut - 1), IsSet("at")]
        assert index.counts(asked, MOMENT, nobody) == [200, start + 200, rows]
    assert not drawn


def test_questions_during_writes_see_a_write_whole_or_not_at_all() -> None:
    index = Index(zone=UTC, threads=2)
    index.load([(range(10_000), [{"side": "left", "n": 1.0}] * 10_000)])
    rules: list[Lowered] = [TextIn("side", frozenset({"left"})), NumberIn("n", frozenset({1.0})), IsSet("side")]
    wrong: list[list[int]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            left, ones, everybody = index.counts(rules, MOMENT, nobody)
            if left != ones or everybody != 10_000:
                wrong.append([left, ones, everybody])

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for one in askers:
        one.start()
    for step in range(60):
        new: dict[str, Value] = {"side": "right", "n": 2.0} if step % 2 else {"side": "left", "n": 1.0}
        pids = range(step * 100, step * 100 + 100 if step % 3 else step * 100 + 1)
        index.publish(index.stage(pids, [new] * len(pids)))
    done.set()
    for one in askers:
        one.join()
    assert not wrong


def test_bitmaps_there_and_back() -> None:
    rng = np.random.default_rng(1)
    for density in (0.0, 0.001, 0.05, 0.5, 1.0):
        for rows in (1, 63, 64, 65, 65_536, 200_001):
            bools = rng.random(rows) < density
            words = bits.pack(bools)
            bitmap = bits.to_bitmap(words)
            assert list(bitmap) == np.flatnonzero(bools).tolist() == bits.members(words).tolist()
            assert (bits.from_bitmap(bitmap, rows) == words).all()
            assert (bits.unpack(words, rows) == bools).all()
            assert bits.count(words) == int(bools.sum())
