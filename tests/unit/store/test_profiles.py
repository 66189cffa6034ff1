"""Profiles: lookups by every identifier, uniqueness, deletion."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.store.document import decode
from coterie.store.rows import StoredProfile
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, profile, profile_id

ANNA = profile(0, external_id="u-1", email="anna@example.com", plan="pro", mrr=42.0)
BEN = profile(1, email="ben@example.com", email_is_unique=True)
CLEO = profile(2, external_id="u-3", email="ben@example.com")


@pytest.fixture
def people(store: Store) -> Store:
    store.write(lambda tx: tx.insert_profiles([ANNA, BEN, CLEO]))
    return store


def test_a_profile_comes_back_as_it_was_put(people: Store) -> None:
    assert latest(people).profiles_by_id([ANNA.id]).get(ANNA.id) == ANNA
    assert latest(people).profiles_by_external_id(["u-1"]).get("u-1") == ANNA
    assert decode(ANNA.document) == {"plan": "pro", "mrr": 42.0}


def test_profiles_come_in_the_order_asked_without_the_missing_ones(people: Store) -> None:
    assert latest(people).profiles([2, 99, 0]) == [CLEO, ANNA]
    assert latest(people).profiles([]) == []


def test_several_profiles_may_have_an_address_and_the_one_keyed_by_it_comes_first(people: Store) -> None:
    dora = profile(3, external_id="u-4", email="ben@example.com")
    people.write(lambda tx: tx.insert_profiles([dora]))
    assert latest(people).profiles_by_email(["ben@example.com"]) == {"ben@example.com": [BEN, CLEO, dora]}
    assert latest(people).profiles_by_email(["nobody@example.com"]) == {}


def test_unknown_identifiers_find_no_profile(people: Store) -> None:
    for text in ("", "u-2", "U-1", "u-1\0", "\ud800", "' or 1=1 --"):
        assert latest(people).profiles_by_id([text]).get(text) is None
        assert latest(people).profiles_by_external_id([text]).get(text) is None
        assert latest(people).profiles_by_email([text]) == {}
    assert latest(people).pids_of([BEN.id, "\ud800", "other"]) == {BEN.id: 1}


def test_ids_and_pids_map_to_one_another(people: Store) -> None:
    assert latest(people).pids_of([CLEO.id, ANNA.id]) == {ANNA.id: 0, CLEO.id: 2}
    assert latest(people).ids_of([1, 2, 7]) == {1: BEN.id, 2: CLEO.id}


def test_a_transaction_finds_what_it_has_just_written(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([ANNA, BEN, CLEO])
        assert tx.profiles_by_external_id(["u-3", "u-1", "no"]) == {"u-1": ANNA, "u-3": CLEO}
        assert tx.profiles_by_email(["ben@example.com", "ben@example.com"]) == {"ben@example.com": [BEN, CLEO]}
        assert tx.profiles_by_id([BEN.id, "no"]) == {BEN.id: BEN}
        assert tx.next_pid() == 3

    store.write(work)


def test_ten_thousand_are_found_at_once(store: Store) -> None:
    everyone = [profile(pid, external_id=f"u-{pid}", email=f"{pid}@example.com") for pid in range(10_000)]
    store.write(lambda tx: tx.insert_profiles(everyone))
    profiles = store.write(lambda tx: tx.profiles_by_external_id([f"u-{pid}" for pid in range(5_000, 15_000)]))
    assert list(profiles.values()) == everyone[5_000:]
    assert [*chain.from_iterable(latest(store).all_profiles(batch=3_000))] == everyone
    assert [len(batch) for batch in latest(store).all_profiles(batch=3_000)] == [3_000, 3_000, 3_000, 1_000]


def test_an_update_writes_everything_but_the_ids(people: Store) -> None:
    moved = StoredProfile(
        0, ANNA.id, "u-9", "ann@example.com", True, b'{"plan":"free"}', NOW - 1, NOW + 5, b'{"plan":1}'
    )
    people.write(lambda tx: tx.update_profiles([moved]))
    assert latest(people).profiles_by_external_id(["u-9"]).get("u-9") == moved
    assert latest(people).profiles_by_external_id(["u-1"]).get("u-1") is None
    assert latest(people).profiles_by_email(["ann@example.com"]) == {"ann@example.com": [moved]}
    assert latest(people).profiles_by_email(["anna@example.com"]) == {}
    bare = moved._replace(external_id=None, email=None, email_is_unique=False)
    people.write(lambda tx: tx.update_profiles([bare]))
    assert latest(people).profiles([0]) == [bare]


def test_updating_or_deleting_a_missing_profile_is_an_error(people: Store) -> None:
    with pytest.raises(ValueError, match="should be there"):
        people.write(lambda tx: tx.update_profiles([ANNA, profile(50)]))
    with pytest.raises(ValueError, match="should be there"):
        people.write(lambda tx: tx.delete_profile(50))


@pytest.mark.parametrize(
    "clash",
    [
        profile(3, external_id="u-1"),
        profile(3, email="ben@example.com", email_is_unique=True),
        profile(3)._replace(id=ANNA.id),
    ],
    ids=["external id", "keyed email", "id"],
)
def test_unique_identifiers_cannot_be_stored_twice(people: Store, clash: StoredProfile) -> None:
    with pytest.raises(StoreError, match="undone"):
        people.write(lambda tx: tx.insert_profiles([profile(4), clash]))
    assert latest(people).profiles([3, 4]) == []


def test_a_deleted_profile_is_gone_and_its_pid_is_never_given_again(people: Store, path: Path) -> None:
    people.write(lambda tx: tx.delete_profile(2))
    assert latest(people).profiles_by_id([CLEO.id]).get(CLEO.id) is None
    assert latest(people).profiles_by_external_id(["u-3"]).get("u-3") is None
    assert latest(people).profiles_by_email(["ben@example.com"]) == {"ben@example.com": [BEN]}
    again = Store.open(path, now=NOW, zone="UTC")
    assert again.write(lambda tx: tx.next_pid()) == 3
    with pytest.raises(ValueError, match="given to a profile before"):
        again.write(lambda tx: tx.insert_profiles([profile(2)]))
    again.close()


def test_deleted_values_are_not_left_in_the_file(path: Path) -> None:
    store = Store.open(path, now=NOW, zone="UTC")
    secret = "Mathilde-Wesendonck"
    store.write(
        lambda tx: tx.insert_profiles([profile(0, external_id=secret, email=secret + "@x", note=secret * 1_000)])
    )
    store.write(lambda tx: tx.delete_profile(0))
    store.close()
    assert secret.encode() not in path.read_bytes()


def test_pids_begin_at_zero_and_may_leave_gaps(store: Store) -> None:
    assert store.write(lambda tx: tx.next_pid()) == 0
    store.write(lambda tx: tx.insert_profiles([profile(7), profile(3)]))
    assert store.write(lambda tx: tx.next_pid()) == 8
    assert latest(store).profiles_by_id([profile_id(3)]).get(profile_id(3)) == profile(3)
