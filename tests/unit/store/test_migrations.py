"""A file written by any version, from the first on, opens with everything that was in it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from coterie.errors import DataDirectoryDamaged, SchemaTooNew, StoreError
from coterie.store import migrations
from coterie.store.migrations import in_order, migrate, version_of
from coterie.store.store import Store
from tests.unit.store.latest import latest
from tests.unit.store.samples import NOW, block, in_memory, profile
from tests.unit.store.story import STORY, read_story, story_of, version_file, write_story

ALL_VERSIONS = [migration.version for migration in migrations.WORKSPACE]
MEMORY = Path(":memory:")


def restore(version: int, path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(version_file(version).read_text(encoding="utf-8"))
    connection.pragma("journal_mode", "wal")
    connection.close()


def schema(connection: apsw.Connection) -> list[tuple[object, ...]]:
    """Every table and index, with its words but not its spaces or comments' places."""
    rows = connection.execute("select type, name, tbl_name, sql from sqlite_schema order by type, name")
    return [(kind, name, table, " ".join(str(sql).lower().split())) for kind, name, table, sql in rows]


def test_the_newest_version_writes_the_story(path: Path) -> None:
    write_story(path)
    store = Store.open(path, now=NOW, zone="UTC")
    assert read_story(store) == STORY
    store.close()


@pytest.mark.parametrize("version", ALL_VERSIONS)
def test_a_file_of_every_version_opens_with_its_story(version: int, path: Path) -> None:
    """No file for the newest version? See story.py."""
    restore(version, path)
    store = Store.open(path, now=NOW + 1, zone="UTC")
    assert read_story(store) == story_of(version)
    assert store.integrity_problems() == []
    assert store.write(lambda tx: schema(tx._connection)) == schema(in_memory())
    assert store.write(lambda tx: version_of(tx._connection)) == ALL_VERSIONS[-1]
    store.write(lambda tx: tx.insert_profiles([profile(4, external_id="new")]))
    store.write(lambda tx: tx.append_transitions([block(8, [4])]))
    store.close()
    again = Store.open(path, now=NOW + 2, zone="UTC")
    assert latest(again).last_sequence() == 8
    again.close()


ONE = (
    "create table song (id integer primary key, title text);"
    " insert into song values (1, 'Im Treibhaus'); pragma user_version = 1;"
)
TWO = "alter table song add column year integer; update song set year = 1858; pragma user_version = 2;"


def at_version_one() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection, in_order({"0001_a.sql": ONE}), MEMORY)
    return connection


def test_only_missing_migrations_run() -> None:
    connection = at_version_one()
    both = in_order({"0002_b.sql": TWO, "0001_a.sql": ONE})
    migrate(connection, both, MEMORY)
    migrate(connection, both, MEMORY)
    assert connection.execute("select * from song").fetchall() == [(1, "Im Treibhaus", 1858)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (
            "alter table song add column year integer; insert into nothing values (1); pragma user_version = 2;",
            apsw.SQLError,
        ),
        ("alter table song add column year integer;", StoreError),
        (
            "create table verse (song integer references song (id));"
            " insert into verse values (9); pragma user_version = 2;",
            DataDirectoryDamaged,
        ),
    ],
    ids=["fails in the middle", "forgets its number", "breaks a reference"],
)
def test_a_migration_that_fails_changes_nothing(bad: str, error: type[Exception]) -> None:
    connection = at_version_one()
    before = schema(connection)
    with pytest.raises(error):
        migrate(connection, in_order({"0001_a.sql": ONE, "0002_b.sql": bad}), MEMORY)
    assert schema(connection) == before
    assert version_of(connection) == 1
    assert not connection.in_transaction


def test_a_newer_database_is_refused() -> None:
    connection = at_version_one()
    connection.pragma("user_version", 7)
    with pytest.raises(SchemaTooNew, match="schema 7; this one knows up to 1"):
        migrate(connection, in_order({"0001_a.sql": ONE}), MEMORY)


@pytest.mark.parametrize(
    "names", [["0002_b.sql"], ["0001_a.sql", "0003_c.sql"], ["0001_a.sql", "0001_b.sql"], ["readme.md"]]
)
def test_migrations_are_numbered_without_gaps(names: list[str]) -> None:
    with pytest.raises(ValueError, match="is not the migration after"):
        in_order(dict.fromkeys(names, ""))


def test_a_table_can_be_rebuilt_although_others_refer_to_it(path: Path) -> None:
    """Why foreign keys are off meanwhile: dropping `song` would delete its verses too."""
    connection = apsw.Connection(str(path))
    connection.pragma("foreign_keys", True)
    verses = "create table verse (song integer references song (id) on delete cascade); insert into verse values (1);"
    second = """
        create table song_new (id integer primary key, title text not null);
        insert into song_new select * from song;
        drop table song;
        alter table song_new rename to song;
        pragma user_version = 2;
    """
    migrate(connection, in_order({"0001_a.sql": f"{verses} {ONE}", "0002_b.sql": second}), path)
    assert connection.execute("select count(*) from verse").fetchall() == [(1,)]
    connection.close()
