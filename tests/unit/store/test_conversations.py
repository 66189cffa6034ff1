"""Conversations and messages: replaced, deduplicated, paged, moved, deleted with their profile."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.store.rows import StoredConversation
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, conversation, conversation_id, message, profile

FIRST = conversation(0, 0, external_id="c-0", product_id="p", message_count=2, plan="pro")
SECOND = conversation(1, 1, product_id="p")
THIRD = conversation(2, 0, external_id="c-2", product_id="q")
TALK = [message(0, 0, external_id="m-0", content="Füße 🦶"), message(0, 1)]


@pytest.fixture
def talks(store: Store) -> Store:
    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(pid) for pid in range(3)])
        tx.insert_messages(TALK)  # before the conversation they are of
        tx.put_conversations([FIRST, SECOND, THIRD])

    store.write(work)
    return store


def test_a_conversation_comes_back_as_it_was_put(talks: Store) -> None:
    assert latest(talks).conversations_by_id([FIRST.id]).get(FIRST.id) == FIRST
    assert latest(talks).conversations_by_external_id(["c-2"]).get("c-2") == THIRD
    assert latest(talks).conversations_by_cid([2, 9, 0]) == [THIRD, FIRST]
    assert latest(talks).conversations_of_pids([0, 1, 2]) == {0: [FIRST, THIRD], 1: [SECOND]}
    assert talks.write(lambda tx: tx.conversations_of_pids([0])) == {0: [FIRST, THIRD]}
    assert talks.write(lambda tx: tx.conversations_by_id([SECOND.id, "no"])) == {SECOND.id: SECOND}
    assert talks.write(lambda tx: tx.conversations_by_external_id(["c-0", "\ud800"])) == {"c-0": FIRST}
    assert [*chain.from_iterable(latest(talks).all_conversations(batch=2))] == [FIRST, SECOND, THIRD]
    for text in ("", "no", "\ud800", "c-0\0"):
        assert latest(talks).conversations_by_id([text]).get(text) is None
        assert latest(talks).conversations_by_external_id([text]).get(text) is None


def test_the_instant_it_counts_at() -> None:
    bare = SECOND._replace(created_at=1)
    assert bare.at == 1
    assert bare._replace(started_at=0).at == 0
    assert bare._replace(started_at=2, last_message_at=0).at == 0
    assert bare._replace(started_at=2, last_message_at=3, sent_at=-4).at == -4


def test_a_conversation_is_replaced(talks: Store) -> None:
    newer = StoredConversation(
        1, SECOND.id, "new", 2, None, "v", None, NOW - 1, NOW - 2, NOW - 3, b'{"a":1.0}', b"{}", 0, NOW + 1, NOW + 2
    )
    new = conversation(3, 2)
    talks.write(lambda tx: tx.put_conversations([newer, new]))
    assert latest(talks).conversations_by_id([SECOND.id]).get(SECOND.id) == newer
    assert latest(talks).conversations_by_external_id(["new"]).get("new") == newer
    assert latest(talks).conversations(limit=9) == [FIRST, newer, THIRD, new]
    assert talks.write(lambda tx: tx.next_cid()) == 4


def test_numbers_and_ids_are_permanent(talks: Store, path: Path) -> None:
    with pytest.raises(ValueError, match="should be there"):
        talks.write(lambda tx: tx.put_conversations([SECOND._replace(id="another")]))
    with pytest.raises(StoreError, match="undone"):
        talks.write(lambda tx: tx.put_conversations([conversation(5)._replace(id=FIRST.id)]))
    with pytest.raises(StoreError, match="undone"):
        talks.write(lambda tx: tx.put_conversations([conversation(5, external_id="c-0")]))
    talks.write(lambda tx: tx.delete_conversations_of(0))
    again = Store.open(path, now=NOW, zone="UTC")
    assert again.write(lambda tx: tx.next_cid()) == 3
    with pytest.raises(ValueError, match="should be there"):
        again.write(lambda tx: tx.put_conversations([THIRD]))
    again.close()


@pytest.mark.parametrize("pid", [None, 0, 1, 2])
@pytest.mark.parametrize("product_id", [None, "p", "q", "nothing", "\ud800"])
def test_conversations_page_oldest_first_and_are_counted(talks: Store, pid: int | None, product_id: str | None) -> None:
    talks.write(lambda tx: tx.put_conversations([conversation(cid, cid % 2, product_id="p") for cid in range(3, 23)]))
    every = latest(talks).conversations(limit=99)
    assert [each.cid for each in every] == list(range(23))
    wanted = [each for each in every if pid in (None, each.pid) and product_id in (None, each.product_id)]
    assert latest(talks).count_conversations(pid=pid, product_id=product_id) == len(wanted)
    seen: list[StoredConversation] = []
    while page := latest(talks).conversations(
        after=seen[-1].cid if seen else None, limit=3, pid=pid, product_id=product_id
    ):
        assert page == latest(talks).conversations(offset=len(seen), limit=3, pid=pid, product_id=product_id)
        seen += page
    assert seen == wanted


# --- messages


def test_messages_come_in_order_of_arrival(talks: Store) -> None:
    assert latest(talks).messages(0, limit=9) == TALK
    assert latest(talks).messages(0, limit=1) == TALK[:1]
    assert latest(talks).messages(0, after=0, limit=9) == TALK[1:]
    assert latest(talks).messages(1, limit=9) == []


def test_a_message_is_found_by_its_own_id_and_by_the_sender_s(talks: Store) -> None:
    elsewhere = message(1, 0, external_id="m-0")
    talks.write(lambda tx: tx.insert_messages([elsewhere]))
    talks.write(lambda tx: tx.put_conversations([SECOND._replace(message_count=1)]))
    assert latest(talks).message_by_id(TALK[1].id) == TALK[1]
    assert latest(talks).messages_by_external_id("m-0") == [TALK[0], elsewhere]
    for text in ("", "m-1", "\ud800"):
        assert latest(talks).message_by_id(text) is None
        assert latest(talks).messages_by_external_id(text) == []
    stored = talks.write(
        lambda tx: tx.message_ids_by_external_id([(0, "m-0"), (1, "m-0"), (2, "m-0"), (0, "m-1"), (0, "\ud800")])
    )
    assert stored == {(0, "m-0"): TALK[0].id, (1, "m-0"): elsewhere.id}


@pytest.mark.parametrize(
    "wrong",
    [
        message(0, 2, external_id="m-0"), message(0, 1)._replace(id="another"), message(0, 2)._replace(id=TALK[0].id),
        message(9, 0),
    ],
    ids=["twice", "a number twice", "an id twice", "of no conversation"],
)  # fmt: skip
def test_an_invalid_message_is_refused(talks: Store, wrong: object) -> None:
    with pytest.raises(StoreError, match="undone"):
        talks.write(lambda tx: tx.insert_messages([message(0, 5), wrong]))  # type: ignore[list-item]  # it is one
    assert latest(talks).messages(0, limit=9) == TALK


def test_conversations_move_to_another_profile_with_their_messages(talks: Store) -> None:
    talks.write(lambda tx: tx.move_conversations(0, 1))
    assert [each.cid for each in latest(talks).conversations(pid=1, limit=9)] == [0, 1, 2]
    assert latest(talks).conversations(pid=0, limit=9) == []
    assert latest(talks).messages(0, limit=9) == TALK


def test_a_profile_takes_its_conversations_and_messages_along(talks: Store) -> None:
    talks.write(lambda tx: tx.delete_profile(0))
    assert latest(talks).conversations(limit=9) == [SECOND]
    assert latest(talks).conversations_by_id([conversation_id(0)]).get(conversation_id(0)) is None
    assert latest(talks).messages(0, limit=9) == []
    assert latest(talks).message_by_id(TALK[0].id) is None
