"""The report of an import: how each column is read, every bad row, and the final counts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from rich.text import Text

from coterie.cli.terminal import OutputOptions, err, out, print_json, say, table
from coterie.errors import InvalidInput, file_sentence
from coterie.importing.columns import Use
from coterie.importing.plan import BLANKS
from coterie.importing.rows import BadRow, ReadableFile
from coterie.importing.run import Tally

SHOWN_MAX = 20  # bad rows listed on a terminal; --errors writes them all
ONLY_WHERE_SEEN = "claimed"  # an outcome too rare to be listed with a count of 0


def read_delimiter(written: str | None) -> str | None:
    """`\\t` as people type it is a tab."""
    delimiter = {"\\t": "\t", "tab": "\t"}.get(written or "", written)
    if delimiter is not None and delimiter != BLANKS and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise InvalidInput(
            f"--delimiter is one character, not {written!r}.",
            hint="For a tab: --delimiter tab; for any run of blanks: --delimiter blanks",
        )
    return delimiter


def show_columns(name: str, file: ReadableFile) -> None:
    """How each column will be read, before the first row goes in."""
    console = err()
    for note in file.notes:
        say(note)
    if file.columns:
        console.print(Text(f"Reading {name}:"))
        rows = [[f"  {read.column}", str(read.target), read.kind or "", read.because] for read in file.columns]
        console.print(table(["  column", "is", "kind", ""], rows))
    for remark in file.remarks:
        say(remark)
    left_out = [read.column for read in file.columns if read.target.use is Use.LEFT_OUT and read.column.endswith("_at")]
    if left_out:
        say(
            f"Left out: {', '.join(left_out)}, which Coterie sets itself. "
            f"To import the file's, give it another name: --map {left_out[0]}=signed_up_at"
        )


@dataclass(slots=True)
class Report:
    """What there is to say of an import, at its end or where it was stopped."""

    tally: Tally
    remarks: tuple[str, ...] = ()
    interrupted: bool = False


class _BadRows:
    """Reports bad rows: all to a file or a script, the first ones to a terminal."""

    def __init__(self, file: Path | None, options: OutputOptions) -> None:
        self._stream = file.open("wb") if file else None
        self._file = file
        self._options = options
        self._count = 0

    def report(self, row: BadRow) -> None:
        self._count += 1
        if self._stream is not None:
            self._stream.write(_lines(row))
        elif self._options.json:
            sys.stderr.write(_lines(row).decode())
        if not self._options.json and (self._stream is None or self._count <= SHOWN_MAX):
            console = err()
            for problem in row.problems:
                where = f", column {problem.column!r}" if problem.column is not None else ""
                hint = f"{'' if problem.reason.endswith('.') else '.'} {problem.hint}" if problem.hint else ""
                console.print(Text(f"line {row.line}{where}: {problem.reason}{hint}"))

    def finish(self) -> None:
        if self._stream is not None:
            self._stream.close()
            if self._count and not self._options.json:
                say(f"{self._count:,} bad rows are in {self._file}.")


def _lines(row: BadRow) -> bytes:
    return b"".join(
        orjson.dumps({"line": row.line, "column": problem.column, "reason": problem.reason, "hint": problem.hint})
        + b"\n"
        for problem in row.problems
    )


@contextmanager
def bad_rows_to(file: Path | None, options: OutputOptions) -> Iterator[_BadRows]:
    try:
        bad_rows = _BadRows(file, options)
    except OSError as error:
        raise InvalidInput(file_sentence(file, "written", error)) from None
    try:
        yield bad_rows
    finally:
        bad_rows.finish()


def answer(report: Report, options: OutputOptions) -> None:
    tally = report.tally
    counts = dict(tally.counts)
    if options.json:
        print_json({"rows": tally.rows, **counts, "interrupted": report.interrupted, "remarks": report.remarks})
        return
    if not counts.get(ONLY_WHERE_SEEN):
        counts.pop(ONLY_WHERE_SEEN, None)
    words = " ".join(f"{name} {count}" for name, count in counts.items())
    if report.interrupted:
        say(f"Interrupted. So far: {words}. That is stored; run the same command again to go on.")
    else:
        out().print(words)
