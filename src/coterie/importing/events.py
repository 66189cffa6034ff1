"""Rows that are events.

Every event needs a message id, so that a file can be imported again after it was stopped or has
grown. Where the file has none, the id is derived from the name of the file (or `--source`), the
line, and the content of the row: the same line of the same file is the same event; a row that has
changed or moved to another line is a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, cast
from uuid import UUID

from coterie.errors import InvalidInput
from coterie.exporting.cells import number_text
from coterie.importing.columns import OF_EVENTS, WHOSE, ColumnMap, Own, Target, Use
from coterie.importing.kinds import quoted
from coterie.importing.rows import BadRow, Numbered, Row, RowProblem
from coterie.model import UNSET, EventInput, EventOutcome, ProfileRef, Rejected
from coterie.rules.values import INSTANT_MAX, INSTANT_MIN, OUTSIDE_YEARS, Instant

if TYPE_CHECKING:
    from coterie.workspace import Workspace

SECONDS, MILLISECONDS = "seconds", "milliseconds"
_NESTED = frozenset({"name", "profile", "at", "occurred_at", "message_id", "properties"})
_PROFILE = {"id": Use.PROFILE_ID, **{use.value: use for use in WHOSE if use is not Use.PROFILE_ID}}


@dataclass(frozen=True, slots=True)
class Events:
    """A file of events.

    `name` is the name of all events where no column has it. `at_format` is how instants are
    written; None means ISO 8601.
    """

    source: str
    name: str | None = None
    at_format: str | None = None
    own: Own = OF_EVENTS
    outcomes: tuple[str, ...] = tuple(outcome.value for outcome in EventOutcome)

    def require(self, targets: Sequence[Target]) -> None:
        """Raises InvalidInput unless a profile and a name are mapped."""
        uses = {target.use for target in targets}
        if not uses & {*WHOSE}:
            raise InvalidInput(
                "No column says whose the events are.",
                hint="Say which one does: --map 'Customer ID=external_id' or --map 'E-mail=email'.",
            )
        if Use.NAME not in uses and self.name is None:
            raise InvalidInput(
                "No column says what the events are called.",
                hint="Say it for all of them, --name order_placed, or which column does: --map 'Type=name'.",
            )

    def named(self, document: Mapping[str, object], mapping: ColumnMap) -> list[tuple[str, Target, object]]:
        """The fields of a document, flat or nested as the API accepts events."""
        profile, properties = document.get("profile"), document.get("properties")
        if not (document.keys() <= _NESTED and isinstance(profile, Mapping) and isinstance(properties or {}, Mapping)):
            return [(name, mapping.target(name), value) for name, value in document.items()]
        fields = [
            (name, mapping.target(name), value)
            for name, value in document.items()
            if name not in ("profile", "properties")
        ]
        fields += [(name, Target(use, use.value), profile[name]) for name, use in _PROFILE.items() if name in profile]
        nested = cast(Mapping[str, object], properties or {})
        return [*fields, *((name, Target(Use.PROPERTY, name), value) for name, value in nested.items())]

    def row(
        self,
        line: int,
        own: Mapping[str, object],
        properties: Mapping[str, object],
        problems: Sequence[RowProblem],
        raw: object,
    ) -> Numbered:
        row_problems = list(problems)
        identifiers = {use.value: _written(own.get(use.value)) for use in WHOSE}
        if not row_problems and not any(identifiers.values()):
            row_problems.append(RowProblem(None, "does not say whose it is"))
        name = own.get("name") or self.name
        if name is None:
            row_problems.append(
                RowProblem(None, "does not say what it is called", "Say it for all rows: --name order_placed")
            )
        try:
            at = self._instant(own.get("at"))
        except ValueError as error:
            row_problems.append(
                RowProblem(
                    "at", str(error), "Say how instants are written: --at-format seconds, milliseconds, or %d.%m.%Y"
                )
            )
        if row_problems:
            return BadRow(line, tuple(row_problems))
        message_id = _written(own.get("message_id")) or self._derived(line, raw)
        ref = ProfileRef(
            *(identifiers[use.value] or UNSET for use in (Use.PROFILE_ID, Use.EXTERNAL_ID, Use.EMAIL, Use.ANONYMOUS_ID))
        )
        present = {key: value for key, value in properties.items() if value is not None}
        return Row(line, EventInput(cast(str, name), ref, at, message_id, present))

    def _instant(self, raw: object) -> object:
        """The instant as the workspace accepts it. Raises ValueError."""
        if raw in (None, ""):
            return UNSET
        if isinstance(raw, Mapping) and isinstance(raw.get("time"), int):  # as Parquet's timestamps come
            return _within(int(raw["time"]))
        if self.at_format is None:
            if not isinstance(raw, str | Mapping):
                raise ValueError(f"{raw!r} is not an ISO 8601 date or time")
            return raw
        if self.at_format in (SECONDS, MILLISECONDS):
            try:
                number = float(cast(str, raw))
            except (TypeError, ValueError):
                raise ValueError(f"{quoted(str(raw))} is not a number of {self.at_format}") from None
            return _within(round(number * (1_000 if self.at_format == SECONDS else 1)))
        try:
            read = datetime.strptime(str(raw), self.at_format)  # noqa: DTZ007 - without a zone it is local to the workspace's
        except ValueError:
            raise ValueError(f"{quoted(str(raw))} is not written as {self.at_format}") from None
        return read.isoformat(timespec="milliseconds")

    def _derived(self, line: int, raw: object) -> str:
        digest = sha256(repr((self.source, line, raw)).encode("utf-8", "surrogatepass")).digest()
        return str(UUID(bytes=digest[:16]))

    def put(self, workspace: Workspace, rows: Sequence[Row]) -> list[str | Rejected]:
        written = workspace.events.put_many([row.event for row in rows])
        return [result if isinstance(result, Rejected) else result.outcome.value for result in written]


def _within(milliseconds: int) -> Instant:
    if not INSTANT_MIN <= milliseconds <= INSTANT_MAX:
        raise ValueError(OUTSIDE_YEARS)
    return Instant(milliseconds)


def _written(identifier: object) -> str | None:
    """An identifier as text; a whole number becomes its digits, since tables store numbers."""
    if identifier is None or identifier == "":
        return None
    if isinstance(identifier, int | float) and not isinstance(identifier, bool) and identifier == identifier // 1:
        return number_text(float(identifier)) if isinstance(identifier, float) else str(identifier)
    return cast(str, identifier)
