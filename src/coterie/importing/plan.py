"""How to read a file: what the caller and the workspace say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from coterie.errors import InvalidInput
from coterie.importing.columns import ColumnMap
from coterie.importing.profiles import Profiles
from coterie.importing.row_type import RowType
from coterie.rules.values import Kind

ROWS_SAMPLED = 1_000  # rows of a CSV file from which the kinds of its columns are taken
BLANKS = "blanks"
BATCH_ROWS = 5_000  # rows that are put into the workspace in one commit


def nothing_settled(name: str) -> tuple[Kind, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class Plan:
    """`row_type` is what the rows are; `types` are by column.

    `settled` has the kind of a property that the workspace has settled, and the reason.
    """

    mapping: ColumnMap = field(default_factory=ColumnMap)
    types: Mapping[str, Kind] = field(default_factory=dict)
    settled: Callable[[str], tuple[Kind, str] | None] = nothing_settled
    empty_removes: bool = False  # an empty cell removes the property, instead of leaving it as it is
    delimiter: str | None = None  # None: taken from the header; BLANKS: any run of spaces and tabs
    encoding: str | None = None  # None: from the byte order mark, else UTF-8
    list_separator: str | None = None  # splits the cells of a list column that are not JSON arrays
    row_type: RowType = field(default_factory=Profiles)


def read_types(written: Iterable[str]) -> dict[str, Kind]:
    """`COLUMN=KIND` texts. Raises InvalidInput."""
    types: dict[str, Kind] = {}
    for text in written:
        column, equals, kind = text.rpartition("=")
        if not equals or kind not in set(Kind):
            raise InvalidInput(
                f"--type {text!r} does not say COLUMN=KIND.",
                hint=f"The kinds are {', '.join(Kind)}. For example: --type zip=text",
            )
        types[column] = Kind(kind)
    return types
