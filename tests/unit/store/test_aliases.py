"""Aliases lead to one profile each; suppressions last; merges and erasures leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.store.change_times import UNKNOWN, decode_change_times, encode_change_times
from coterie.store.rows import StoredAlias
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, conversation, event, message, profile, profile_id, segment

BROWSER = StoredAlias("anonymous_id", "browser", 0)
FORMER = StoredAlias("email", "anna@example.com", 0)


@pytest.fixture
def people(store: Store) -> Store:
    store.write(lambda tx: tx.insert_profiles([profile(0), profile(1, external_id="browser")]))
    store.write(lambda tx: tx.put_aliases([BROWSER, FORMER]))
    return store


def test_an_alias_leads_to_its_profile(people: Store) -> None:
    assert latest(people).profile_by_alias("anonymous_id", "browser") == profile(0)
    assert latest(people).profile_by_alias("email", "anna@example.com") == profile(0)
    for kind, value in (
        ("email", "browser"),
        ("external_id", "browser"),
        ("anonymous_id", "\ud800"),
        ("no", "browser"),
    ):
        assert latest(people).profile_by_alias(kind, value) is None
    wanted = ["browser", "other", "browser"]
    assert people.write(lambda tx: tx.find_aliases("anonymous_id", wanted)) == {"browser": 0}
    assert latest(people).aliases_of(0) == people.write(lambda tx: tx.aliases_of(0)) == [BROWSER, FORMER]


def test_the_latest_profile_of_an_alias_counts(people: Store) -> None:
    people.write(lambda tx: tx.put_aliases([BROWSER._replace(pid=1)]))
    assert latest(people).aliases_of(1) == [BROWSER._replace(pid=1)]
    people.write(lambda tx: tx.move_aliases(0, 1))
    assert latest(people).aliases_of(0) == []
    assert latest(people).aliases_of(1) == [BROWSER._replace(pid=1), FORMER._replace(pid=1)]


@pytest.mark.parametrize("wrong", [StoredAlias("nickname", "a", 0), StoredAlias("email", "a", 7)])
def test_an_alias_has_a_known_kind_and_an_existing_profile(people: Store, wrong: StoredAlias) -> None:
    with pytest.raises(StoreError, match="undone"):
        people.write(lambda tx: tx.put_aliases([wrong]))


def test_suppressed_marks_are_remembered(store: Store, path: Path) -> None:
    marks = [bytes([number]) * 32 for number in range(5)] + [b"", b"\0"]
    store.write(lambda tx: tx.suppress(marks[:3], NOW))
    store.write(lambda tx: tx.suppress([*marks[2:4], b""], NOW + 1))
    again = Store.open(path, now=NOW, zone="UTC")
    assert latest(again).suppressed(marks) == again.write(lambda tx: tx.suppressed(marks)) == {*marks[:4], b""}
    again.close()


def test_a_merge(people: Store) -> None:
    """What the store gives for it: everything of the loser's goes over, and then the loser goes."""

    def merge(tx: Transaction) -> None:
        tx.insert_segment(segment(1, kind="static"))
        tx.add_list_members(1, [0], NOW)
        tx.insert_events([event(0, 0), event(1, 1)])
        tx.put_conversations([conversation(0, 0, message_count=1)])
        tx.insert_messages([message(0, 0)])
        for move in (tx.move_events, tx.move_conversations, tx.move_aliases):
            move(0, 1)
        tx.add_list_members(1, [1], NOW)
        tx.delete_profile(0)
        tx.put_aliases([StoredAlias("id", profile_id(0), 1)])

    people.write(merge)
    assert latest(people).events_of_pids([0, 1]) == {1: [event(0, 1), event(1, 1)]}
    assert latest(people).conversations(limit=9) == [conversation(0, 1, message_count=1)]
    assert latest(people).messages(0, limit=9) == [message(0, 0)]
    assert list(latest(people).list_members()[1]) == [1]
    for kind, value in (("id", profile_id(0)), ("anonymous_id", "browser"), ("email", "anna@example.com")):
        assert latest(people).profile_by_alias(kind, value) == profile(1, external_id="browser")


def test_a_deleted_profile_leaves_no_alias(people: Store) -> None:
    people.write(lambda tx: tx.delete_profile(0))
    assert latest(people).profile_by_alias("anonymous_id", "browser") is None


# --- since when


def test_change_times_are_stored_with_the_values(people: Store) -> None:
    newer = profile(0, plan="pro")._replace(changes=encode_change_times({"plan": NOW + 5}), updated_at=NOW + 5)
    people.write(lambda tx: tx.update_profiles([newer]))
    (stored,) = latest(people).profiles([0])
    assert stored == newer
    assert decode_change_times(stored, ["plan"]) == {"plan": NOW + 5}
    people.write(lambda tx: tx.update_profiles([newer._replace(changes=encode_change_times({}))]))
    (stored,) = latest(people).profiles([0])
    assert stored.changes is None
    assert decode_change_times(stored, ["plan"]) == {}


def test_without_change_times_everything_changed_at_the_last_update() -> None:
    old = profile(0, external_id="u", plan="pro")._replace(changes=UNKNOWN, updated_at=NOW + 5)
    assert decode_change_times(old, ["plan"]) == {"plan": NOW + 5, "external_id": NOW + 5}
