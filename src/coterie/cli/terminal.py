"""Output of commands: answers on standard output, everything else on standard error.

A pipe receives the answer alone, and `--json` yields JSON alone. Progress bars appear only where
standard error is a terminal, without `--json` and `--quiet`. Data is never read as markup.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from coterie.errors import CoterieError, Problem

PIPE_WIDTH = 200  # where there is no terminal to fit into


@dataclass(slots=True)
class OutputOptions:
    """The options of this run: `--json`, `--quiet`, `--debug`."""

    json: bool = False
    quiet: bool = False
    debug: bool = False


def out() -> Console:
    """For answers."""
    return _console(stderr=False)


def err() -> Console:
    """For everything else."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, soft_wrap=True)


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = (), whole: Sequence[str] = ()
) -> Table:
    """A table of plain cells.

    The columns in `numbers` are right-aligned; those in `whole` (to be copied) are never broken.
    """
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        side: Literal["left", "right"] = "right" if heading in numbers else "left"
        made.add_column(heading, justify=side, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def pairs(values: Mapping[str, str]) -> Table:
    """Names and values, one pair a line."""
    made = Table.grid(padding=(0, 2, 0, 0))
    for name, value in values.items():
        made.add_row(Text(name, style="bold"), Text(value))
    return made


def say(text: str, style: str = "") -> None:
    """A line for the person, on standard error."""
    err().print(Text(text, style=style))


def print_error(error: CoterieError, options: OutputOptions) -> None:
    """Each problem as a sentence, where in the input it is, and what to do about it."""
    if options.json:
        document = {
            "error": {"code": error.code, "problems": [problem_document(problem) for problem in error.problems]}
        }
        sys.stderr.write(orjson.dumps(document).decode() + "\n")
        return
    console = err()
    for problem in error.problems:
        console.print(Text.assemble(("Error: ", "bold red"), problem.message))
        if problem.path:
            console.print(Text.assemble("  at    ", (".".join(map(str, problem.path)), "cyan")))
        if problem.hint:
            console.print(Text.assemble("  hint  ", problem.hint))


def problem_document(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "message": problem.message, "path": list(problem.path), "hint": problem.hint}


class Advance(Protocol):
    """Reports how far the work is."""

    def __call__(self, done: int) -> None: ...


@contextmanager
def progress(
    description: str, total: int | None, options: OutputOptions, *, counted: bool = False
) -> Iterator[Advance]:
    """A progress bar where somebody can see it. `counted` shows numbers besides the share."""
    if options.json or options.quiet or not sys.stderr.isatty():
        yield lambda done: None
        return
    share = MofNCompleteColumn() if counted else TaskProgressColumn()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        share,
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.update(task, completed=done)
