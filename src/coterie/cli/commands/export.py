"""`coterie export SEGMENT`: the members of a segment, or everybody, as a file."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, cast

import typer
import zstandard

from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, Quiet, WorkspaceName, output_options
from coterie.cli.terminal import print_json, progress, say
from coterie.cli.values import find_segment
from coterie.errors import InvalidInput, file_sentence
from coterie.exporting import FORMATS, columns_of
from coterie.importing.opening import STDIN, format_of
from coterie.model import Profile
from coterie.workspace import Workspace

PLACE = 40
EVERYBODY = "profiles"
PAGE = 5_000


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    context: typer.Context,
    segment: Annotated[str, typer.Argument(help="A segment's id or exact name; `profiles` is everybody.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    format_: Annotated[
        FileFormat | None,
        typer.Option("--format", help="When the file's name does not say it; csv on standard output."),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to. `.gz` and `.zst` are packed. Standard output when not given.",
        ),
    ] = STDIN,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the members of a segment, or all profiles, to a file.

    `coterie import profiles` reads the file back.

    Examples:

    ```
    coterie export "Enterprise in Germany" -o german-enterprise.csv
    coterie export profiles -o everybody.parquet
    coterie export 01990000-0000-7000-8000-000000000000 --format ndjson | jq .email
    ```
    """
    options = output_options(context)
    chosen = format_ or ("csv" if output == STDIN else format_of(output))
    if chosen == "parquet" and output == STDIN and sys.stdout.isatty():
        raise InvalidInput("Parquet is not for a terminal.", hint="Give a file: -o people.parquet")
    if options.json and output == STDIN:
        raise InvalidInput(
            "--json tells of the file that was written.", hint="Give one with -o, or use --format ndjson."
        )
    with opened_workspace(data, workspace, "coterie export") as open_workspace:
        total, batches = _chosen(open_workspace, segment)
        with _writing(output) as stream, progress(segment, total, options, counted=True) as advance:
            written = _Counted(batches)
            for chunk in FORMATS[chosen].write(written, columns_of(open_workspace)):
                stream.write(chunk)
                advance(written.count)
    if options.json:
        print_json({"file": output, "format": str(chosen), "profiles": written.count})
    elif output != STDIN and not options.quiet:
        say(f"{written.count:,} profiles written to {output}.")


def _chosen(workspace: Workspace, named: str) -> tuple[int, Iterator[list[Profile]]]:
    """How many there are, and they."""
    if named == EVERYBODY:
        return workspace.counts()["profiles"], _everybody(workspace)
    segment = find_segment(workspace, named)
    return segment.member_count, workspace.segments.export_members(segment.id, chunk=PAGE)


def _everybody(workspace: Workspace) -> Iterator[list[Profile]]:
    """No other process writes meanwhile, so pages by offset neither skip nor repeat."""
    offset = 0
    while page := workspace.profiles.list(offset=offset, limit=PAGE).items:
        yield list(page)
        offset += len(page)


class _Counted:
    """Batches, and the count of profiles so far."""

    def __init__(self, batches: Iterator[list[Profile]]) -> None:
        self._batches = batches
        self.count = 0

    def __iter__(self) -> Iterator[list[Profile]]:
        for batch in self._batches:
            self.count += len(batch)
            yield batch


@contextmanager
def _writing(output: str) -> Iterator[IO[bytes]]:
    """The file appears under its name only when all of it is written."""
    if output == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file, _packed(file, path.suffix.lower()) as stream:
            yield stream
        os.replace(part, path)
    except OSError as error:
        raise InvalidInput(file_sentence(output, "written", error)) from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _packed(file: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    if suffix in (".gz", ".gzip"):
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6) as stream:
            yield cast(IO[bytes], stream)
    elif suffix in (".zst", ".zstd"):
        with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as stream:
            yield cast(IO[bytes], stream)
    else:
        yield file
