"""A damaged file gives a helpful error. It is never taken for a new or a sound one."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from coterie.errors import DataDirectoryDamaged, SchemaTooNew, StoreError
from coterie.store.control import Control
from coterie.store.directory import control_path
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, block, conversation, event, message, profile, segment


@pytest.fixture
def closed(path: Path) -> Path:
    """A workspace of a few hundred pages, closed."""
    store = Store.open(path, now=NOW, zone="UTC")

    def work(tx: Transaction) -> None:
        tx.insert_profiles([profile(pid, external_id=f"u-{pid}", note="x" * 500) for pid in range(2_000)])
        tx.insert_segment(segment(1))
        tx.append_transitions([block(1, range(100)), block(101, [3], action="exit")])
        tx.insert_events([event(0, 7, total=1.0), event(1, 8, at=NOW - 1, tags=("a",))])
        tx.put_conversations([conversation(0, 7, message_count=1)])
        tx.insert_messages([message(0, 0)])
        (stored,) = tx.profiles([7])
        tx.update_profiles([stored._replace(changes=b'{"note":5}')])

    store.write(work)
    store.close()
    return path


def read_everything(path: Path) -> None:
    store = Store.open(path, now=NOW, zone="UTC")
    try:
        list(latest(store).all_profiles())
        latest(store).memberships()
    finally:
        store.close()


def alter(path: Path, sql: str) -> None:
    """What another program does to the file."""
    other = apsw.Connection(str(path))
    other.execute(sql)
    other.close()


def helpful(error: StoreError) -> None:
    assert "default.sqlite" in error.message
    assert error.hint


def test_a_file_that_is_not_a_database(closed: Path) -> None:
    closed.write_bytes(b"To whom it may concern:" + closed.read_bytes()[23:])
    with pytest.raises(DataDirectoryDamaged, match="not an SQLite database") as caught:
        Store.open(closed, now=NOW, zone="UTC")
    helpful(caught.value)


@pytest.mark.parametrize("kept", [0, 100, 4096, 0.5, 0.99])
def test_a_truncated_file(closed: Path, kept: float) -> None:
    whole = closed.read_bytes()
    closed.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    with pytest.raises(DataDirectoryDamaged) as caught:
        read_everything(closed)
    helpful(caught.value)


def test_a_file_overwritten_in_the_middle(closed: Path) -> None:
    whole = bytearray(closed.read_bytes())
    whole[40_960:409_600] = b"\xa5" * (409_600 - 40_960)
    closed.write_bytes(whole)
    with pytest.raises(DataDirectoryDamaged) as caught:
        read_everything(closed)
    helpful(caught.value)


def test_a_database_of_another_program(path: Path) -> None:
    alter(path, "create table songs (title text)")
    with pytest.raises(DataDirectoryDamaged, match="did not write"):
        Store.open(path, now=NOW, zone="UTC")
    alter(path, "insert into songs values ('still here')")


def test_a_control_file_in_place_of_a_workspace(tmp_path: Path) -> None:
    Control.open(tmp_path, NOW).close()
    with pytest.raises(DataDirectoryDamaged, match="did not write"):
        Store.open(control_path(tmp_path), now=NOW, zone="UTC")


def test_a_missing_file_whose_wal_is_still_there(closed: Path) -> None:
    closed.rename(closed.with_name("elsewhere"))
    closed.with_name(closed.name + "-wal").write_bytes(b"frames")
    with pytest.raises(DataDirectoryDamaged, match="still there"):
        Store.open(closed, now=NOW, zone="UTC")


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path, now=NOW, zone="UTC")


def test_a_crash_while_a_workspace_is_made_leaves_no_half_of_one(path: Path) -> None:
    path.with_name(path.name + ".new").write_bytes(b"half")
    path.with_name(path.name + ".new-wal").write_bytes(b"half")
    Store.open(path, now=NOW, zone="UTC").close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_a_newer_coterie(closed: Path) -> None:
    alter(closed, "pragma user_version = 9999")
    before = closed.read_bytes()
    with pytest.raises(SchemaTooNew, match="9999") as caught:
        Store.open(closed, now=NOW, zone="UTC")
    helpful(caught.value)
    assert closed.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("delete from transitions where first_sequence = 1", "Transition 1 should follow, but 101 does."),
        ("update transitions set size = 99, first_sequence = 1 where size > 1", "Transition 100 should follow"),
        ("update transitions set high = 300 where size > 1", "should move 100 profiles from 0 to 300"),
        ("update transitions set pids = x'00ff' where size > 1", "cannot be read"),
        ("update counters set next = 1999", "Profile number 1999 is in use"),
        ("delete from segment_ids", "refers to a row of segment_ids"),
        ("delete from profiles where pid = 8", "There are events of profile number 8, which is missing."),
        ("delete from event_names", "There are events of name number 1, which is missing."),
        ("update counters set next = 1 where name = 'eid'", "Event number 1 is in use, but could be assigned again."),
        ("update counters set next = 0 where name = 'cid'", "Conversation number 0 is in use, but could be assigned"),
        ("delete from conversations", "A row of messages refers to a row of conversations that is missing."),
        ("update conversations set pid = 9999", "refers to a row of profiles"),
        ("delete from messages", "should have 1 messages; it has 0"),
        ("update messages set number = 3", "should have 1 messages; it has 1, the last of which has number 3"),
        (
            "update messages set extra = x'5b5d'",
            "The extra fields of message 019c0000-0000-7000-b000-000000000000 cannot be read",
        ),
        ("update profiles set document = x'00' where pid = 5", "The document of profile number 5 cannot be read."),
        ("update profiles set changes = x'7b7d7d' where pid = 7", "The changes of profile number 7 cannot be read."),
        ("update profiles set changes = x'7b2261223a227a227d' where pid = 7", "The changes of profile number 7"),
        (
            """update events set document = cast('{"total":1}' as blob)""",
            "The document of event number 0 cannot be read.",
        ),
        (
            """update events set document = cast('{"a":null}' as blob)""",
            "The document of event number 1 cannot be read.",
        ),
        (
            """update events set document = cast('{"a":[1]}' as blob)""",
            "The document of event number 1 cannot be read.",
        ),
        ("""update events set document = cast('{"a":{"b":1}}' as blob)""", "The document of event number 1 cannot be"),
        ("update events set document = cast('[]' as blob)", "The document of event number 1 cannot be read."),
        ("update conversations set properties = x'7b'", "The properties of conversation number 0 cannot be read."),
        ("update conversations set analysis = x''", "The analysis of conversation number 0 cannot be read."),
    ],
)
def test_the_check_finds_what_the_schema_cannot_hold(closed: Path, damage: str, sentence: str) -> None:
    alter(closed, damage)
    store = Store.open(closed, now=NOW, zone="UTC")
    assert any(sentence in problem for problem in store.integrity_problems()), store.integrity_problems()
    store.close()


def test_of_many_problems_of_one_kind_twenty_are_reported(closed: Path) -> None:
    alter(closed, "update profiles set document = x'00'")
    store = Store.open(closed, now=NOW, zone="UTC")
    assert len(store.integrity_problems()) == 20
    store.close()


def test_the_check_finds_damage_in_pages_that_no_read_uses(closed: Path) -> None:
    whole = bytearray(closed.read_bytes())
    middle = len(whole) // 8192 * 4096
    whole[middle : middle + 4096] = b"\xa5" * 4096
    closed.write_bytes(whole)
    store = Store.open(closed, now=NOW, zone="UTC")
    assert any("damaged" in problem for problem in store.integrity_problems())
    store.close()
