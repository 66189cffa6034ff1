"""`coterie check`: is the data directory sound?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.exits import Exit
from coterie.cli.opening import opened_server, require_directory
from coterie.cli.options import DATA, Json, output_options
from coterie.cli.terminal import out, print_json, table
from coterie.model import CheckReport

PLACE = 80


def register(app: typer.Typer) -> None:
    app.command("check")(check)


def check(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The data directory; the same as --data.", show_default=False)
    ] = None,
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", envvar="COTERIE_DATA", help="The data directory.")
    ] = DATA,
    json: Json = False,
) -> None:
    """Verify a data directory: facts against the index, membership against a fresh evaluation.

    Checks every workspace in it. Exit code 1 when something is wrong, 3 when the directory cannot
    be read.

    Example:

    ```
    coterie check ./coterie-data
    ```
    """
    where = directory or data
    require_directory(where)
    with opened_server(where, "coterie check", correct=False) as server:
        names = sorted(workspace.name for workspace in server.control.workspaces())
        reports = {name: server.workspace(name).check() for name in names}
    faults = sum(len(report.faults) for report in reports.values())
    if output_options(context).json:
        print_json({"sound": not faults, "workspaces": {name: _document(report) for name, report in reports.items()}})
    else:
        _show(reports, faults)
    if faults:
        raise typer.Exit(Exit.NO)


def _document(report: CheckReport) -> dict[str, object]:
    return {
        "profiles": report.profiles,
        "segments": report.segments,
        "transitions": report.transitions,
        "faults": list(report.faults),
    }


def _show(reports: dict[str, CheckReport], faults: int) -> None:
    headings = ["workspace", "profiles", "segments", "transitions", "faults"]
    rows = [
        [name, *(f"{count:,}" for count in (report.profiles, report.segments, report.transitions, len(report.faults)))]
        for name, report in reports.items()
    ]
    console = out()
    console.print(table(headings, rows, numbers=headings[1:]))
    for name, report in reports.items():
        for fault in report.faults:
            console.print(f"{name}: {fault}", markup=False, style="red")
    console.print("Sound." if not faults else f"{faults:,} faults.")
