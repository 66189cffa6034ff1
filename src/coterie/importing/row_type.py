"""The type of a file's rows: profiles (`profiles.py`) or events (`events.py`).

Readers know formats; a row type knows meanings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from coterie.importing.columns import ColumnMap, Own, Target
from coterie.importing.rows import Numbered, Row, RowProblem
from coterie.model import Rejected

if TYPE_CHECKING:
    from coterie.workspace import Workspace


class RowType(Protocol):
    """To add a row type, write a file with a class like this, and a command."""

    @property
    def own(self) -> Own:
        """The columns that are no properties."""
        ...

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes of a row, besides being refused."""
        ...

    def require(self, targets: Sequence[Target]) -> None:
        """Raises InvalidInput where these columns cannot make rows of this type."""
        ...

    def named(self, document: Mapping[str, object], mapping: ColumnMap) -> list[tuple[str, Target, object]]:
        """The name, target and value of every field of a JSON document, flat or nested."""
        ...

    def row(
        self,
        line: int,
        own: Mapping[str, object],
        properties: Mapping[str, object],
        problems: Sequence[RowProblem],
        raw: object,
    ) -> Numbered:
        """A row, or its problems.

        `own` are the values that are no properties, by use; `raw` is the whole row as read.
        """
        ...

    def put(self, workspace: Workspace, rows: Sequence[Row]) -> list[str | Rejected]:
        """Store rows in one commit; returns the outcome of each."""
        ...
