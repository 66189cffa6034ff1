"""An import, from start to end: rows into the workspace in batches, each one commit, and every refusal told.

Memory holds one batch. Stopped half-way, what was reported is stored; run again, the rows already there are unchanged. So that this is
exactly so, whoever can interrupt holds back (`unbroken`) while a batch is stored and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from coterie.errors import NotFound, Problem
from coterie.importing.columns import Use
from coterie.importing.plan import BATCH_ROWS
from coterie.importing.rows import BadRow, Fault, Numbered, Reading, Row
from coterie.model import UNSET, Outcome, ProfileInput, ProfileWrite, Refused
from coterie.rules.values import Kind

if TYPE_CHECKING:
    from coterie.workspace import Workspace


@dataclass(slots=True)
class Tally:
    """What has become of the rows so far."""

    created: int = 0
    claimed: int = 0  # known by email only until now
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.claimed + self.updated + self.unchanged + self.refused

    def count(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.CREATED:
                self.created += 1
            case Outcome.CLAIMED:
                self.claimed += 1
            case Outcome.UPDATED:
                self.updated += 1
            case Outcome.UNCHANGED:
                self.unchanged += 1


def known_kinds(workspace: Workspace) -> Callable[[str], tuple[Kind, str] | None]:
    """The kind of a property that the workspace has settled: by declaration, or by holding values of one kind only."""
    properties = {known.name: known for known in workspace.properties()}

    def known(name: str) -> tuple[Kind, str] | None:
        if name not in properties:
            return None
        if (declared := properties[name].type) is not None:
            return declared, "declared"
        seen = [kind.kind for kind in workspace.describe_property(name).kinds if kind.count]
        return (seen[0], "as in the workspace") if len(seen) == 1 else None

    return known


def run(
    workspace: Workspace,
    reading: Reading,
    tally: Tally,
    tell_bad: Callable[[BadRow], None],
    tell_progress: Callable[[Tally], None],
    unbroken: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Put every row, and count it in `tally`, which is the caller's so that it outlives an interruption. `tell_bad` hears of each refused
    row, `tell_progress` after each batch; each batch is put, counted and told within `unbroken()`."""
    names = {(read.target.use, read.target.name): read.column for read in reading.columns}
    for batch in _batches(reading.rows):
        with unbroken():
            for row in _put(workspace, batch, tally, names):
                tally.refused += 1
                tell_bad(row)
        tell_progress(tally)


def _batches(rows: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _put(
    workspace: Workspace, batch: Sequence[Numbered], tally: Tally, names: Mapping[tuple[Use, str], str]
) -> list[BadRow]:
    """Put the good rows of a batch; the bad ones, and the ones the workspace refuses, in the order of the file."""
    refused = [row for row in batch if isinstance(row, BadRow)]
    good = [row for row in batch if isinstance(row, Row)]
    written = _written(workspace, [row.profile for row in good])
    for row, result in zip(good, written, strict=True):
        if isinstance(result, Refused):
            refused.append(BadRow(row.line, tuple(_fault(problem, names) for problem in result.problems)))
        else:
            tally.count(result.outcome)
    return sorted(refused, key=lambda row: row.line)


def _written(workspace: Workspace, profiles: Sequence[ProfileInput]) -> list[ProfileWrite | Refused]:
    """Put a batch. An id that this workspace does not know, for the file was exported from another, gives way to the row's other
    identifiers."""
    if not profiles:
        return []
    written = workspace.put_profiles(profiles)
    foreign = [place for place, result in enumerate(written) if _has_foreign_id(result, profiles[place])]
    if foreign:
        again = workspace.put_profiles([replace(profiles[place], id=UNSET) for place in foreign])
        for place, result in zip(foreign, again, strict=True):
            written[place] = result
    return written


def _has_foreign_id(result: ProfileWrite | Refused, sent: ProfileInput) -> bool:
    if not isinstance(result, Refused) or not (sent.external_id or sent.email):
        return False
    return any(problem.code == NotFound.code and problem.path == ("id",) for problem in result.problems)


def _fault(problem: Problem, names: Mapping[tuple[Use, str], str]) -> Fault:
    match problem.path:
        case ("properties", str(name), *_):
            column: str | None = names.get((Use.PROPERTY, name), name)
        case (str(own), *_) if own in ("id", "external_id", "email"):
            column = next((named for (use, _), named in names.items() if use is Use(own)), own)
        case _:
            column = None
    return Fault(column, problem.message, problem.hint)
