"""`coterie import profiles FILE` and `coterie import events FILE`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from coterie.cli.exits import Exit
from coterie.cli.import_report import Report, answer, bad_rows_to, read_delimiter, show_columns
from coterie.cli.interruption import Interruption
from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, Quiet, WorkspaceName, output_options
from coterie.cli.terminal import OutputOptions, progress
from coterie.errors import InvalidInput
from coterie.importing.columns import read_mapping
from coterie.importing.events import Events
from coterie.importing.opening import STDIN, Source, open_source, plain_name
from coterie.importing.plan import Plan, read_types
from coterie.importing.profiles import Profiles
from coterie.importing.readers import READERS
from coterie.importing.row_type import RowType
from coterie.importing.run import Tally, kinds_of_events, run, settled_kinds
from coterie.workspace import Workspace

PLACE = 30


class Empty(StrEnum):
    """What an empty cell means."""

    ABSENT = "absent"
    NULL = "null"


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


File: TypeAlias = Annotated[
    str, typer.Argument(help="The file; `-` is standard input. Gzip and Zstandard are unpacked.")
]
Format: TypeAlias = Annotated[FileFormat | None, typer.Option("--format", help="When the file's name does not say it.")]
Types: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="COLUMN=KIND", help="text, number, boolean, time or list. May be repeated."),
]
Skips: TypeAlias = Annotated[
    list[str] | None, typer.Option("--skip", metavar="COLUMN", help="Leave a column out. May be repeated.")
]
Delimiter: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--delimiter", help="Between CSV cells; `blanks` is any run of spaces. Taken from the header when not given."
    ),
]
Encoding: TypeAlias = Annotated[
    str | None, typer.Option("--encoding", help="Of a text file, such as cp1252. UTF-8 when not given.")
]
ListSeparator: TypeAlias = Annotated[
    str | None,
    typer.Option("--list-separator", help="Between the items of a list in a CSV cell that is not a JSON array."),
]
Errors: TypeAlias = Annotated[
    Path | None, typer.Option("--errors", metavar="FILE", help="Write every bad row there, as NDJSON.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
    group.command("profiles")(profiles)
    group.command("events")(events)
    app.add_typer(group, name="import", help="Bring people, and what they did, in from a file: CSV, NDJSON or Parquet.")


def profiles(
    context: typer.Context,
    file: File,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    format_: Format = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=NAME", help="`external_id`, `email`, or a property's name. May be repeated."
        ),
    ] = None,
    type_: Types = None,
    skip: Skips = None,
    empty: Annotated[
        Empty, typer.Option("--empty", help="An empty cell leaves the property as it is (absent) or removes it (null).")
    ] = Empty.ABSENT,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    list_separator: ListSeparator = None,
    errors: Errors = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Import profiles from a file. Good rows are stored; bad rows are reported by line and column.

    The columns `external_id` and `email` identify a profile; every other column is a property. A
    second run changes nothing.

    Exit code 1 when rows were refused; 130 after Ctrl-C. Rows stored by then stay, and are counted.

    Examples:

    ```
    coterie import profiles people.csv
    coterie import profiles crm.csv.gz --map "Customer ID=external_id" --type zip=text
    zcat people.ndjson.gz | coterie import profiles - --format ndjson --errors bad-rows.ndjson
    ```
    """
    row_type = Profiles()

    def plan(opened: Workspace) -> Plan:
        return Plan(
            read_mapping(map_ or [], skip or [], row_type.own),
            read_types(type_ or []),
            settled_kinds(opened),
            empty is Empty.NULL,
            read_delimiter(delimiter),
            encoding,
            list_separator,
            row_type,
        )

    _import(open_source(file, format_), data, workspace, row_type, plan, errors, output_options(context))


def events(
    context: typer.Context,
    file: File,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    format_: Format = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What all events of the file are called, when no column says it.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=NAME",
            help="`external_id`, `email`, `anonymous_id`, `profile_id`, `name`, `at`, `message_id`, or a property's "
            "name. May be repeated.",
        ),
    ] = None,
    at_format: Annotated[
        str | None,
        typer.Option(
            "--at-format",
            metavar="FORMAT",
            help="How instants are written: `seconds`, `milliseconds`, or a pattern such as %Y%m%d. "
            "ISO 8601 by default.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="NAME",
            help="What message ids are derived from, besides line and row, where the file has none. Its "
            "name by default.",
        ),
    ] = None,
    type_: Types = None,
    skip: Skips = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    list_separator: ListSeparator = None,
    errors: Errors = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Import events from a file. Good rows are stored; bad rows are reported by line and column.

    The columns `external_id`, `email`, `anonymous_id` and `profile_id` identify the profile, which
    is created if it is unknown; `name` is the event's name, `at` its instant, and `message_id`
    makes it unique. Every other column is a property of the event. Without a message id, one is
    derived from the file's name, the line and the row, so that a second run stores only what is
    new.

    Exit code 1 when rows were refused; 130 after Ctrl-C. Rows stored by then stay, and are counted.

    Examples:

    ```
    coterie import events orders.csv --name order_placed --map "Customer=external_id"
    coterie import events clicks.ndjson.gz
    zcat log.csv.gz | coterie import events - --format csv --source web-log --at-format seconds
    ```
    """
    opened_source = open_source(file, format_)
    if file == STDIN and source is None:
        raise InvalidInput(
            "Events from standard input need a name for where they come from.",
            hint="Give one that stays the same when you run it again: --source web-log",
        )
    row_type = Events(source or plain_name(file), name, at_format)

    def plan(opened: Workspace) -> Plan:
        return Plan(
            mapping=read_mapping(map_ or [], skip or [], row_type.own),
            types=read_types(type_ or []),
            settled=kinds_of_events(opened, name),
            delimiter=read_delimiter(delimiter),
            encoding=encoding,
            list_separator=list_separator,
            row_type=row_type,
        )

    _import(opened_source, data, workspace, row_type, plan, errors, output_options(context))


def _import(
    source: Source,
    data: Path,
    workspace: str,
    row_type: RowType,
    plan: Callable[[Workspace], Plan],
    errors: Path | None,
    options: OutputOptions,
) -> None:
    report = Report(Tally(row_type.outcomes))
    try:
        with Interruption() as ctrl_c, opened_workspace(data, workspace, "coterie import", make=True) as opened:
            file = READERS[source.format](source, plan(opened))
            report.remarks = file.remarks
            if not (options.json or options.quiet):
                show_columns(source.name, file)
            with bad_rows_to(errors, options) as bad_rows, progress(source.name, source.size, options) as advance:
                run(
                    opened,
                    row_type,
                    file,
                    report.tally,
                    bad_rows.report,
                    lambda _: advance(source.position()),
                    ctrl_c.held,
                )
    except KeyboardInterrupt:
        report.interrupted = True
    answer(report, options)
    if report.interrupted:
        raise typer.Exit(Exit.INTERRUPTED)
    if report.tally.refused:
        raise typer.Exit(Exit.NO)
