"""Events: permanent numbers, lookups, columns, and deletion with their profile."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import apsw
import pytest

from coterie.errors import StoreError
from coterie.rules.values import Instant
from coterie.store import connections, events, message_ids
from coterie.store.rows import StoredEvent, StoredEventProperty
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, event, profile

UUID = "0193f2c8-7d1e-4abc-8def-00000000000f"
USUAL = [
    event(0, 0, at=NOW, message_id=UUID, total=9.5),
    event(1, 1, name="visit", at=NOW - 5, message_id="m-1"),
    event(2, 0, name="visit", at=NOW - 7),
    event(3, 0, at=NOW, when=Instant(7), tags=("a", "b")),
]


@pytest.fixture
def usual(store: Store) -> Store:
    store.write(lambda tx: tx.insert_profiles([profile(pid) for pid in range(3)]))
    store.write(lambda tx: tx.insert_events(USUAL))
    return store


def heads(packed: Iterator[bytes]) -> list[tuple[int, int, int]]:
    """(at, pid, eid), unpacked as EVENT_HEAD says."""
    return [head for batch in packed for head in struct.iter_unpack(">qII", batch)]


def test_events_come_back_as_they_were_put_in_order_of_time(usual: Store) -> None:
    assert latest(usual).events_of_pids([0, 1, 2]) == {0: [USUAL[2], USUAL[0], USUAL[3]], 1: [USUAL[1]]}
    assert usual.write(lambda tx: tx.events_of_pids([0])) == {0: [USUAL[2], USUAL[0], USUAL[3]]}
    assert usual.write(lambda tx: tx.events_of_pids([2])) == {}
    assert latest(usual).event_names() == ["order", "visit"]


def test_numbers_are_never_given_twice(usual: Store, path: Path) -> None:
    usual.write(lambda tx: tx.delete_profile(0))
    again = Store.open(path, now=NOW, zone="UTC")
    assert again.write(lambda tx: tx.next_eid()) == 4
    with pytest.raises(ValueError, match="given to an event before"):
        again.write(lambda tx: tx.insert_events([event(3, 1)]))
    again.close()


@pytest.mark.parametrize(
    "message_id",
    [
        UUID, UUID.upper(), UUID.replace("-", ""), "{" + UUID + "}", UUID + "\n", UUID[:-1] + "g", " " * 36, "",
        "m", "ü" * 255,
        "0193f2c8-7d1e-4abc-8def-0000000000٠0",
    ],
)  # fmt: skip
def test_a_message_id_comes_back_letter_for_letter(usual: Store, message_id: str) -> None:
    assert message_ids.unpack(message_ids.pack(message_id)) == message_id
    if message_id != UUID:
        assert usual.write(lambda tx: tx.pids_by_message_id([message_id])) == {}
        usual.write(lambda tx: tx.insert_events([event(9, 2, message_id=message_id)]))
    assert usual.write(lambda tx: tx.pids_by_message_id([message_id])) == {message_id: 0 if message_id == UUID else 2}


def test_a_uuid_takes_sixteen_bytes() -> None:
    assert message_ids.pack(UUID) == bytes.fromhex(UUID.replace("-", ""))
    assert message_ids.pack(None) is None


@pytest.mark.parametrize("taken", [UUID, "m-1"])
def test_a_message_id_is_stored_once(usual: Store, taken: str) -> None:
    with pytest.raises(StoreError, match="undone"):
        usual.write(lambda tx: tx.insert_events([event(7), event(8, 1, message_id=taken)]))
    usual.write(lambda tx: tx.insert_events([event(7), event(8)]))  # without one, any number of events may be alike
    assert len(latest(usual).events_of_pids([0])[0]) == 5


def test_ten_thousand_message_ids_are_looked_up_at_once(usual: Store) -> None:
    drawn = random.Random(1)
    ids = [str(number) if number % 3 else f"{drawn.getrandbits(128):032x}" for number in range(10_000)]
    ids = [f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}" if len(id) == 32 else id for id in ids]
    usual.write(
        lambda tx: tx.insert_events([event(eid, eid % 2, message_id=id) for eid, id in enumerate(ids[::2], 10)])
    )
    pids = usual.write(lambda tx: tx.pids_by_message_id([*ids, "\ud800", UUID]))
    assert pids == {id: (place + 10) % 2 for place, id in enumerate(ids[::2])} | {UUID: 0}


def test_a_transaction_finds_the_message_ids_it_has_just_written(store: Store) -> None:
    def work(tx: Transaction) -> dict[str, int]:
        tx.insert_profiles([profile(0)])
        tx.insert_events([event(0, message_id="a")])
        return tx.pids_by_message_id(["a", "b"])

    assert store.write(work) == {"a": 0}


# --- timelines


def test_a_timeline_pages_from_the_latest_and_shows_everything_once(usual: Store) -> None:
    alike = [event(eid, 2, name=f"n{eid % 3}", at=NOW - eid // 7) for eid in range(10, 60)]
    usual.write(lambda tx: tx.insert_events(alike))
    wanted = sorted(alike, key=lambda each: (each.at, each.eid), reverse=True)
    for name in (None, "n1", "nobody does this", "\ud800"):
        seen: list[StoredEvent] = []
        while page := latest(usual).timeline(
            2, name=name, before=(seen[-1].at, seen[-1].eid) if seen else None, limit=4
        ):
            assert len(page) <= 4
            seen += page
        assert seen == [each for each in wanted if name in (None, each.name)]


# --- columns


@pytest.fixture
def many(usual: Store) -> list[StoredEvent]:
    """Five hundred orders, of which many share an instant, and instant and profile."""
    drawn = random.Random(1857)
    new = [
        event(
            eid, drawn.randrange(3), at=drawn.choice((-5, 0, NOW, NOW + eid % 3)),
            number=float(eid), word="[" if eid % 2 else "x",
        )
        for eid in range(4, 504)
    ]  # fmt: skip
    usual.write(lambda tx: tx.insert_events(new))
    return [USUAL[0], USUAL[3], *new]


@pytest.mark.parametrize("batch", [1, 7, 251, 502, 503, 65_536])
def test_all_events_of_a_name_are_read_once_and_in_order(usual: Store, many: list[StoredEvent], batch: int) -> None:
    wanted = sorted((each.at, each.pid, each.eid) for each in many)
    assert heads(latest(usual).event_heads("order", batch)) == wanted
    sizes = [len(packed) // 16 for packed in latest(usual).event_heads("order", batch)]
    assert all(size == batch for size in sizes[:-1])
    assert heads(latest(usual).event_heads("visit")) == [(NOW - 7, 0, 2), (NOW - 5, 1, 1)]
    assert list(latest(usual).event_heads("nobody does this")) == []


@pytest.mark.parametrize("batch", [1, 100, 65_536])
def test_columns_match_their_heads(usual: Store, many: list[StoredEvent], batch: int) -> None:
    numbers: dict[int, object] = {}
    for packed, columns in latest(usual).event_columns("order", ["number", "total", "when", "tags", "nothing"], batch):
        assert set(columns) == {"number", "total", "when", "tags", "nothing"}
        unpacked = heads(iter([packed]))
        numbers |= dict(zip((eid for _, _, eid in unpacked), zip(*columns.values(), strict=True), strict=True))
    assert numbers.pop(0) == (None, 9.5, None, None, None)
    assert numbers.pop(3) == (None, None, Instant(7), ("a", "b"), None)
    assert numbers == {eid: (float(eid), None, None, None, None) for eid in range(4, 504)}


def test_times_and_lists_keep_their_kinds_in_columns(usual: Store) -> None:
    ((_, columns),) = latest(usual).event_columns("order", ["when", "tags"])
    assert [type(value) for value in columns["when"]] == [type(None), Instant]
    assert [type(value) for value in columns["tags"]] == [type(None), tuple]


def test_of_large_documents_fewer_are_read_at_a_time(usual: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "DOCUMENT_CHARACTERS", 1_000)
    new = [event(eid, 2, name="long", at=NOW + eid, word="x" * (eid % 7 * 200)) for eid in range(10, 2_010)]
    usual.write(lambda tx: tx.insert_events(new))
    batches = list(latest(usual).event_columns("long", ["word"]))
    assert [len(packed) // 16 for packed, _ in batches][:2] == [1_000, 1]
    assert [eid for packed, _ in batches for _, _, eid in heads(iter([packed]))] == [each.eid for each in new]
    assert [word for _, columns in batches for word in columns["word"]] == [
        "x" * (eid % 7 * 200) for eid in range(10, 2_010)
    ]


def test_documents_that_are_too_large_together_are_read_apart(usual: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    new = [event(eid, 2, name="long", at=NOW + eid, word="x" * 200_000) for eid in range(10, 40)]
    usual.write(lambda tx: tx.insert_events(new))
    plain = connections.open_reader

    def small(path: Path) -> apsw.Connection:
        """Whose texts are a megabyte at most, and not a gigabyte."""
        reader = plain(path)
        reader.limit(apsw.SQLITE_LIMIT_LENGTH, 1_000_000)
        return reader

    monkeypatch.setattr(connections, "open_reader", small)
    other = Store.open(usual.path, now=NOW, zone="UTC")
    batches = list(latest(other).event_columns("long", ["word"]))
    assert len(batches) > 1
    assert [len(word or "") for _, columns in batches for word in columns["word"]] == [200_000] * 30
    other.close()


def test_columns_are_of_one_instant_whatever_is_written_meanwhile(usual: Store, many: list[StoredEvent]) -> None:
    reading = latest(usual).event_heads("order", 10)
    begun = heads(islice(reading, 1))
    usual.write(lambda tx: tx.delete_events_of(1))
    usual.write(lambda tx: tx.insert_events([event(900, 2, at=NOW + 9)]))
    assert begun + heads(reading) == sorted((each.at, each.pid, each.eid) for each in many)
    assert {pid for _, pid, _ in heads(latest(usual).event_heads("order"))} == {0, 2}


# --- moved, and gone


def test_events_move_to_another_profile_with_their_numbers(usual: Store) -> None:
    usual.write(lambda tx: tx.move_events(0, 1))
    assert latest(usual).events_of_pids([0, 1]) == {
        1: sorted((each._replace(pid=1) for each in USUAL), key=lambda each: (each.at, each.eid))
    }
    assert heads(latest(usual).event_heads("order")) == [(NOW, 1, 0), (NOW, 1, 3)]
    assert usual.write(lambda tx: tx.pids_by_message_id([UUID])) == {UUID: 1}


def test_a_profile_takes_its_events_along(usual: Store) -> None:
    usual.write(lambda tx: tx.delete_profile(0))
    assert latest(usual).events_of_pids([0, 1, 2]) == {1: [USUAL[1]]}
    assert usual.write(lambda tx: tx.pids_by_message_id([UUID, "m-1"])) == {"m-1": 1}
    assert heads(latest(usual).event_heads("order")) == []
    assert latest(usual).event_names() == ["order", "visit"]  # names are the catalogue's


# --- their properties


def test_the_catalogue_of_event_properties(usual: Store) -> None:
    total = StoredEventProperty("order", "total", ("number",), NOW)
    usual.write(lambda tx: tx.put_event_properties([total, StoredEventProperty("refund", "why", ("text",), NOW)]))
    usual.write(lambda tx: tx.put_event_properties([total._replace(kinds=("number", "text"), first_seen_at=NOW + 1)]))
    assert latest(usual).event_properties("order") == [total._replace(kinds=("number", "text"))]
    assert [each.event for each in latest(usual).event_properties()] == ["order", "refund"]
    assert latest(usual).event_properties("\ud800") == latest(usual).event_properties("visit") == []
    assert latest(usual).event_names() == ["order", "visit", "refund"]
