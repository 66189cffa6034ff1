"""Open a data directory, or a workspace in it, for one command.

A command that only reads does not create a missing data directory: a mistyped `--data` is an error,
not an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coterie.errors import NotFound
from coterie.server import Server
from coterie.settings import read_settings
from coterie.store.directory import control_path, workspace_names
from coterie.workspace import Workspace


def require_directory(data: Path) -> None:
    """Raises NotFound when there is no data directory there."""
    if not control_path(data).is_file() and not workspace_names(data):
        raise NotFound(
            f"There is no Coterie data directory at {data}.",
            hint="Name another with --data. `coterie demo`, `coterie import` and `coterie serve` make one.",
        )


@contextmanager
def opened_server(data: Path, command: str, *, correct: bool = True, **overrides: Any) -> Iterator[Server]:
    """The server of a data directory; `correct` as in `Workspace`.

    Raises DataDirectoryBusy and the other StoreErrors.
    """
    with Server.open(read_settings(data=data, **overrides), command=command, correct=correct) as server:
        yield server


@contextmanager
def opened_workspace(data: Path, name: str, command: str, *, make: bool = False) -> Iterator[Workspace]:
    """One workspace. With `make`, it and the directory are created when missing.

    Without `make`, raises NotFound.
    """
    if not make:
        require_directory(data)
    with opened_server(data, command) as server:
        yield server.make_workspace(name) if make else server.workspace(name)
