"""From named values to a profile: shared by NDJSON, Parquet and tables in memory.

A document is flat, with properties beside identifiers, or nested as in the API:

    {"external_id": "c-1", "email": "ada@example.com", "plan": "pro"}
    {"external_id": "c-1", "email": "ada@example.com", "properties": {"plan": "pro"}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from coterie.errors import InvalidInput
from coterie.exporting.cells import number_text
from coterie.exporting.columns import OWN
from coterie.importing.columns import ColumnMap, Target, Use
from coterie.importing.rows import BadRow, Numbered, Row, RowProblem
from coterie.model import UNSET, ProfileInput
from coterie.rules.names import canonical_uuid

_NESTED = frozenset({*OWN, "properties", "lists"})


def targets_and_values(document: Mapping[str, object], mapping: ColumnMap) -> list[tuple[str, Target, object]]:
    """The name, target and value of every field of a document."""
    if not is_nested(document):
        return [(name, mapping.target(name), value) for name, value in document.items()]
    properties = cast(Mapping[str, object], document["properties"])
    named = [
        (name, mapping.target(name), value) for name, value in document.items() if name not in ("properties", "lists")
    ]
    for name, value in properties.items():
        spoken_of = name in mapping.targets or name in mapping.skipped
        named.append((name, mapping.target(name) if spoken_of else Target(Use.PROPERTY, name), value))
    return named


def is_nested(document: Mapping[str, object]) -> bool:
    return isinstance(document.get("properties"), Mapping) and document.keys() <= _NESTED


def row_of(
    line: int,
    identifiers: Mapping[str, object],
    properties: Mapping[str, object],
    problems: Sequence[RowProblem],
    lists: Sequence[str] | None,
) -> Numbered:
    """The row of a profile, or its problems. A row needs an identifier."""
    row_problems = list(problems)
    own = identifiers.get("id")
    if own is not None and not is_id(own):
        row_problems.append(
            RowProblem(
                "id", f"{own!r} is not an id made by Coterie", "If it is your own identifier: --map id=external_id."
            )
        )
    if not row_problems and all(identifier in (None, "") for identifier in identifiers.values()):
        row_problems.append(RowProblem(None, "has neither an external id nor an email"))
    if row_problems:
        return BadRow(line, tuple(row_problems))
    return Row(line, profile_of(identifiers, properties, lists))


def profile_of(
    identifiers: Mapping[str, object], properties: Mapping[str, object], lists: Sequence[str] | None = None
) -> ProfileInput:
    """Identifiers, with whole numbers as digits, since that is how tables store them.

    A null external id stays as it is; a null email beside another identifier is removed.
    """
    external_id = _digits(identifiers.get("external_id"))
    email = identifiers.get("email", UNSET)
    profile_id = _digits(identifiers.get("id"))
    return ProfileInput(
        id=UNSET if profile_id is None else cast(str, profile_id),
        external_id=UNSET if external_id is None else cast(str, external_id),
        email=UNSET if email is None and external_id is None and profile_id is None else cast("str | None", email),
        properties=properties,
        lists=UNSET if lists is None else lists,
    )


def profile_of_document(document: object, mapping: ColumnMap) -> ProfileInput:
    """A profile from a dict, for the library. The workspace judges the values."""
    if not isinstance(document, Mapping):
        raise InvalidInput(f"A profile is a dict, not {type(document).__name__}.")
    identifiers: dict[str, object] = {}
    properties: dict[str, object] = {}
    for _, target, value in targets_and_values(document, mapping):
        if target.use is Use.PROPERTY:
            properties[target.name] = value
        elif target.use is not Use.LEFT_OUT:
            identifiers[target.use.value] = value
    return profile_of(identifiers, properties, lists_of(document))


def lists_of(document: Mapping[str, object]) -> Sequence[str] | None:
    return cast("Sequence[str] | None", document.get("lists")) if is_nested(document) else None


def is_id(text: object) -> bool:
    return canonical_uuid(text) is not None


def _digits(identifier: object) -> object:
    if isinstance(identifier, bool):
        return identifier
    if isinstance(identifier, int):
        return str(identifier)
    if isinstance(identifier, float) and identifier.is_integer():
        return number_text(identifier)
    return identifier
