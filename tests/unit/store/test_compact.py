"""Compacting leaves no deleted data in any file, and everything else as it was."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.store import connections
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import all_pids, latest
from tests.unit.store.samples import NOW, conversation, event, message, profile
from tests.unit.store.story import STORY, read_story, write_story

SECRET = "Mathilde-Wesendonck"


def written(path: Path) -> bytes:
    """Everything in the folder: the file, its log and whatever else."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


@pytest.fixture
def erased(store: Store) -> Store:
    """A thousand people, of whom one said and did much before he was deleted."""

    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(pid, note="x" * 1_000) for pid in range(1_000)])
        tx.insert_profiles([profile(1_000, external_id=SECRET, email=SECRET + "@x", note=SECRET * 1_000)])
        tx.insert_events([event(eid, 1_000, message_id=f"{SECRET}{eid}", note=SECRET * 99) for eid in range(500)])
        tx.put_conversations([conversation(0, 1_000, external_id=SECRET, message_count=50, note=SECRET * 1_000)])
        tx.insert_messages([message(0, number, content=SECRET * 300) for number in range(50)])

    store.write(work)
    store.write(lambda tx: tx.delete_profile(1_000))
    return store


def test_nothing_deleted_is_left_in_any_file(erased: Store, path: Path) -> None:
    assert SECRET.encode() in written(path), "it still stands in the log, or this test shows nothing"
    before, after = erased.compact()
    assert SECRET.encode() not in written(path)
    assert after < before / 2
    assert after == path.stat().st_size
    assert all_pids(erased) == list(range(1_000))


def test_the_story_is_the_same_and_goes_on(path: Path) -> None:
    write_story(path)
    store = Store.open(path, now=NOW, zone="UTC")
    store.compact()
    assert read_story(store) == STORY
    store.write(lambda tx: tx.insert_profiles([profile(4)]))
    assert store.integrity_problems() == []
    store.close()


def test_a_long_read_is_waited_for_and_then_an_error(
    erased: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BUSY_TIMEOUT", 50)
    store = Store.open(path, now=NOW, zone="UTC")
    with erased._checkpointer.paused():  # the other store's own thread, which is not what this is about
        reading = latest(store).all_profiles(batch=10)
        begun = next(reading)
        with pytest.raises(StoreError, match="its log cannot be emptied") as caught:
            store.compact()
        assert caught.value.hint
        assert len(begun) + sum(len(batch) for batch in reading) == 1_000, "who reads is not disturbed"
        store.compact()
        assert SECRET.encode() not in written(path)
        assert list(islice(latest(store).all_profiles(), 1))
    store.close()
