"""The versions of the schema. A database moves forward through them, never back.

They are `schema/<database>/migrations/0001_....sql`, `0002_....sql` and so on. Each runs in a
transaction of its own and ends by setting `user_version` to its own number, so a version is either
complete or absent. Foreign keys are off meanwhile (a table may be rebuilt) and checked before the
commit. A released migration is never edited. To add one: the next number, the SQL, and a
`tests/unit/store/versions/<number>.sql` of a database written by the version before (see there).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import apsw

from coterie.errors import DataDirectoryDamaged, SchemaTooNew, StoreError

_FILE = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str


def load(database: str) -> tuple[Migration, ...]:
    folder = files("coterie.store").joinpath("schema", database, "migrations")
    return in_order({entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()})


def in_order(texts: dict[str, str]) -> tuple[Migration, ...]:
    """Migrations from the texts of files by name, numbered 1, 2, 3, ... without a gap."""
    migrations: list[Migration] = []
    for name, sql in sorted(texts.items()):
        matched = _FILE.fullmatch(name)
        if matched is None or int(matched[1]) != len(migrations) + 1:
            raise ValueError(f"{name} is not the migration after number {len(migrations)}")
        migrations.append(Migration(int(matched[1]), name, sql))
    return tuple(migrations)


WORKSPACE = load("workspace")
CONTROL = load("control")


def version_of(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def migrate(connection: apsw.Connection, migrations: Sequence[Migration], path: Path) -> None:
    """Bring the database to the newest version. Raises SchemaTooNew, DataDirectoryDamaged."""
    newest = migrations[-1].version
    version = version_of(connection)
    if version > newest:
        raise SchemaTooNew(
            f"{path} was written by a newer Coterie (schema {version}; this one knows up to {newest}).",
            hint="Upgrade Coterie, or restore a backup from before the upgrade.",
        )
    for migration in migrations[version:]:
        _apply(connection, migration, path)


def _apply(connection: apsw.Connection, migration: Migration, path: Path) -> None:
    connection.execute("pragma foreign_keys = off")
    connection.execute("begin immediate")
    try:
        if version_of(connection) < migration.version:  # else another process was faster
            connection.execute(migration.sql).fetchall()
            _verify(connection, migration, path)
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _verify(connection: apsw.Connection, migration: Migration, path: Path) -> None:
    if version_of(connection) != migration.version:
        raise StoreError(f"Migration {migration.name} does not set user_version to {migration.version}.")
    broken = connection.execute("pragma foreign_key_check").fetchall()
    if broken:
        raise DataDirectoryDamaged(
            f"{path} cannot be brought to schema {migration.version}: {len(broken)} rows refer to missing rows.",
            hint="Nothing was changed. Restore a backup, or report this with the output of `coterie check`.",
        )
