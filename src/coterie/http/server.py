"""What the edge asks of the process it runs in: workspaces by name, keys, settings. `coterie.server` is the real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from coterie.model import Key
from coterie.settings import Settings
from coterie.workspace import Workspace


class Server(Protocol):
    """Called from many threads at once."""

    @property
    def settings(self) -> Settings: ...

    def workspace(self, name: str) -> Workspace:
        """The open workspace of that name, opened at the first call. Raises NotFound."""
        ...

    def workspaces(self) -> Mapping[str, Workspace]:
        """Those that are open now, by name. For metrics."""
        ...

    def authenticate(self, secret: str) -> Key | None:
        """The key with that secret, None when there is none or it was revoked."""
        ...

    def ready(self) -> bool:
        """Whether requests can be answered: data directory open, indexes built."""
        ...
