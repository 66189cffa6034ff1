"""Making a workspace file as small as what is in it, so that nothing deleted is left in any file of ours.

Deleted rows are overwritten when they are deleted (`secure_delete`), but their old pages stand in the log until it is folded into the file, and the space they took
stays the file's. Here the file is written anew and the log is emptied. Meanwhile nobody can write, readers go on. It takes, for as long as it
runs, as much disk again in the folder for temporary files (SQLite's own rules say which: see SQLITE_TMPDIR) and as much in the log beside the file.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from coterie.errors import StoreError
from coterie.store.queries import WORKSPACE as SQL


def vacuum(connection: apsw.Connection, path: Path) -> None:
    """With the writing connection, outside of a transaction. Raises StoreError where a reader keeps the old pages in use."""
    connection.pragma("temp_store", "file")  # the copy may be larger than memory
    try:
        connection.execute(SQL["rewrite_file"])
    finally:
        connection.pragma("temp_store", "memory")
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError as error:
        raise StoreError(
            f"{path} was compacted, but its log cannot be emptied: somebody is reading what was there before.",
            hint="Compact it once more when long reads, such as exports and backups, have ended.",
        ) from error


def size(path: Path) -> int:
    """Bytes of the file and its log."""
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
