"""Transactions: whole or not at all, one writer, readers who see only what is committed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.latest import all_pids, latest
from tests.unit.store.samples import NOW, profile


def test_a_workspace_keeps_its_id_and_its_zone(path: Path) -> None:
    first = Store.open(path, now=NOW, zone="Europe/Berlin")
    first.close()
    again = Store.open(path, now=NOW + 5, zone="UTC")
    assert (again.workspace_id, again.zone, again.created_at) == (first.workspace_id, "Europe/Berlin", NOW)
    assert latest(again).meta("zone") == "Europe/Berlin"
    assert latest(again).meta("mood") is None
    again.write(lambda tx: tx.set_meta("mood", "good"))
    again.write(lambda tx: tx.set_meta("mood", "better"))
    assert latest(again).meta("mood") == "better"
    again.close()


def test_the_file_is_as_safe_as_designed(store: Store) -> None:
    def work(tx: Transaction) -> tuple[object, ...]:
        ask = tx._connection.pragma
        return ask("journal_mode"), ask("synchronous"), ask("foreign_keys"), ask("secure_delete")

    assert store.write(work) == ("wal", 2, 1, 1)


def test_write_returns_the_result_of_the_work(store: Store) -> None:
    assert store.write(lambda tx: 42) == 42


def test_work_that_raises_leaves_nothing(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(0)])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(work)
    assert latest(store).profiles([0]) == []
    store.write(lambda tx: tx.insert_profiles([profile(0)]))
    assert latest(store).profiles([0]) == [profile(0)]


def test_a_transaction_reads_what_it_has_written(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(0)])
        assert tx.next_pid() == 1
        tx.insert_profiles([profile(1)])
        assert tx.profiles([0, 1]) == [profile(0), profile(1)]

    store.write(work)
    assert latest(store).profiles([0, 1]) == [profile(0), profile(1)]


def test_readers_see_nothing_uncommitted(store: Store) -> None:
    seen: list[int] = []

    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(0)])
        reader = threading.Thread(target=lambda: seen.append(len(latest(store).profiles([0]))))
        reader.start()
        reader.join()

    store.write(work)
    assert seen == [0]
    assert len(latest(store).profiles([0])) == 1


def test_a_long_read_sees_one_instant(store: Store) -> None:
    store.write(lambda tx: tx.insert_profiles([profile(pid) for pid in range(10)]))
    batches = latest(store).all_profiles(batch=4)
    first = next(batches)
    store.write(lambda tx: tx.delete_profile(9))
    store.write(lambda tx: tx.insert_profiles([profile(10)]))
    assert [profile.pid for batch in [first, *batches] for profile in batch] == list(range(10))
    assert all_pids(store) == [*range(9), 10]


def test_a_long_read_left_halfway_does_no_harm(store: Store) -> None:
    store.write(lambda tx: tx.insert_profiles([profile(pid) for pid in range(10)]))
    batches = latest(store).all_profiles(batch=4)
    next(batches)
    del batches
    store.write(lambda tx: tx.delete_profile(0))
    assert next(latest(store).all_profiles())[0].pid == 1


def test_many_threads_read_while_one_writes(store: Store) -> None:
    """Every commit adds two profiles, so a reader that sees an odd number sees half a commit."""
    halves: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            count = len(all_pids(store))
            if count % 2:
                halves.append(count)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for pid in range(0, 120, 2):
        store.write(lambda tx, pid=pid: tx.insert_profiles([profile(pid), profile(pid + 1)]))  # type: ignore[misc]  # a lambda's default has no type
    done.set()
    for reader in readers:
        reader.join()
    assert halves == []
    assert len(all_pids(store)) == 120


def test_a_full_disk_is_an_error_that_undoes_the_write_and_the_store_goes_on(store: Store) -> None:
    store.write(lambda tx: tx.insert_profiles([profile(0)]))

    def fill(tx: Transaction) -> None:
        pages = tx._connection.pragma("page_count")
        tx._connection.pragma("max_page_count", pages + 10)
        tx.insert_profiles([profile(pid, note="x" * 10_000) for pid in range(1, 100)])

    with pytest.raises(StoreError, match="full") as caught:
        store.write(fill)
    assert caught.value.hint
    assert latest(store).profiles([1]) == []
    store.write(lambda tx: tx._connection.pragma("max_page_count", 2**30))
    store.write(lambda tx: tx.insert_profiles([profile(1)]))
    assert latest(store).profiles([0, 1]) == [profile(0), profile(1)]


def test_a_read_only_file_is_an_error(store: Store) -> None:
    store._writer.pragma("query_only", True)  # root may write anywhere, so file rights would prove nothing here
    with pytest.raises(StoreError, match="cannot be written"):
        store.write(lambda tx: tx.insert_profiles([profile(0)]))
    store._writer.pragma("query_only", False)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot be written"), store._readers.borrow() as connection:
        connection.execute("delete from profiles")


def test_a_closed_store_says_so(path: Path) -> None:
    store = Store.open(path, now=NOW, zone="UTC")
    latest(store).profiles([0])
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        latest(store).profiles([0])
    with pytest.raises(StoreError, match="closed"):
        store.write(lambda tx: None)
    assert not path.with_name(path.name + "-wal").exists(), "a closed workspace is one file"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "nowhere" / "default.sqlite", now=NOW, zone="UTC")
