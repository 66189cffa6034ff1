"""What the edge needs of its process: workspaces, keys, settings. `coterie.server` is the real
one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from coterie.model import Key
from coterie.settings import Settings
from coterie.workspace import Workspace


class Server(Protocol):
    """A server. It is called from many threads at once."""

    @property
    def settings(self) -> Settings: ...

    def workspace(self, name: str) -> Workspace:
        """The workspace with this name, opened at its first use. Raises NotFound."""
        ...

    def workspaces(self) -> Mapping[str, Workspace]:
        """The workspaces that are open now, by name. For metrics."""
        ...

    def authenticate(self, secret: str) -> Key | None:
        """The key with this secret; None when it is unknown or revoked."""
        ...

    def ready(self) -> bool:
        """Whether requests can be answered: data directory open, indexes built."""
        ...
