"""What a reader yields: a row to put, or a bad row, with its line in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from coterie.importing.columns import Target
from coterie.model import EventInput, ProfileInput
from coterie.rules.values import Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    `line` is the physical line on which it begins in a text file, its number (from 1) in Parquet.
    """

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
    """One thing wrong with a row. `column` is as in the file, None for the row as a whole."""

    column: str | None
    reason: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be put, with all its problems."""

    line: int
    problems: tuple[RowProblem, ...]


Numbered: TypeAlias = Row | BadRow


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """How one column will be read, to be shown before the import starts.

    `kind` is None where each value has its own.
    """

    column: str
    target: Target
    kind: Kind | None
    because: str
    guessed: bool = False  # from the sample alone, without a declaration or --type


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """A file ready to be read: its columns and its rows.

    `notes` and `remarks` are sentences to show before it starts; remarks warn of what may be
    unexpected.
    """

    columns: tuple[ColumnRead, ...]
    rows: Iterator[Numbered]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def bad(line: int, reason: str, *, column: str | None = None, hint: str | None = None) -> BadRow:
    return BadRow(line, (RowProblem(column, reason, hint),))
