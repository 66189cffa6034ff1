"""SQLite's errors as StoreErrors. All use of a database happens inside `translated_errors`.

So no other room ever sees an `apsw` error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from coterie.errors import DataDirectoryDamaged, StoreError

RESTORE = "Restore it from a backup; `sqlite3 FILE .recover` may save what can still be read."


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn an error of the database at `path` into a StoreError with a hint."""
    try:
        yield
    except apsw.Error as error:
        raise translate(error, path) from error


def translate(error: apsw.Error, path: Path) -> StoreError:
    """What `error` means for the database at `path`, and what to do about it."""
    match error:
        case apsw.NotADBError():
            return DataDirectoryDamaged(f"{path} is not an SQLite database, or its beginning is damaged.", hint=RESTORE)
        case apsw.CorruptError():
            return DataDirectoryDamaged(f"{path} is damaged: parts of it are missing or make no sense.", hint=RESTORE)
        case apsw.FullError():
            return StoreError(
                f"The disk that holds {path} is full; nothing was stored.", hint="Free some space and send it again."
            )
        case apsw.ReadOnlyError():
            return StoreError(
                f"{path} cannot be written to.", hint="Is its file or its disk read-only, or another user's?"
            )
        case apsw.CantOpenError() | apsw.PermissionsError() | apsw.AuthError():
            return StoreError(
                f"{path} cannot be opened.", hint="Does its folder exist, and may this user read and write there?"
            )
        case apsw.BusyError() | apsw.LockedError():
            return StoreError(
                f"Another process held {path} for too long.", hint="Is a backup or an SQLite shell using it?"
            )
        case apsw.IOError():
            return StoreError(f"The disk failed while {path} was in use ({error}).", hint="Look at the system's log.")
        case apsw.ConstraintError():
            return StoreError(f"A write would have broken a rule of {path} and was undone: {error}.")
        case apsw.ConnectionClosedError():
            return StoreError(f"{path} has been closed.")
    return StoreError(f"{path}: {error}.")
