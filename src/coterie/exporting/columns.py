"""The columns of a table of profiles, and their names.

The profile's own fields (`OWN`) come first, then a column a property. A property whose name equals
one of them, or already looks escaped, is written `property:NAME`; import removes the prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.rules.values import Kind

if TYPE_CHECKING:
    from coterie.workspace import Workspace

OWN = ("id", "external_id", "email", "created_at", "updated_at")
ESCAPE = "property:"


@dataclass(frozen=True, slots=True)
class Column:
    """One property. `kind` is that of all its values, None where they are of several kinds."""

    name: str
    kind: Kind | None

    @property
    def heading(self) -> str:
        return f"{ESCAPE}{self.name}" if self.name in OWN or self.name.startswith(ESCAPE) else self.name


def columns_of(workspace: Workspace) -> tuple[Column, ...]:
    """A column for every property that the workspace knows now, by name."""
    return tuple(
        Column(property_.name, property_.type or _kind_seen(workspace, property_.name))
        for property_ in workspace.properties.list()
    )


def headings(columns: Sequence[Column]) -> list[str]:
    return [*OWN, *(column.heading for column in columns)]


def _kind_seen(workspace: Workspace, name: str) -> Kind | None:
    """The kind of an undeclared property: text without values, None with several kinds."""
    kinds = [seen.kind for seen in workspace.properties.describe(name).kinds if seen.count]
    if not kinds:
        return Kind.TEXT
    return kinds[0] if len(kinds) == 1 else None
