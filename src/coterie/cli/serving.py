"""Run a server in the foreground: shared by `serve` and `demo`.

The HTTP edge takes longer to import than most commands take to run, so it is imported by the
functions that need it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from coterie.cli.exits import AddressTaken
from coterie.clock import SystemClock
from coterie.server import Server
from coterie.store.directory import DirectoryLock, control_path


def require_address(data: Path, host: str, port: int) -> None:
    """Check that the address is free, before anything is opened or created.

    Raises AddressTaken; or DataDirectoryBusy, which says more, where the server at the address may
    be the one that has the directory.
    """
    from coterie.http.serve import free_port

    try:
        free_port(host, port)
    except OSError as error:
        if control_path(data).is_file():
            DirectoryLock.take(data, command="coterie", now=SystemClock().now()).release()
        raise _address_error(error, host, port) from error


def serve_until_stopped(server: Server, host: str, port: int, welcome: Callable[[str], None]) -> None:
    """Call `welcome` with the address once the server answers there. Raises AddressTaken."""
    from coterie.http.serve import run

    def listening(address: str) -> None:
        server.announce(address)
        welcome(address)

    server.open_all()
    try:
        run(server, host, port, on_listening=listening)
    except OSError as error:
        raise _address_error(error, host, port) from error


def _address_error(error: OSError, host: str, port: int) -> Exception:
    match error.errno:
        case errno.EADDRINUSE:
            return AddressTaken(
                f"Another program is listening on {host}:{port}.",
                hint=f"Stop it, or choose another port: --port {port + 1}",
            )
        case errno.EACCES:
            return AddressTaken(
                f"This user may not listen on port {port}.", hint="Ports below 1024 are the system's: --port 8080"
            )
        case errno.EADDRNOTAVAIL:
            return AddressTaken(
                f"This machine does not have the address {host}.", hint="--host 0.0.0.0 listens on all it has."
            )
        case _:
            return error
