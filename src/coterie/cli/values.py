"""Profiles, segments and instants as words, in tables and in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from rich.table import Table

from coterie.cli.terminal import table
from coterie.errors import Conflict, NotFound, Path, not_found
from coterie.exporting.cells import cell
from coterie.model import Profile, Segment
from coterie.rules.nodes import All, Any, Not, Rule
from coterie.rules.values import Instant, Value
from coterie.workspace import Workspace

NOTHING = "–"
CELL_MAX = 40
PROPERTIES_EXAMPLE = 4  # of a profile in a table, when the rule does not say which matter

Nodes: TypeAlias = Mapping[Path, Rule]
"""The nodes of a rule by their paths."""


def instant(at: Instant | None) -> str:
    """To the second; a dash for never."""
    return NOTHING if at is None else at.iso()[:19].replace("T", " ")


def value_text(value: Value | None) -> str:
    """A value in a table: short, and a dash for a missing one."""
    if value is None:
        return NOTHING
    text = (
        instant(value) if isinstance(value, Instant) else ", ".join(value) if isinstance(value, tuple) else cell(value)
    )
    return text if len(text) <= CELL_MAX else f"{text[: CELL_MAX - 1]}…"


def node_name(rule: Rule | None, sentence: str) -> str:
    """A node in a tree: a condition by its sentence, a group by what joins the rows below it."""
    match rule:
        case All():
            return "all of"
        case Any():
            return "any of"
        case Not():
            return "not"
        case _:
            return sentence


def profile_table(profiles: Sequence[Profile], names: Sequence[str]) -> Table:
    """Identifiers, then the properties in `names`, or the first few that the profiles have."""
    chosen = list(names) or sorted({name for profile in profiles for name in profile.properties})[:PROPERTIES_EXAMPLE]
    rows = [
        [
            profile.external_id or profile.id,
            profile.email or NOTHING,
            *(value_text(_value(profile, name)) for name in chosen),
        ]
        for profile in profiles
    ]
    return table(["external_id", "email", *chosen], rows)


def _value(profile: Profile, name: str) -> Value | None:
    match name:
        case "created_at":
            return profile.created_at
        case "updated_at":
            return profile.updated_at
        case _:
            return profile.properties.get(name)


def segment_document(segment: Segment) -> dict[str, object]:
    return {
        "id": segment.id,
        "name": segment.name,
        "kind": segment.kind.value,
        "rule": segment.document,
        "description": segment.description,
        "version": segment.version,
        "member_count": segment.member_count,
        "created_at": segment.created_at.iso(),
        "updated_at": segment.updated_at.iso(),
    }


def find_segment(workspace: Workspace, named: str) -> Segment:
    """The segment with this id or exact name.

    Raises NotFound; Conflict when several segments have the name.
    """
    segments = workspace.segments.list().items
    matching = [segment for segment in segments if segment.id == named] or [
        segment for segment in segments if segment.name == named
    ]
    if not matching:
        close = [segment.name for segment in segments if named.lower() in segment.name.lower()]
        hint = f"Did you mean {close[0]!r}?" if close else "`coterie segments list` shows them all."
        raise not_found("segment", repr(named), hint=hint)
    if len(matching) > 1:
        raise Conflict(
            f"{len(matching)} segments are called {named!r}.",
            hint=f"Give an id: {', '.join(segment.id for segment in matching)}.",
        )
    return matching[0]


def find_profile(workspace: Workspace, named: str) -> Profile:
    """The profile with this external id, email or id. Raises NotFound."""
    try:
        return workspace.profiles.get(external_id=named)
    except NotFound:
        if "@" in named:
            return workspace.profiles.get(email=named)
        if _is_id(named):
            return workspace.profiles.get(named)
        raise


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
