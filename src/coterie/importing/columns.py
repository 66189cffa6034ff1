"""What each column of a file means.

In a file of profiles, `external_id` and `email` are identifiers; `id` is Coterie's own id, as an
export writes it; `created_at` and `updated_at` belong to Coterie and are left out, with a note. In
a file of events, `external_id`, `email`, `anonymous_id` and `profile_id` identify the profile;
`name` is the event's name, `at` (or `occurred_at`) its instant, and `message_id` makes it unique.
Every other column is the property with its name, as is `property:NAME` for any NAME. `--map
COLUMN=TARGET` overrides one column, `--skip COLUMN` leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from coterie.errors import InvalidInput, none_of
from coterie.exporting.columns import ESCAPE

SET_BY_COTERIE = ("created_at", "updated_at")


class Use(Enum):
    """The use of a column."""

    ID = "id"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PROFILE_ID = "profile_id"
    ANONYMOUS_ID = "anonymous_id"
    NAME = "name"
    AT = "at"
    MESSAGE_ID = "message_id"
    PROPERTY = "property"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Target:
    use: Use
    name: str  # the property's name; for the rest, the column's

    def __str__(self) -> str:
        return f"property {self.name!r}" if self.use is Use.PROPERTY else self.use.value


@dataclass(frozen=True, slots=True)
class Own:
    """The columns of a row type that are no properties; Coterie sets those in `computed`."""

    uses: Mapping[str, Use]
    computed: tuple[str, ...] = ()


OF_PROFILES = Own({use.value: use for use in (Use.ID, Use.EXTERNAL_ID, Use.EMAIL)}, SET_BY_COTERIE)
WHOSE = (Use.PROFILE_ID, Use.EXTERNAL_ID, Use.EMAIL, Use.ANONYMOUS_ID)
OF_EVENTS = Own({use.value: use for use in (*WHOSE, Use.NAME, Use.AT, Use.MESSAGE_ID)} | {"occurred_at": Use.AT})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The meaning of columns: `--map` and `--skip`, then the columns' own names."""

    targets: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    own: Own = OF_PROFILES

    def target(self, column: str) -> Target:
        if column in self.skipped:
            return Target(Use.LEFT_OUT, column)
        mapped = self.targets.get(column)
        if mapped is None and column in self.own.computed:
            return Target(Use.LEFT_OUT, column)
        return _named(column if mapped is None else mapped, self.own)


def read_mapping(maps: Iterable[str], skipped: Iterable[str], own: Own = OF_PROFILES) -> ColumnMap:
    """`maps` are `COLUMN=TARGET` texts. Raises InvalidInput."""
    targets: dict[str, str] = {}
    for written in maps:
        column, equals, target = written.rpartition("=")
        if not equals or not target:
            raise InvalidInput(
                f"--map {written!r} does not say COLUMN=TARGET.", hint="For example: --map 'Customer ID=external_id'"
            )
        if target in own.computed:
            raise InvalidInput(
                f"--map {written!r}: {target} is set by Coterie itself.",
                hint="Choose another name, such as signed_up_at.",
            )
        targets[column] = target
    return ColumnMap(targets, frozenset(skipped), own)


def lay_out(header: Sequence[str], mapping: ColumnMap) -> tuple[Target, ...]:
    """The target of every column. Raises InvalidInput for an unusable header or mapping."""
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


def _named(name: str, own: Own) -> Target:
    if name.startswith(ESCAPE):
        return Target(Use.PROPERTY, name.removeprefix(ESCAPE))
    if name in own.uses:
        return Target(own.uses[name], own.uses[name].value)
    return Target(Use.PROPERTY, name)


def _refuse_unknown(header: Sequence[str], mapping: ColumnMap) -> None:
    for column in (*mapping.targets, *mapping.skipped):
        if column not in header:
            raise _no_column(column, header)


def refuse_unknown_types(header: Sequence[str], columns: Iterable[str]) -> None:
    """Raises InvalidInput for a column that `--type` names and the file does not have."""
    for column in columns:
        if column not in header:
            raise _no_column(column, header, "--type: ")


def _no_column(column: str, header: Sequence[str], option: str = "") -> InvalidInput:
    sentence = none_of("column", repr(column))
    sentence = f"{option}{sentence[0].lower()}{sentence[1:]}" if option else sentence
    return InvalidInput(sentence, hint=f"The columns are: {', '.join(header)}.")


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
