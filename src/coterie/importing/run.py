"""Run an import: rows into the workspace in batches, each one commit.

Memory holds one batch. After an interruption, what was reported is stored, and a second run leaves
those rows unchanged. To make that exact, whoever can interrupt is held off (`unbroken`) while a
batch is stored and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from coterie.errors import NotFound, Problem
from coterie.importing.columns import Use
from coterie.importing.plan import BATCH_ROWS
from coterie.importing.row_type import RowType
from coterie.importing.rows import BadRow, Numbered, ReadableFile, Row, RowProblem
from coterie.model import Rejected
from coterie.rules.values import Kind

if TYPE_CHECKING:
    from coterie.workspace import Workspace

REFUSED = "refused"


@dataclass(slots=True)
class Tally:
    """The rows so far, by outcome."""

    outcomes: tuple[str, ...]
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = dict.fromkeys((*self.outcomes, REFUSED), 0)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @property
    def refused(self) -> int:
        return self.counts[REFUSED]


def settled_kinds(workspace: Workspace) -> Callable[[str], tuple[Kind, str] | None]:
    """A function from a property to its settled kind.

    Settled by declaration, or because the workspace has values of one kind only.
    """
    properties = {property_.name: property_ for property_ in workspace.properties.list()}

    def kind_of(name: str) -> tuple[Kind, str] | None:
        if name not in properties:
            return None
        if (declared := properties[name].type) is not None:
            return declared, "declared"
        seen = [kind.kind for kind in workspace.properties.describe(name).kinds if kind.count]
        return (seen[0], "as in the workspace") if len(seen) == 1 else None

    return kind_of


def kinds_of_events(workspace: Workspace, event: str | None) -> Callable[[str], tuple[Kind, str] | None]:
    """The same for the properties of one event name; empty for a file of many names."""
    try:
        properties = [] if event is None else workspace.events.properties(event)
    except NotFound:
        properties = []
    settled = {
        property_.name: (property_.kinds[0], "as in the workspace")
        for property_ in properties
        if len(property_.kinds) == 1
    }
    return settled.get


def run(
    workspace: Workspace,
    row_type: RowType,
    file: ReadableFile,
    tally: Tally,
    report_bad: Callable[[BadRow], None],
    report_progress: Callable[[Tally], None],
    unbroken: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Put every row and count it in `tally`, which the caller owns so that it survives Ctrl-C.

    `report_bad` receives each refused row, `report_progress` the tally after each batch. Each batch
    is put, counted and reported within `unbroken()`.
    """
    names = {(read.target.use, read.target.name): read.column for read in file.columns}
    for batch in _batches(file.rows):
        with unbroken():
            for row in _put(workspace, row_type, batch, tally, names):
                tally.counts[REFUSED] += 1
                report_bad(row)
        report_progress(tally)


def _batches(rows: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _put(
    workspace: Workspace,
    row_type: RowType,
    batch: Sequence[Numbered],
    tally: Tally,
    names: Mapping[tuple[Use, str], str],
) -> list[BadRow]:
    """Put the good rows of a batch; returns bad and refused rows in file order."""
    refused = [_as_in_file(row, names) for row in batch if isinstance(row, BadRow)]
    good = [row for row in batch if isinstance(row, Row)]
    for row, result in zip(good, row_type.put(workspace, good) if good else (), strict=True):
        if isinstance(result, Rejected):
            refused.append(BadRow(row.line, tuple(_row_problem(problem, names) for problem in result.problems)))
        else:
            tally.counts[result] += 1
    return sorted(refused, key=lambda row: row.line)


def _as_in_file(row: BadRow, names: Mapping[tuple[Use, str], str]) -> BadRow:
    """The bad row with the file's own name for the column of instants."""
    at = names.get((Use.AT, Use.AT.value))
    if at is None:
        return row
    return BadRow(
        row.line,
        tuple(
            RowProblem(at, problem.reason, problem.hint) if problem.column == Use.AT.value else problem
            for problem in row.problems
        ),
    )


def _row_problem(problem: Problem, names: Mapping[tuple[Use, str], str]) -> RowProblem:
    match problem.path:
        case ("properties", str(name), *_):
            column: str | None = names.get((Use.PROPERTY, name), name)
        case (str(own), *_) if own in {use.value for use in Use}:
            column = next((named for (use, _), named in names.items() if use.value == own), own)
        case _:
            column = None
    return RowProblem(column, problem.message, problem.hint)
