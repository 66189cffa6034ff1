"""`coterie import profiles FILE`: people from a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.text import Text

from coterie.cli.exits import Exit
from coterie.cli.interruption import Interruption
from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, Quiet, WorkspaceName, manner
from coterie.cli.terminal import Manner, err, out, print_json, progress, say, table
from coterie.errors import InvalidInput
from coterie.importing.columns import Use, read_mapping
from coterie.importing.opening import open_source
from coterie.importing.plan import Plan, read_types
from coterie.importing.readers import READERS
from coterie.importing.rows import BadRow, Reading
from coterie.importing.run import Tally, known_kinds, run

PLACE = 30
SHOWN_MAX = 20  # bad rows told one by one on a terminal; --errors keeps them all


class Empty(StrEnum):
    """What an empty cell means."""

    ABSENT = "absent"
    NULL = "null"


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
    group.command("profiles")(profiles)
    app.add_typer(group, name="import", help="Bring people in from a file: CSV, NDJSON or Parquet.")


def profiles(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The file; `-` is standard input. Gzip and Zstandard are unpacked.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    format_: Annotated[
        FileFormat | None, typer.Option("--format", help="When the file's name does not say it.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=NAME", help="`external_id`, `email`, or a property's name. May be repeated."
        ),
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="COLUMN=KIND", help="text, number, boolean, time or list. May be repeated."),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="COLUMN", help="Leave a column out. May be repeated.")
    ] = None,
    empty: Annotated[
        Empty, typer.Option("--empty", help="An empty cell leaves the property as it is (absent) or removes it (null).")
    ] = Empty.ABSENT,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Between CSV cells. Taken from the header when not given.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of a text file, such as cp1252. UTF-8 when not given.")
    ] = None,
    list_separator: Annotated[
        str | None,
        typer.Option("--list-separator", help="Between the items of a list in a CSV cell that is not a JSON array."),
    ] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="FILE", help="Write every bad row there, as NDJSON.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring people in from a file. Good rows go in; every bad row is reported with its line, column and reason.

    The columns `external_id` and `email` say who a row is about; every other column is a property. Running it again changes nothing.

    Exit code 1 when some rows were refused; 130 when it was stopped by Ctrl-C. What is in by then stays, and is counted.

    Examples:

    ```
    coterie import profiles people.csv
    coterie import profiles crm.csv.gz --map "Customer ID=external_id" --map "E-mail=email" --type zip=text
    zcat people.ndjson.gz | coterie import profiles - --format ndjson --errors bad-rows.ndjson
    ```
    """
    how = manner(context)
    source = open_source(file, format_)
    report = _Report()
    try:
        with Interruption() as ctrl_c, opened_workspace(data, workspace, "coterie import", make=True) as open_workspace:
            plan = Plan(
                read_mapping(map_ or [], skip or []), read_types(type_ or []), known_kinds(open_workspace), empty is Empty.NULL,
                _delimiter(delimiter), encoding, list_separator,
            )  # fmt: skip
            reading = READERS[source.format](source, plan)
            report.remarks = reading.remarks
            if not (how.json or how.quiet):
                _show_reading(file, reading)
            with _bad_rows_to(errors, how) as tell_bad, progress(file, source.size, how) as advance:
                run(
                    open_workspace,
                    reading,
                    report.tally,
                    tell_bad.tell,
                    lambda _: advance(source.position()),
                    ctrl_c.held,
                )
    except KeyboardInterrupt:
        report.interrupted = True
    _answer(report, how)
    if report.interrupted:
        raise typer.Exit(Exit.INTERRUPTED)
    if report.tally.refused:
        raise typer.Exit(Exit.NO)


def _delimiter(written: str | None) -> str | None:
    """`\\t` as people type it is a tab."""
    delimiter = {"\\t": "\t", "tab": "\t"}.get(written or "", written)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise InvalidInput(f"--delimiter is one character, not {written!r}.", hint="For a tab: --delimiter tab")
    return delimiter


def _show_reading(file: str, reading: Reading) -> None:
    """How each column will be read, before the first row goes in."""
    console = err()
    for note in reading.notes:
        say(note)
    if reading.columns:
        console.print(Text(f"Reading {file}:"))
        rows = [[f"  {read.column}", str(read.target), read.kind or "", read.because] for read in reading.columns]
        console.print(table(["  column", "is", "kind", ""], rows))
    for remark in reading.remarks:
        say(remark)
    left_out = [
        read.column for read in reading.columns if read.target.use is Use.LEFT_OUT and read.column.endswith("_at")
    ]
    if left_out:
        say(
            f"Left out: {', '.join(left_out)}, which Coterie keeps itself. "
            f"To keep the file's, name it otherwise: --map {left_out[0]}=signed_up_at"
        )


@dataclass(slots=True)
class _Report:
    """What there is to say of an import, at its end or where it was stopped."""

    tally: Tally = field(default_factory=Tally)
    remarks: tuple[str, ...] = ()
    interrupted: bool = False


class _BadRows:
    """Tells bad rows: to a file all of them, to a terminal the first ones, to a script's standard error all of them."""

    def __init__(self, file: Path | None, how: Manner) -> None:
        self._stream = file.open("wb") if file else None
        self._file = file
        self._how = how
        self._told = 0

    def tell(self, row: BadRow) -> None:
        self._told += 1
        if self._stream is not None:
            self._stream.write(_lines(row))
        elif self._how.json:
            sys.stderr.write(_lines(row).decode())
        if not self._how.json and (self._stream is None or self._told <= SHOWN_MAX):
            console = err()
            for fault in row.faults:
                where = f", column {fault.column!r}" if fault.column is not None else ""
                hint = f"{'' if fault.reason.endswith('.') else '.'} {fault.hint}" if fault.hint else ""
                console.print(Text(f"line {row.line}{where}: {fault.reason}{hint}"))

    def finish(self) -> None:
        if self._stream is not None:
            self._stream.close()
            if self._told and not self._how.json:
                say(f"{self._told:,} bad rows are in {self._file}.")


def _lines(row: BadRow) -> bytes:
    return b"".join(
        orjson.dumps({"line": row.line, "column": fault.column, "reason": fault.reason, "hint": fault.hint}) + b"\n"
        for fault in row.faults
    )


@contextmanager
def _bad_rows_to(file: Path | None, how: Manner) -> Iterator[_BadRows]:
    try:
        bad_rows = _BadRows(file, how)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from None
    try:
        yield bad_rows
    finally:
        bad_rows.finish()


def _answer(report: _Report, how: Manner) -> None:
    tally = report.tally
    counts = asdict(tally)
    if how.json:
        print_json({"rows": tally.rows, **counts, "interrupted": report.interrupted, "remarks": report.remarks})
        return
    if not tally.claimed:
        del counts["claimed"]
    words = " ".join(f"{name} {count}" for name, count in counts.items())
    if report.interrupted:
        say(f"Interrupted. So far: {words}. That is stored; run the same command again to go on.")
    else:
        out().print(words)
