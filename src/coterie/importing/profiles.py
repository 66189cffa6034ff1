"""Rows that are profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.errors import InvalidInput, NotFound
from coterie.importing.columns import OF_PROFILES, ColumnMap, Own, Target, Use
from coterie.importing.documents import lists_of, row_of, targets_and_values
from coterie.importing.rows import Numbered, Row, RowProblem
from coterie.model import UNSET, Outcome, ProfileInput, ProfileWrite, Rejected

if TYPE_CHECKING:
    from coterie.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Profiles:
    """A file of profiles."""

    own: Own = OF_PROFILES
    outcomes: tuple[str, ...] = tuple(outcome.value for outcome in Outcome)

    def require(self, targets: Sequence[Target]) -> None:
        """Raises InvalidInput without an identifier: a second run would create everybody again."""
        if not any(target.use in (Use.ID, Use.EXTERNAL_ID, Use.EMAIL) for target in targets):
            raise InvalidInput(
                "No column is the external id or the email, so a second run would make every profile again.",
                hint="Say which column identifies people: --map 'Customer ID=external_id' or --map 'E-mail=email'.",
            )

    def named(self, document: Mapping[str, object], mapping: ColumnMap) -> list[tuple[str, Target, object]]:
        return targets_and_values(document, mapping)

    def row(
        self,
        line: int,
        own: Mapping[str, object],
        properties: Mapping[str, object],
        problems: Sequence[RowProblem],
        raw: object,
    ) -> Numbered:
        lists = lists_of(raw) if isinstance(raw, Mapping) else None
        return row_of(line, own, properties, problems, lists)

    def put(self, workspace: Workspace, rows: Sequence[Row]) -> list[str | Rejected]:
        """Put profiles; an id of another workspace gives way to the row's other identifiers."""
        profiles = [row.profile for row in rows]
        written = workspace.profiles.put_many(profiles)
        foreign = [place for place, result in enumerate(written) if _has_foreign_id(result, profiles[place])]
        if foreign:
            again = workspace.profiles.put_many([replace(profiles[place], id=UNSET) for place in foreign])
            for place, result in zip(foreign, again, strict=True):
                written[place] = result
        return [result if isinstance(result, Rejected) else result.outcome.value for result in written]


def _has_foreign_id(result: ProfileWrite | Rejected, sent: ProfileInput) -> bool:
    if not isinstance(result, Rejected) or not (sent.external_id or sent.email):
        return False
    return any(problem.code == NotFound.code and problem.path == ("id",) for problem in result.problems)
