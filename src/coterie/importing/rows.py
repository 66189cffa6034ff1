"""What a reader gives: a row that can be tried, or one that cannot, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from coterie.importing.columns import Target
from coterie.model import EventInput, ProfileInput
from coterie.rules.values import Kind


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins: the physical line of a text file, the row's number (from 1) in Parquet."""

    line: int
    item: ProfileInput | EventInput

    @property
    def profile(self) -> ProfileInput:
        """The item, in a file of profiles."""
        assert isinstance(self.item, ProfileInput)
        return self.item

    @property
    def event(self) -> EventInput:
        """The item, in a file of events."""
        assert isinstance(self.item, EventInput)
        return self.item


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with a row. `column` is as the file names it, None where the row as a whole is at problem."""

    column: str | None
    reason: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not go in, with everything that was found wrong with it."""

    line: int
    problems: tuple[RowProblem, ...]


Numbered: TypeAlias = Row | BadRow


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """How one column will be read, for telling the person before it starts. `kind` is None where each value says its own."""

    column: str
    target: Target
    kind: Kind | None
    because: str
    guessed: bool = False  # from the sample alone: nobody has said it


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is ready to be read: how, and its rows. `notes` are sentences to show before it starts; so are `remarks`, on what
    may not be as the person expects."""

    columns: tuple[ColumnRead, ...]
    rows: Iterator[Numbered]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def bad(line: int, reason: str, *, column: str | None = None, hint: str | None = None) -> BadRow:
    return BadRow(line, (RowProblem(column, reason, hint),))
