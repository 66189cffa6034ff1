"""`coterie demo`: something to look at within seconds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.commands.serve import Host, Port
from coterie.cli.opening import opened_server
from coterie.cli.options import Json, Quiet, output_options
from coterie.cli.serving import require_address, serve_until_stopped
from coterie.cli.terminal import OutputOptions, out, print_json, progress
from coterie.clock import SystemClock
from coterie.demo.people import PEOPLE
from coterie.demo.seed import seed
from coterie.model import Scope
from coterie.server import DEFAULT, Server

PLACE = 20
DIRECTORY = Path("./coterie-demo")
KEY_FILE = "demo.key"


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Option(
            "--data", metavar="DIR", envvar="COTERIE_DATA", help="The data directory; not one with people of your own."
        ),
    ] = DIRECTORY,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Start the server, or only make the people and segments.")
    ] = True,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Try Coterie: ten thousand invented people with events, conversations, segments, and a server.

    They are created once, in a directory of their own, and stay; delete the directory to start
    again. The key is in `demo.key` beside them, readable only by you: it opens nothing but invented
    people.

    Examples:

    ```
    coterie demo
    coterie demo --no-serve && coterie segments list --data ./coterie-demo
    ```
    """
    options = output_options(context)
    if serve:
        require_address(data, host, port)
    with opened_server(data, "coterie demo", host=host, port=port) as server:
        workspace = server.workspace(DEFAULT)
        with progress("Inventing people", PEOPLE, options, counted=True) as advance:
            fresh = seed(workspace, tell_progress=advance)
        key = demo_key(server)
        profiles, segments = workspace.counts()["profiles"], workspace.segments.list(limit=0).total or 0
        if not serve:
            _tell(data, None, key, profiles, segments, fresh, options)
            return
        serve_until_stopped(
            server,
            host,
            port,
            lambda address: _tell(data, address, key, profiles, segments, fresh, options),
        )


def demo_key(server: Server) -> str:
    """The key in the key file; a new one when there is none, or it was revoked."""
    path = server.directory / KEY_FILE
    secret = path.read_text(encoding="ascii", errors="replace").strip() if path.is_file() else ""
    if secret and server.authenticate(secret) is not None:
        return secret
    _, secret = server.control.create_key(DEFAULT, "demo", Scope.ADMIN, SystemClock().now())
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
    return secret


def _tell(
    data: Path, address: str | None, key: str, profiles: int, segments: int, fresh: bool, options: OutputOptions
) -> None:
    if options.json:
        print_json(
            {
                "address": address,
                "key": key,
                "profiles": profiles,
                "segments": segments,
                "fresh": fresh,
                "data": str(data),
            }
        )
        out().file.flush()
        return
    console = out()
    made = "made" if fresh else "found"
    console.print(f"{profiles:,} invented people and {segments} segments {made} in {data}", markup=False)
    lines = [("key", key)]
    if address is None:
        lines.append(("look", f"coterie segments list --data {data}"))
    else:
        lines = [("address", address), *lines, ("the API, explained", f"{address}/docs"), ("stop", "Ctrl-C")]
        lines.append(("try", f"curl -H 'Authorization: Bearer {key}' {address}/v1/segments"))
    for label, value in lines:
        console.print(f"  {label:<20}{value}", markup=False)
    console.file.flush()
