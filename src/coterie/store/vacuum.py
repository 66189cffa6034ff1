"""Rewrite a workspace file as small as its content, so that no deleted data is left in any file.

Deleted rows are overwritten at once (`secure_delete`), but their old pages stay in the WAL until a
checkpoint, and their space stays in the file. VACUUM rewrites the file, then the WAL is
emptied. Writers wait meanwhile, readers do not. It needs as much disk again in the folder for
temporary files (SQLite chooses it: see SQLITE_TMPDIR), and as much in the WAL.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from coterie.errors import StoreError
from coterie.store.queries import WORKSPACE as SQL


def vacuum(connection: apsw.Connection, path: Path) -> None:
    """Run it on the writing connection, outside of a transaction.

    Raises StoreError where a reader still uses the old pages.
    """
    connection.pragma("temp_store", "file")  # the copy may be larger than memory
    try:
        connection.execute(SQL["vacuum"])
    finally:
        connection.pragma("temp_store", "memory")
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError as error:
        raise StoreError(
            f"{path} was compacted, but its log cannot be emptied: a reader still uses the old pages.",
            hint="Compact it once more when long reads, such as exports and backups, have ended.",
        ) from error


def size(path: Path) -> int:
    """Bytes of the file and its WAL."""
    wal = path.with_name(path.name + "-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
