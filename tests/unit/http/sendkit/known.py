"""A small world for the pure translation: three declared properties, one list, one segment."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, Problem
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.grammar import Context
from coterie.http.sendkit.to_rule import Definition, read_definition
from coterie.http.sendkit.wording import SendKitProblems
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


def known(*properties: Property, zone: str = "UTC") -> Context:
    return Context(
        properties=properties or (PLAN, MRR, RENEWS),
        zone=ZoneInfo(zone),
        is_list=lambda one: one in (LIST_ID, OTHER_LIST_ID),
        is_segment=lambda one: one in (LIST_ID, OTHER_LIST_ID, SEGMENT_ID),
    )


def condition(field: str | None, operator: str, value: object = None, **more: object) -> dict[str, object]:
    """A condition on a reserved field, or on a property where the name is one of the three."""
    kind = "property" if field in ("plan", "mrr", "renews_on") else "reserved"
    return {"field": field, "type": kind, "operator": operator, "value": value, "property_id": None} | more


def document(*groups: tuple[str, list[dict[str, object]]], match_type: str = "all") -> dict[str, object]:
    return {
        "match_type": match_type,
        "filters": {"groups": [{"match_type": word, "conditions": conditions} for word, conditions in groups]},
    }


def one(condition_: dict[str, object]) -> dict[str, object]:
    return document(("all", [condition_]))


def read(body: dict[str, object], world: Context | None = None) -> Definition:
    """The definition of a body, which must have no problems."""
    problems = SendKitProblems()
    definition = read_definition(body, world or known(), problems)
    problems.raise_if_any()
    assert definition is not None
    return definition


def problems(body: dict[str, object], world: Context | None = None) -> dict[str, str]:
    """The faults of a body, by path."""
    problems = SendKitProblems()
    assert read_definition(body, world or known(), problems) is None
    try:
        problems.raise_if_any()
    except InvalidInput as error:
        return {dotted(problem.path): told(problem) for problem in error.problems}
    raise AssertionError("nothing was wrong with it")


def told(problem: Problem) -> str:
    return f"{problem.message} {problem.hint or ''}".strip()
