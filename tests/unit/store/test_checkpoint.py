"""The WAL is checkpointed beside the writer, begins anew when it can, and loses nothing."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import apsw
import pytest

from coterie.store import checkpoint
from coterie.store.store import Store
from tests.unit.store.latest import all_pids, latest
from tests.unit.store.samples import NOW, profile

PAGES = 50  # of 8 KiB


@pytest.fixture
def busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose WAL is long at fifty pages."""
    monkeypatch.setattr(checkpoint, "CHECKPOINT_PAGES", PAGES)
    monkeypatch.setattr(checkpoint, "STEP_PAGES", PAGES // 3)
    store = Store.open(path, now=NOW, zone="UTC")
    yield store
    assert store.integrity_problems() == []
    store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def write_one(store: Store, pid: int) -> None:
    store.write(lambda tx: tx.insert_profiles([profile(pid, external_id=f"u-{pid}", note="x" * 2_000)]))


def wal_size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


def until(reached: Callable[[], bool]) -> bool:
    """Wait for the other thread."""
    for _ in range(500):
        if reached():
            return True
        time.sleep(0.01)
    return False


def test_a_long_wal_begins_anew(busy: Store, path: Path) -> None:
    for pid in range(600):
        write_one(busy, pid)
        time.sleep(0.0005)
    assert wal_size(path) < 600 * 4 * 8192 / 4, "six hundred commits of about four pages each"
    assert path.stat().st_size > 600 * 2_000, "they are in the file"
    assert all_pids(busy) == list(range(600))


def test_a_read_keeps_the_wal_growing_until_it_ends(busy: Store, path: Path) -> None:
    for pid in range(10):
        write_one(busy, pid)
    reading = latest(busy).all_profiles(batch=2)
    begun = next(reading)
    for pid in range(10, 110):
        write_one(busy, pid)
    grown = wal_size(path)
    assert grown > 2 * PAGES * 8192
    assert len(begun) + sum(len(batch) for batch in reading) == 10
    pids = iter(range(110, 10**6))

    def settled() -> bool:
        before = wal_size(path)
        for pid in islice(pids, 40):
            write_one(busy, pid)
        return wal_size(path) == before

    assert until(settled), "the WAL has begun anew, and does not grow"


def test_commits_that_are_only_in_the_wal_survive_a_crash_at_any_state_of_it(
    busy: Store, path: Path, tmp_path: Path
) -> None:
    """Copies of the files between commits and checkpoints, as a crash there would leave them."""
    for pid in range(300):
        write_one(busy, pid)
        if pid % 60 == 59:
            with busy._checkpointer.paused():
                copy = tmp_path / f"copy-{pid}" / path.name
                copy.parent.mkdir()
                shutil.copy(path, copy)
                shutil.copy(path.with_name(path.name + "-wal"), copy.with_name(path.name + "-wal"))
            saved = Store.open(copy, now=NOW, zone="UTC")
            assert all_pids(saved) == list(range(pid + 1))
            assert saved.integrity_problems() == []
            saved.close()
            shutil.rmtree(copy.parent)


def test_a_failed_checkpoint_is_no_failed_write(busy: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    class Broken:
        def wal_checkpoint(self, mode: int) -> None:
            asked.set()
            raise apsw.FullError("no room")

    whole = checkpoint._checkpoint
    monkeypatch.setattr(checkpoint, "_checkpoint", lambda connection: whole(Broken()))  # type: ignore[arg-type]  # a stand-in
    for pid in range(60):
        write_one(busy, pid)
    assert asked.wait(5)
    for pid in range(60, 70):
        write_one(busy, pid)
    assert len(latest(busy).profiles(range(70))) == 70


def test_a_closed_store_leaves_no_thread(path: Path) -> None:
    before = threading.active_count()
    store = Store.open(path, now=NOW, zone="UTC")
    assert threading.active_count() == before + 1
    store.close()
    assert threading.active_count() == before
