"""What each column of a file means.

`external_id` and `email` are the identifiers; `id` is Coterie's own, as an export writes it; `created_at` and `updated_at` are Coterie's
to keep and are left out, with a note. Every other column is the property of its name. `property:NAME` is the property NAME, whatever
it is called. `--map COLUMN=TARGET` says otherwise for one column, `--skip COLUMN` leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from coterie.errors import InvalidInput
from coterie.exporting.columns import ESCAPE

KEPT_BY_COTERIE = ("created_at", "updated_at")
IDENTIFIERS = ("id", "external_id", "email")


class Use(Enum):
    """What a column is for."""

    ID = "id"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PROPERTY = "property"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Target:
    use: Use
    name: str  # the property's name; for the rest, the column's

    def __str__(self) -> str:
        return f"property {self.name!r}" if self.use is Use.PROPERTY else self.use.value


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The caller's word on columns: `--map` and `--skip`."""

    targets: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()

    def target(self, column: str) -> Target:
        if column in self.skipped:
            return Target(Use.LEFT_OUT, column)
        mapped = self.targets.get(column)
        if mapped is None and column in KEPT_BY_COTERIE:
            return Target(Use.LEFT_OUT, column)
        return _named(column if mapped is None else mapped)


def read_mapping(maps: Iterable[str], skipped: Iterable[str]) -> ColumnMap:
    """`maps` are `COLUMN=TARGET` texts. Raises InvalidInput."""
    targets: dict[str, str] = {}
    for written in maps:
        column, equals, target = written.rpartition("=")
        if not equals or not target:
            raise InvalidInput(
                f"--map {written!r} does not say COLUMN=TARGET.", hint="For example: --map 'Customer ID=external_id'"
            )
        if target in KEPT_BY_COTERIE:
            raise InvalidInput(
                f"--map {written!r}: {target} is kept by Coterie itself.",
                hint="Choose another name, such as signed_up_at.",
            )
        targets[column] = target
    return ColumnMap(targets, frozenset(skipped))


def lay_out(header: Sequence[str], mapping: ColumnMap) -> tuple[Target, ...]:
    """The target of every column of a header. Raises InvalidInput when the header or the mapping cannot be meant."""
    _refuse_unknown(header, mapping)
    named = [column for column in header if column not in mapping.skipped]
    for column in named:
        if not column and column not in mapping.targets:
            raise InvalidInput(
                f"Column {header.index(column) + 1} of the header has no name.",
                hint="Name it, or leave it out with --skip ''.",
            )
        if named.count(column) > 1:
            places = " and ".join(str(place + 1) for place, other in enumerate(header) if other == column)
            raise InvalidInput(
                f"The header names {column!r} more than once (columns {places}).", hint="Rename one of them."
            )
    targets = tuple(mapping.target(column) for column in header)
    _refuse_shared(header, targets)
    return targets


def require_identifier(targets: Iterable[Target]) -> None:
    """Without one, a second run would make everybody again. Raises InvalidInput."""
    if not any(target.use in (Use.ID, Use.EXTERNAL_ID, Use.EMAIL) for target in targets):
        raise InvalidInput(
            "No column is the external id or the email, so a second run would make every profile again.",
            hint="Say which column identifies people: --map 'Customer ID=external_id' or --map 'E-mail=email'.",
        )


def _named(name: str) -> Target:
    if name.startswith(ESCAPE):
        return Target(Use.PROPERTY, name.removeprefix(ESCAPE))
    if name in IDENTIFIERS:
        return Target(Use(name), name)
    return Target(Use.PROPERTY, name)


def _refuse_unknown(header: Sequence[str], mapping: ColumnMap) -> None:
    for column in (*mapping.targets, *mapping.skipped):
        if column not in header:
            raise InvalidInput(f"There is no column {column!r}.", hint=f"The columns are: {', '.join(header)}.")


def _refuse_shared(header: Sequence[str], targets: Sequence[Target]) -> None:
    first: dict[Target, str] = {}
    for column, target in zip(header, targets, strict=True):
        if target.use is Use.LEFT_OUT:
            continue
        if target in first:
            raise InvalidInput(
                f"Columns {first[target]!r} and {column!r} would both be {target}.", hint="Use --map or --skip."
            )
        first[target] = column
