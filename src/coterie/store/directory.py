"""A data directory: where its files are, and the lock that lets one process open it at a time.

    DIR/coterie.lock             which process has it open
    DIR/control.sqlite           workspaces and keys; any process may open it, at any time
    DIR/workspaces/<name>.sqlite one per workspace; only under the lock

The lock is the operating system's (flock), which releases it when the process ends, however it
ends; the text in the file is only for people. POSIX only: Linux, macOS, the BSDs. On a network file
system, make sure that flock works there.
"""

from __future__ import annotations

import fcntl
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from coterie.errors import DataDirectoryBusy, InvalidInput, StoreError, file_sentence
from coterie.rules.values import Instant
from coterie.store.connections import flush_folder

WORKSPACE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def lock_path(directory: Path) -> Path:
    return directory / "coterie.lock"


def control_path(directory: Path) -> Path:
    return directory / "control.sqlite"


def workspace_path(directory: Path, name: str) -> Path:
    """The file of the workspace called `name`.

    Raises InvalidInput for a name that is not portable as a file name.
    """
    if WORKSPACE_NAME.fullmatch(name) is None:
        raise InvalidInput(
            f"{name!r} cannot be the name of a workspace.",
            hint="Use up to 63 small letters, digits, hyphens and underscores, beginning with a letter or digit.",
        )
    return directory / "workspaces" / f"{name}.sqlite"


def workspace_names(directory: Path) -> list[str]:
    """The names of the existing workspace files, whatever the control file says."""
    stems = (path.stem for path in (directory / "workspaces").glob("*.sqlite"))
    return sorted(stem for stem in stems if WORKSPACE_NAME.fullmatch(stem))


def prepare(directory: Path) -> None:
    """Create the directory if it is missing, readable by its owner only: it holds personal data.

    An existing one keeps its permissions. Raises StoreError.
    """
    try:
        for folder in (directory, directory / "workspaces"):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                flush_folder(folder.parent)
    except OSError as error:
        raise StoreError(
            f"The data directory {directory} cannot be made: {error.strerror}.", hint="Choose another with --data."
        ) from error


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a data directory open."""

    process: int
    command: str
    since: int
    address: str | None = None


class DirectoryLock:
    """The exclusive right to use the workspaces of a data directory.

    It lasts from `take` until `release` or the end of the process.
    """

    def __init__(self, directory: Path, handle: int, holder: Holder) -> None:
        self.directory = directory
        self.holder = holder
        self._handle: int | None = handle
        self._write()

    @classmethod
    def take(cls, directory: Path, *, command: str, now: int) -> DirectoryLock:
        """Lock the directory, creating it if need be.

        Another process that tries is shown `command`, what this one runs. Raises
        DataDirectoryBusy, which names the holder; StoreError.
        """
        prepare(directory)
        path = lock_path(directory)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(file_sentence(path, "opened", error), hint="May this user write there?") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return cls(directory, handle, Holder(os.getpid(), command, now))
        except BlockingIOError:
            os.close(handle)
            raise _busy(directory) from None
        except BaseException:
            os.close(handle)
            raise

    def announce(self, address: str) -> None:
        """Publish the address at which this process can be reached."""
        self.holder = replace(self.holder, address=address)
        self._write()

    def release(self) -> None:
        """Release the lock. The file stays, since another process may have just opened it."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def _write(self) -> None:
        if self._handle is None:
            raise StoreError(f"The lock on {self.directory} was released.")
        text = orjson.dumps(asdict(self.holder)) + b"\n"
        os.pwrite(self._handle, text, 0)
        os.ftruncate(self._handle, len(text))


def find_holder(directory: Path) -> Holder | None:
    """The process that the lock file names.

    A crashed process leaves its entry behind, so this is meaningful only while the lock is held.
    """
    try:
        return Holder(**orjson.loads(lock_path(directory).read_bytes()))
    except (OSError, ValueError, TypeError):  # missing, or being written right now
        return None


def _busy(directory: Path) -> DataDirectoryBusy:
    holder = find_holder(directory)
    if holder is None:
        return DataDirectoryBusy(f"The data directory {directory} is in use by another process.", hint="Stop it first.")
    who = "this same process" if holder.process == os.getpid() else f"process {holder.process}"
    where = f" at {holder.address}" if holder.address else ""
    return DataDirectoryBusy(
        f"The data directory {directory} is in use by {who} (`{holder.command}`), "
        f"since {Instant(holder.since).iso()}{where}.",
        hint="Stop it first, use the running server, or give another directory.",
    )
