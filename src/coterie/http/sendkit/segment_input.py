"""A segment's body to its name and definition, and what a change of some of its keys makes of the rest. Pure."""

from __future__ import annotations

from typing import Final

from coterie.http.sendkit.from_rule import opaque
from coterie.http.sendkit.grammar import Known
from coterie.http.sendkit.objects import definition_of
from coterie.http.sendkit.to_rule import Definition, read_definition
from coterie.http.sendkit.wording import SendKitProblems, php_object
from coterie.model import UNSET, Segment, Unset

FIELDS: Final = ("name", "match_type", "filters")
NAME_LENGTH_MAX: Final = 255


def read_segment(raw: object, known: Known) -> tuple[str, Definition]:
    """The body of a new segment. Raises InvalidInput with every problem."""
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), FIELDS) or {}
    name = problems.text(body, "name", longest=NAME_LENGTH_MAX, required=True)
    definition = read_definition(body, known, problems)
    problems.raise_if_any()
    assert isinstance(name, str), "else there were faults"
    assert definition is not None, "else there were faults"
    return name, definition


def read_change(raw: object, segment: Segment, known: Known) -> tuple[str | Unset, Definition | None]:
    """The body of a change: what is absent is as the segment shows it now. No definition when it stays as it is. Raises InvalidInput.

    A segment that this grammar cannot say is shown as the condition that names it. Sent back, that condition means "as it is"; taken at
    its word it would make the segment depend on itself.
    """
    problems = SendKitProblems()
    body = problems.mapping(php_object(raw), FIELDS) or {}
    name: str | Unset = UNSET
    if "name" in body:
        read = problems.text(body, "name", longest=NAME_LENGTH_MAX, required=True)
        name = UNSET if read is None else read
    definition: Definition | None = None
    if "match_type" in body or "filters" in body:
        shown = definition_of(segment, known)
        definition = read_definition({**shown, **body}, known, problems)
        if (
            definition is not None
            and definition.document["filters"] == opaque(segment.id)["filters"] == shown["filters"]
        ):
            definition = None
    problems.raise_if_any()
    return name, definition
