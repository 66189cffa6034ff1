"""The schema's versions. A database moves forward through `schema/<database>/migrations/0001_....sql`, `0002_....sql` and so on, never back.

Each file is run in a transaction of its own and ends by setting `user_version` to its own number, so a version is either whole or not there.
Foreign keys are off meanwhile (a table may be rebuilt) and checked before the commit. A released migration is never edited. To add
one: the next number, the SQL, a `tests/unit/store/versions/<number>.sql` of a database written by the version before (see there).
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
    """Migrations from files by name. Their numbers are 1, 2, 3, ... without a gap."""
    found: list[Migration] = []
    for name, sql in sorted(texts.items()):
        matched = _FILE.fullmatch(name)
        if matched is None or int(matched[1]) != len(found) + 1:
            raise ValueError(f"{name} is not the migration after number {len(found)}")
        found.append(Migration(int(matched[1]), name, sql))
    return tuple(found)


WORKSPACE = load("workspace")
CONTROL = load("control")


def version_of(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def migrate(connection: apsw.Connection, migrations: Sequence[Migration], path: Path) -> None:
    """Bring the database to the newest version. Raises SchemaTooNew, DataDirectoryDamaged (it is somebody else's database)."""
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
        if version_of(connection) < migration.version:  # else another process was quicker
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
            f"{path} could not be brought to schema {migration.version}: {len(broken)} rows refer to rows that are not there.",
            hint="Nothing was changed. Restore a backup, or report this with the output of `coterie check`.",
        )
