"""A data directory in use: its lock, its keys, and its workspaces, which open at their first use.
The HTTP edge, the command line and the library are built on it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from coterie.clock import Clock, SystemClock, zone_named
from coterie.errors import DataDirectoryDamaged, InvalidInput, not_found
from coterie.model import Key
from coterie.settings import Settings
from coterie.store.control import Control
from coterie.store.directory import DirectoryLock, workspace_names, workspace_path
from coterie.workspace import Workspace

DEFAULT = "default"


class Server:
    """Everything in one data directory. One process has it at a time; any thread may call it."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        lock: DirectoryLock,
        control: Control,
        workspace_class: type[Workspace],
        correct: bool,
    ) -> None:
        self.settings = settings
        self.control = control
        self._clock = clock
        self._workspace_class = workspace_class
        self._correct = correct
        self._lock = lock
        self._opening = threading.Lock()
        self._open: dict[str, Workspace] = {}
        self._ready = False

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        command: str = "coterie",
        workspace_class: type[Workspace] = Workspace,
        correct: bool = True,
    ) -> Server:
        """Take the data directory, creating it with a workspace `default` when it does not exist.

        Workspaces open at their first use, or all of them in `open_all`, as instances of
        `workspace_class`. With `correct=False` their memberships stay as they are recorded; every
        other opening puts right what differs from the rules. A second process that
        wants the directory reads `command` in its error.

        Raises DataDirectoryBusy, DataDirectoryDamaged, SchemaTooNew, StoreError, InvalidInput
        (zone).
        """
        clock = clock or SystemClock()
        zone_named(settings.zone)
        lock = DirectoryLock.take(settings.data, command=command, now=clock.now())
        try:
            control = Control.open(settings.data, clock.now())
        except BaseException:
            lock.release()
            raise
        server = cls(settings, clock, lock, control, workspace_class, correct)
        try:
            if settings.bootstrap_key is not None:
                control.put_bootstrap_key(settings.bootstrap_key.get_secret_value(), clock.now())
            if not control.workspaces():  # the directory is new, or its control file was lost: register its workspaces
                for name in dict.fromkeys((DEFAULT, *workspace_names(settings.data))):
                    server.make_workspace(name)
        except BaseException:
            server.close()
            raise
        return server

    def open_all(self) -> None:
        """Open every workspace, and be ready.

        What is in memory by then stays for the life of the process, so it is frozen: otherwise each
        round of the garbage collector would walk the whole index while a request waits.
        """
        for stored in self.control.workspaces():
            self.workspace(stored.name)
        gc.collect()
        gc.freeze()
        self._ready = True

    def close(self) -> None:
        """Close every workspace and release the directory, whatever fails. A second call does
        nothing."""
        self._ready = False
        with ExitStack() as callbacks, self._opening:  # they run in reverse order
            callbacks.callback(self._lock.release)
            callbacks.callback(self.control.close)
            for workspace in self._open.values():
                callbacks.callback(workspace.close)
            self._open.clear()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def directory(self) -> Path:
        """The data directory."""
        return self.settings.data

    def announce(self, address: str) -> None:
        """Record the address of this server, for the error of a process that finds the directory
        busy."""
        self._lock.announce(address)

    def make_workspace(self, name: str, *, zone: str | None = None) -> Workspace:
        """The workspace with this name, created when it does not exist. `zone` is the time zone of
        a new workspace, by default the setting's. Raises InvalidInput when an existing one has
        another."""
        if self.control.find_workspace(name) is None:
            return self._open_workspace(name, zone_named(self.settings.zone if zone is None else zone).key)
        workspace = self.workspace(name)
        if zone is not None and zone != workspace.zone:
            raise InvalidInput(
                f"Workspace {name} has the time zone {workspace.zone}, which cannot be changed.",
                path=("zone",),
                hint="Leave the zone out.",
            )
        return workspace

    def workspace(self, name: str) -> Workspace:
        """The workspace with this name, opened at its first use. Raises NotFound,
        DataDirectoryDamaged."""
        workspace = self._open.get(name)
        if workspace is not None:
            return workspace
        stored = self.control.find_workspace(name)
        if stored is None:
            raise not_found("workspace", name)
        if not workspace_path(self.directory, name).exists():  # do not put an empty one in its place
            raise DataDirectoryDamaged(
                f"The file of workspace {name} is missing: {workspace_path(self.directory, name)}.",
                hint="Restore it from a backup.",
            )
        return self._open_workspace(name, stored.zone)

    def workspaces(self) -> Mapping[str, Workspace]:
        """The workspaces that are open now, by name."""
        return dict(self._open)

    def _open_workspace(self, name: str, zone: str) -> Workspace:
        with self._opening:
            if name not in self._open:
                path = workspace_path(self.directory, name)
                workspace = self._workspace_class(
                    path, zone=zone, clock=self._clock, settings=self.settings, correct=self._correct
                )
                try:
                    self.control.put_workspace(name, workspace.id, workspace.zone, workspace.created_at)
                except BaseException:
                    workspace.close()
                    raise
                self._open[name] = workspace
            return self._open[name]

    def authenticate(self, secret: str) -> Key | None:
        """The key with this secret; None when it is unknown or revoked."""
        return self.control.authenticate(secret, self._clock.now())

    def ready(self) -> bool:
        """Whether every workspace is open."""
        return self._ready
