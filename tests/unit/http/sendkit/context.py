"""A small context for the pure translation: three declared properties, two lists, a segment."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from coterie.errors import InvalidInput
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.envelope import sentence
from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.to_rule import Definition, read_definition
from coterie.model import Property
from coterie.rules.values import Instant, Kind

LIST_ID = "0198a000-0000-7000-8000-00000000000a"
OTHER_LIST_ID = "0198a000-0000-7000-8000-00000000000b"
SEGMENT_ID = "0198a000-0000-7000-8000-00000000000c"
UNKNOWN_ID = "0198a000-0000-7000-8000-0000000000ff"


def declared(name: str, kind: Kind, number: int) -> Property:
    return Property(f"0198b000-0000-7000-8000-{number:012d}", name, kind, None, Instant(number), Instant(number))


PLAN = declared("plan", Kind.TEXT, 1)
MRR = declared("mrr", Kind.NUMBER, 2)
RENEWS = declared("renews_on", Kind.TIME, 3)


def context_with(*properties: Property, zone: str = "UTC") -> Context:
    """The context of a workspace with these properties, by default with the three above."""
    return Context(
        load_properties=lambda: properties or (PLAN, MRR, RENEWS),
        zone=ZoneInfo(zone),
        is_list=lambda segment_id: segment_id in (LIST_ID, OTHER_LIST_ID),
        is_segment=lambda segment_id: segment_id in (LIST_ID, OTHER_LIST_ID, SEGMENT_ID),
    )


def condition(field: str | None, operator: str, value: object = None, **more: object) -> dict[str, object]:
    """A condition on a reserved field, or on one of the three properties."""
    kind = "property" if field in ("plan", "mrr", "renews_on") else "reserved"
    return {"field": field, "type": kind, "operator": operator, "value": value, "property_id": None} | more


def document(*groups: tuple[str, list[dict[str, object]]], match_type: str = "all") -> dict[str, object]:
    return {
        "match_type": match_type,
        "filters": {"groups": [{"match_type": word, "conditions": conditions} for word, conditions in groups]},
    }


def document_of(condition_: dict[str, object]) -> dict[str, object]:
    """A document with this condition only."""
    return document(("all", [condition_]))


def read(body: dict[str, object], context: Context | None = None) -> Definition:
    """The definition of a body in which nothing may be wrong."""
    return read_definition(body, context or context_with())


def problems(body: dict[str, object], context: Context | None = None) -> dict[str, str]:
    """The problems of a body, by path."""
    with pytest.raises(InvalidInput) as caught:
        read_definition(body, context or context_with())
    return {dotted(problem.path): sentence(problem) for problem in caught.value.problems}
