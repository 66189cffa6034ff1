"""Transitions: dense, never cut, the same however they rest in the file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from coterie.store.rows import StoredTransition, TransitionBlock
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, block, in_memory, profile, segment


@pytest.fixture
def story(store: Store) -> Store:
    def work(tx: Transaction) -> None:
        tx.insert_segment(segment(1))
        tx.insert_segment(segment(2))
        tx.append_transitions([block(1, [5]), block(2, range(10, 20), cause="definition"), block(12, [5], sid=2)])
        tx.append_transitions([block(13, [12, 15], action="exit", cause="time"), block(15, [5], action="exit")])
        tx.append_transitions([block(16, [15])])

    store.write(work)
    return store


def rows(transitions: list[StoredTransition]) -> list[tuple[int, int, str, int]]:
    return [(each.sequence, each.sid, each.action, each.pid) for each in transitions]


def test_blocks_are_expanded_in_order(story: Store) -> None:
    everything = latest(story).transitions(after=0, limit=100)
    assert [each.sequence for each in everything] == list(range(1, 17))
    assert rows(everything)[:3] == [(1, 1, "enter", 5), (2, 1, "enter", 10), (3, 1, "enter", 11)]
    assert everything[12] == StoredTransition(13, 1, 1, "exit", "time", NOW, 12)
    assert latest(story).last_sequence() == 16


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 16, 50])
def test_pages_of_any_size_give_the_same_as_one(story: Store, limit: int) -> None:
    pages, after = [], 0
    while page := latest(story).transitions(after=after, limit=limit):
        assert len(page) == min(limit, 16 - after)
        pages += page
        after = page[-1].sequence
    assert pages == latest(story).transitions(after=0, limit=100)


def test_filters(story: Store) -> None:
    assert rows(latest(story).transitions(after=0, limit=9, sid=2)) == [(12, 2, "enter", 5)]
    assert rows(latest(story).transitions(after=0, limit=9, pid=15)) == [
        (7, 1, "enter", 15),
        (14, 1, "exit", 15),
        (16, 1, "enter", 15),
    ]
    assert rows(latest(story).transitions(after=7, limit=1, pid=15)) == [(14, 1, "exit", 15)]
    assert rows(latest(story).transitions(after=0, limit=9, pid=15, sid=2)) == []
    assert rows(latest(story).transitions(after=0, limit=9, pid=5, action="exit")) == [(15, 1, "exit", 5)]
    assert rows(latest(story).transitions(after=0, limit=9, cause="time")) == [(13, 1, "exit", 12), (14, 1, "exit", 15)]
    assert rows(latest(story).transitions(after=13, limit=9, cause="time", sid=1)) == [(14, 1, "exit", 15)]
    assert rows(latest(story).transitions(after=0, limit=9, pid=13, cause="facts")) == []
    assert rows(latest(story).transitions(after=16, limit=9)) == []


def test_the_last_transition_of_a_profile_in_a_segment(story: Store) -> None:
    def sequence(sid: int, pid: int) -> int | None:
        last = latest(story).last_transition(sid, pid)
        return last.sequence if last else None

    assert sequence(1, 15) == 16  # alone, after two blocks
    assert sequence(1, 12) == 13  # in a later block
    assert sequence(1, 13) == 5  # in an earlier one, though the later one reaches over it
    assert sequence(1, 5) == 15
    assert sequence(2, 5) == 12
    assert sequence(2, 15) is None
    assert sequence(1, 99) is None


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ([block(18, [1])], "has sequence 17"),
        ([block(16, [1])], "has sequence 17"),
        ([block(17, [1, 2]), block(18, [1])], "has sequence 19"),
        ([block(17, [])], "never empty"),
        ([block(17, [2, 1])], "ascending"),
        ([block(17, [1, 1, 2])], "distinct"),
    ],
)
def test_a_gap_or_disorder_undoes_the_whole_transaction(story: Store, bad: list[TransitionBlock], why: str) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(0)])
        tx.append_transitions(bad)

    with pytest.raises(ValueError, match=why):
        story.write(work)
    assert latest(story).last_sequence() == 16
    assert latest(story).profiles([0]) == []


def test_a_segment_over_millions_is_one_small_row(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.insert_segment(segment(1))
        tx.append_transitions([block(1, range(3_000_000), cause="definition")])

    store.write(work)
    assert latest(store).last_sequence() == 3_000_000
    assert [each.pid for each in latest(store).transitions(after=2_999_998, limit=10)] == [2_999_998, 2_999_999]
    assert store.path.stat().st_size < 1_000_000


def test_transitions_outlive_their_profile_and_their_segment(story: Store) -> None:
    story.write(lambda tx: tx.delete_segment(2))
    assert rows(latest(story).transitions(after=11, limit=1)) == [(12, 2, "enter", 5)]
    assert latest(story).segment_ids() == {1: segment(1).id, 2: segment(2).id}
    assert [segment.sid for segment in latest(story).segments()] == [1]


@dataclass
class Move:
    sid: int
    pids: frozenset[int]
    enter: bool
    cause: str


MOVES = st.lists(
    st.builds(
        Move,
        st.sampled_from([1, 2]),
        st.frozensets(st.integers(0, 12), min_size=1),
        st.booleans(),
        st.sampled_from(["facts", "time"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES, snapshot_after=st.integers(0, 12), data=st.data())
def test_however_transitions_are_stored_they_read_like_a_plain_list(
    moves: list[Move], snapshot_after: int, data: st.DataObject
) -> None:
    connection = in_memory()
    tx = Transaction(connection)
    for sid in (1, 2):
        tx.insert_segment(segment(sid))
    plain: list[StoredTransition] = []
    members: dict[int, set[int]] = {1: set(), 2: set()}
    for number, move in enumerate(moves):
        pids = sorted(move.pids)
        action = "enter" if move.enter else "exit"
        tx.append_transitions([block(len(plain) + 1, pids, sid=move.sid, action=action, cause=move.cause)])
        plain += [
            StoredTransition(sequence, move.sid, 1, action, move.cause, NOW, pid)
            for sequence, pid in enumerate(pids, len(plain) + 1)
        ]
        members[move.sid] = members[move.sid] | move.pids if move.enter else members[move.sid] - move.pids
        if number == snapshot_after:
            tx.save_membership(move.sid, BitMap(members[move.sid]), len(plain))
    assert {sid: set(pids) for sid, pids in tx.memberships().items()} == members
    after, limit = data.draw(st.integers(0, 20)), data.draw(st.integers(1, 20))
    sid = data.draw(st.sampled_from([None, 1, 2]))
    pid = data.draw(st.sampled_from([None, 0, 5, 12]))
    action = data.draw(st.sampled_from([None, "enter", "exit"]))
    cause = data.draw(st.sampled_from([None, "facts", "time"]))
    expected = [
        each
        for each in plain
        if each.sequence > after
        and sid in (None, each.sid)
        and pid in (None, each.pid)
        and action in (None, each.action)
        and cause in (None, each.cause)
    ]
    assert tx.transitions(after=after, limit=limit, sid=sid, pid=pid, action=action, cause=cause) == expected[:limit]
    if pid is not None and sid is not None:
        last = [each for each in plain if (each.sid, each.pid) == (sid, pid)]
        assert tx.last_transition(sid, pid) == (last[-1] if last else None)
    assert all(second.sequence == first.sequence + 1 for first, second in pairwise(plain))
    connection.close()
