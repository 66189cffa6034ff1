"""What a file's rows can be: profiles (`profiles.py`) or events (`events.py`). The readers know formats, a sort knows meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from coterie.importing.columns import ColumnMap, Own, Target
from coterie.importing.rows import Numbered, Row, RowProblem
from coterie.model import Rejected

if TYPE_CHECKING:
    from coterie.workspace import Workspace


class RowType(Protocol):
    """To add one: a file with a class like this, and a command."""

    @property
    def own(self) -> Own:
        """The columns that are no properties."""
        ...

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What can become of a row, beside being refused."""
        ...

    def require(self, targets: Sequence[Target]) -> None:
        """Raises InvalidInput where such columns cannot make rows of this row_type."""
        ...

    def named(self, document: Mapping[str, object], mapping: ColumnMap) -> list[tuple[str, Target, object]]:
        """Every named value of a JSON document, flat or nested: its name, what it is, and itself."""
        ...

    def row(
        self, line: int, own: Mapping[str, object], properties: Mapping[str, object], problems: Sequence[RowProblem], raw: object
    ) -> Numbered:  # fmt: skip
        """A row, or what is wrong with it. `own` are the values that are not properties, by use; `raw` is the whole row as it came."""
        ...

    def put(self, workspace: Workspace, rows: Sequence[Row]) -> list[str | Rejected]:
        """Store rows in one commit; what became of each."""
        ...
