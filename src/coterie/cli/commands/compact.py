"""`coterie compact`: return the space of deleted rows to the file system."""

from __future__ import annotations

import typer

from coterie.cli.opening import opened_server, require_directory
from coterie.cli.options import DATA, Data, Json, output_options
from coterie.cli.terminal import out, print_json, table

PLACE = 85
MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    app.command("compact")(compact)


def compact(context: typer.Context, data: Data = DATA, json: Json = False) -> None:
    """Rewrite the workspaces' files without deleted data, and release their space.

    Deleted profiles, events and messages are gone from every answer at once and their bytes are
    overwritten; this removes the remaining traces from the files and their logs. Earlier copies
    still have them. The server must be stopped, and as much space as the largest file must be free.

    Example:

    ```
    coterie compact --data ./coterie-data
    ```
    """
    require_directory(data)
    with opened_server(data, "coterie compact") as server:
        names = sorted(workspace.name for workspace in server.control.workspaces())
        sizes = {name: server.workspace(name).compact() for name in names}
    if output_options(context).json:
        print_json({name: {"before": before, "after": after} for name, (before, after) in sizes.items()})
        return
    headings = ["workspace", "MB before", "MB after"]
    rows = [
        [name, *(f"{size / MEGABYTE:,.1f}" for size in before_and_after)] for name, before_and_after in sizes.items()
    ]
    out().print(table(headings, rows, numbers=headings[1:]))
