"""Stored destinations: the log as their outbox, waiting deliveries, the last attempts."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import orjson
import pytest

from coterie.store.destinations import (
    ABANDONED_MAX,
    ATTEMPTS_MAX,
    Progress,
    StoredAttempt,
    StoredDelivery,
    StoredDestination,
    StoredSecret,
)
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, block, segment, segment_id

NEW = StoredDestination(
    did=0, id="019c0000-0000-7000-d000-000000000001", url="https://example.com/", description=None,
    segments=None, actions=None, causes=None, state="active", state_reason=None, cursor=0,
    failures=0, failing_since=None, hold_until=None, created_at=NOW, updated_at=NOW,
)  # fmt: skip

BLOCKS = [
    block(1, [5]),
    block(2, range(10, 20), cause="definition"),
    block(12, [5], sid=2),
    block(13, [12, 15], action="exit", cause="time"),
    block(15, [5], action="exit"),
    block(16, [15], sid=3, cause="time"),
]


@pytest.fixture
def log(store: Store) -> Store:
    def work(tx: Transaction) -> None:
        for sid in (1, 2, 3):
            tx.insert_segment(segment(sid))
        tx.append_transitions(BLOCKS)
        tx.delete_segment(3)

    store.write(work)
    return store


def words(*given: str) -> str | None:
    return orjson.dumps(given).decode() if given else None


SEGMENTS = [(), (1,), (2,), (3,), (1, 3)]
ACTIONS = [(), ("enter",), ("exit",), ("enter", "exit")]
CAUSES = [(), ("facts",), ("time", "definition")]


def test_the_outbox_applies_the_filters_in_pages_of_any_size(log: Store) -> None:
    everything = latest(log).transitions(after=0, limit=100)
    for sids, actions, causes in product(SEGMENTS, ACTIONS, CAUSES):
        wanted = replace(NEW, segments=words(*map(segment_id, sids)), actions=words(*actions), causes=words(*causes))
        expected = [
            each
            for each in everything
            if (not sids or each.sid in sids)
            and (not actions or each.action in actions)
            and (not causes or each.cause in causes)
        ]
        for until, limit in product((0, 1, 4, 13, 16), (1, 3, 100)):
            delivered, after = [], 0
            while after < until:
                page, read_to = latest(log).outbox(wanted, after, until, limit)
                assert after < read_to <= until
                assert len(page) <= limit
                delivered, after = [*delivered, *page], read_to
            assert delivered == [each for each in expected if each.sequence <= until]


def test_every_transition_is_found_by_its_sequence_and_none_beyond(log: Store) -> None:
    for transition in latest(log).transitions(after=0, limit=100):
        assert latest(log).transition(transition.sequence) == transition
    assert latest(log).transition(17) is None
    assert latest(log).transition(0) is None
    assert latest(log).segment_id(3) == segment_id(3)  # also of one that was deleted


def test_progress_is_written_together_and_read_back(store: Store) -> None:
    did = store.write(lambda tx: tx.insert_destination(NEW))
    stored = replace(NEW, did=did)
    assert latest(store).destinations() == [stored]
    moved = replace(
        stored, state="failing", state_reason="no", cursor=7, failures=3, failing_since=NOW, hold_until=NOW + 5
    )
    first, second = StoredDelivery(did, 5, 1, NOW, NOW + 5), StoredDelivery(did, 7, 2, NOW, NOW + 9)
    failed = StoredAttempt(5, NOW, 500, "no", 0.5, NOW + 5, False)
    store.write(lambda tx: tx.record_progress(Progress(moved, [first, second], [], [failed])))
    assert (latest(store).destinations(), latest(store).deliveries(), latest(store).attempts(did, 10)) == (
        [moved],
        [first, second],
        [failed],
    )

    later = second._replace(attempt_count=3, next_at=NOW + 90)
    store.write(lambda tx: tx.record_progress(Progress(moved, [later], [5], [])))
    assert latest(store).deliveries() == [later]

    renamed = replace(moved, url="https://example.com/new", segments='["x"]', cursor=99)
    store.write(lambda tx: tx.update_destination(renamed))
    assert latest(store).destinations() == [replace(renamed, cursor=7)]  # its course is not changed by its words


def test_the_last_attempts_are_stored_and_more_of_the_abandoned_ones(store: Store) -> None:
    did, other = (store.write(lambda tx, n=n: tx.insert_destination(replace(NEW, id=f"d{n}"))) for n in (1, 2))
    stored = replace(NEW, did=did)

    def attempts(first: int, count: int, *, given_up: bool = False) -> list[StoredAttempt]:
        return [StoredAttempt(first + n, NOW, None, "no", 0.1, None, given_up) for n in range(count)]

    store.write(lambda tx: tx.record_progress(Progress(replace(NEW, did=other), [], [], attempts(1, 5))))
    store.write(lambda tx: tx.record_progress(Progress(stored, [], [], attempts(1, 3, given_up=True))))
    for turn in range(3):
        store.write(lambda tx, n=turn: tx.record_progress(Progress(stored, [], [], attempts(1_000 * (n + 1), 90))))
    kept = latest(store).attempts(did, 10_000)
    assert len([attempt for attempt in kept if not attempt.given_up]) == ATTEMPTS_MAX
    assert [attempt.sequence for attempt in kept if attempt.given_up] == [3, 2, 1]
    assert (kept[0].sequence, latest(store).attempts(did, 1)) == (3_089, kept[:1])
    assert len(latest(store).attempts(other, 100)) == 5
    store.write(lambda tx: tx.record_progress(Progress(stored, [], [], attempts(1, ABANDONED_MAX + 5, given_up=True))))
    assert len([attempt for attempt in latest(store).attempts(did, 10_000) if attempt.given_up]) == ABANDONED_MAX


def test_deleting_a_destination_deletes_all_of_it_and_nothing_is_recorded_of_it_later(store: Store) -> None:
    did = store.write(lambda tx: tx.insert_destination(NEW))
    progress = Progress(
        replace(NEW, did=did),
        [StoredDelivery(did, 1, 1, NOW, NOW)],
        [],
        [StoredAttempt(1, NOW, 500, "no", 0.1, NOW, False)],
    )
    store.write(lambda tx: tx.put_destination_secrets([StoredSecret(did, "whsec_x", NOW, None)]))
    store.write(lambda tx: tx.record_progress(progress))
    store.write(lambda tx: tx.delete_destination(did))
    store.write(lambda tx: tx.record_progress(progress))
    assert (
        latest(store).destinations(),
        latest(store).destination_secrets(),
        latest(store).deliveries(),
        latest(store).attempts(did, 9),
    ) == (
        [],
        [],
        [],
        [],
    )


def test_secrets_expire(store: Store) -> None:
    did = store.write(lambda tx: tx.insert_destination(NEW))
    old, new = StoredSecret(did, "old", NOW, NOW + 10), StoredSecret(did, "new", NOW + 1, None)
    store.write(lambda tx: tx.put_destination_secrets([old, new]))
    assert latest(store).destination_secrets() == [old, new]
    store.write(lambda tx: tx.delete_expired_secrets(did, NOW + 9))
    assert latest(store).destination_secrets() == [old, new]
    store.write(lambda tx: tx.delete_expired_secrets(did, NOW + 10))
    assert latest(store).destination_secrets() == [new]
