"""Segments, lists, recorded membership, properties and answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyroaring import BitMap

from coterie.errors import StoreError
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, block, declared, profile, segment, segment_id


@pytest.fixture
def lists(store: Store) -> Store:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(pid) for pid in range(5)])
        for sid in (1, 2):
            tx.insert_segment(segment(sid, kind="static"))
        tx.add_list_members(1, [3, 1, 2], NOW)

    store.write(work)
    return store


def test_a_segment_comes_back_as_it_was_put(store: Store) -> None:
    first = replace(segment(1), description="All of them", origin='{"dialect":"sendkit","document":{}}')
    store.write(lambda tx: tx.insert_segment(first))
    assert latest(store).segments() == [first]
    changed = replace(first, name="Nobody", rule='{"segment":"x"}', version=2, origin=None, updated_at=NOW + 1)
    store.write(lambda tx: tx.update_segment(changed))
    assert latest(store).segments() == [changed]


def test_a_sid_is_never_given_twice(store: Store) -> None:
    assert store.write(lambda tx: tx.next_sid()) == 1
    store.write(lambda tx: tx.insert_segment(segment(1)))
    store.write(lambda tx: tx.delete_segment(1))
    assert store.write(lambda tx: tx.next_sid()) == 2
    with pytest.raises(ValueError, match="given to a segment before"):
        store.write(lambda tx: tx.insert_segment(replace(segment(1), id=segment_id(9))))
    assert latest(store).segment_ids() == {1: segment_id(1)}


def test_changing_or_deleting_a_missing_segment_is_an_error(store: Store) -> None:
    with pytest.raises(ValueError, match="should be there"):
        store.write(lambda tx: tx.update_segment(segment(1)))
    with pytest.raises(ValueError, match="should be there"):
        store.write(lambda tx: tx.delete_segment(1))


def test_lists(lists: Store) -> None:
    assert latest(lists).list_members() == {1: BitMap([1, 2, 3]), 2: BitMap()}
    lists.write(lambda tx: tx.add_list_members(1, [3, 4], NOW + 1))
    lists.write(lambda tx: tx.remove_list_members(1, [1, 0]))
    assert latest(lists).list_members()[1] == BitMap([2, 3, 4])
    lists.write(lambda tx: tx.add_list_members(2, [3], NOW))
    assert lists.write(lambda tx: tx.lists_of(3)) == [1, 2]
    assert lists.write(lambda tx: tx.lists_of(0)) == []


def test_a_deleted_profile_leaves_every_list_and_a_deleted_list_loses_its_members(lists: Store) -> None:
    lists.write(lambda tx: tx.delete_profile(3))
    assert latest(lists).list_members()[1] == BitMap([1, 2])
    lists.write(lambda tx: tx.delete_segment(1))
    assert latest(lists).list_members() == {2: BitMap()}
    assert lists.write(lambda tx: tx.lists_of(1)) == []


def test_a_list_holds_only_profiles_that_exist(lists: Store) -> None:
    with pytest.raises(StoreError, match="undone"):
        lists.write(lambda tx: tx.add_list_members(1, [99], NOW))


def test_membership_is_the_snapshot_and_later_transitions(store: Store) -> None:
    def work(tx: Transaction) -> None:
        for sid in (1, 2, 3):
            tx.insert_segment(segment(sid))
        tx.append_transitions([block(1, range(100)), block(101, [7], sid=2)])
        tx.save_membership(1, BitMap(range(100)), 101)
        tx.append_transitions(
            [block(102, [0], action="exit"), block(103, [200]), block(104, range(10, 90), action="exit")]
        )

    store.write(work)
    assert latest(store).memberships() == {
        1: BitMap([*range(1, 10), *range(90, 100), 200]),
        2: BitMap([7]),
        3: BitMap(),
    }


def test_a_snapshot_is_used_and_replaced(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_segment(segment(1))
        tx.append_transitions([block(1, range(10))])
        tx.save_membership(1, BitMap(), 0)
        tx.save_membership(1, BitMap([3]), 10)

    store.write(work)
    assert latest(store).memberships() == {1: BitMap([3])}
    with pytest.raises(ValueError, match="no block of transitions ends at 5"):
        store.write(lambda tx: tx.save_membership(1, BitMap(), 5))
    with pytest.raises(ValueError, match="no block of transitions ends at 11"):
        store.write(lambda tx: tx.save_membership(1, BitMap(), 11))


def test_a_deleted_segment_has_no_membership(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_segment(segment(1))
        tx.append_transitions([block(1, [1])])
        tx.save_membership(1, BitMap([1]), 1)
        tx.delete_segment(1)

    store.write(work)
    assert latest(store).memberships() == {}


def test_properties_are_replaced_and_deleted(store: Store) -> None:
    store.write(lambda tx: tx.put_property(declared("plan")))
    store.write(lambda tx: tx.put_property(declared("mrr", "number")))
    changed = replace(declared("plan", "text"), fallback="free", updated_at=NOW + 1)
    store.write(lambda tx: tx.put_property(changed))
    assert latest(store).properties() == [declared("mrr", "number"), changed]
    with pytest.raises(StoreError):
        store.write(lambda tx: tx.put_property(declared("plan", id="another")))
    store.write(lambda tx: tx.delete_property("property-mrr"))
    assert latest(store).properties() == [changed]


def test_an_answer_is_stored_with_the_facts_until_it_is_purged(store: Store) -> None:
    def work(tx: Transaction) -> None:
        assert tx.find_answer("k") is None
        tx.put_answer("k", "print", b"{}", NOW)
        assert tx.find_answer("k") == ("print", b"{}")

    store.write(work)
    assert latest(store).find_answer("k") == ("print", b"{}")
    assert latest(store).find_answer("\ud800") is None
    store.write(lambda tx: tx.purge_answers(NOW))
    assert latest(store).find_answer("k") is not None
    store.write(lambda tx: tx.purge_answers(NOW + 1))
    assert latest(store).find_answer("k") is None
