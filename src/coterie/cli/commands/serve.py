"""`coterie serve`: the server."""

from __future__ import annotations

from typing import Annotated

import typer

from coterie.cli.opening import opened_server
from coterie.cli.options import DATA, Data
from coterie.cli.serving import require_address, serve_until_stopped
from coterie.cli.terminal import out
from coterie.model import Key
from coterie.server import Server

PLACE = 10

Host = Annotated[
    str, typer.Option("--host", envvar="COTERIE_HOST", help="The address to listen on. 0.0.0.0 is all of them.")
]
Port = Annotated[
    int, typer.Option("--port", envvar="COTERIE_PORT", min=0, max=65535, help="The port; 0 takes a free one.")
]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(data: Data = DATA, host: Host = "127.0.0.1", port: Port = 8080) -> None:
    """Run the server until Ctrl-C. The data directory is created when it does not exist.

    `COTERIE_BOOTSTRAP_KEY` may hold a secret that becomes an admin key of workspace `default`, for
    containers and tests. Every other setting is an environment variable too; see the settings
    reference.

    Exit code 4 when the address is taken, 3 when another process has the data directory.

    Examples:

    ```
    coterie serve
    coterie serve --data /var/lib/coterie --host 0.0.0.0 --port 80
    ```
    """
    require_address(data, host, port)
    with opened_server(data, "coterie serve", host=host, port=port) as server:

        def welcome(address: str) -> None:
            has_key = any(key.revoked_at is None for key in all_keys(server))
            console = out()
            console.print(f"Coterie is listening at {address}", style="bold")
            for label, where in (
                ("the API, explained", f"{address}/docs"),
                ("data", str(data)),
                ("make another key" if has_key else "make a key", f"coterie keys create --data {data}"),
                ("stop", "Ctrl-C"),
            ):
                console.print(f"  {label:<20}{where}", markup=False)
            console.file.flush()

        serve_until_stopped(server, host, port, welcome)


def all_keys(server: Server) -> list[Key]:
    return server.control.keys()
