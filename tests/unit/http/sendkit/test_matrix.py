"""Every operator on every type of field, through HTTP: the members, and those of its opposite."""

from __future__ import annotations

import pytest

from coterie.http.sendkit.grammar import OPERATORS, FieldType, opposite
from tests.unit.http.sendkit.harness import Json, World, custom, reserved

PEOPLE: dict[str, Json] = {
    "ann": {
        "first_name": "Ann",
        "properties": {"plan": "Pro", "seats": 10, "renews_on": "2026-03-01"},
        "unsubscribed": True,
    },
    "bob": {
        "first_name": "bob",
        "properties": {"plan": "free", "seats": "9.5", "renews_on": "2026-02-28"},
        "unsubscribed": False,
    },
    "eve": {"properties": {"plan": "", "seats": 0, "renews_on": "2026-03-02 00:00:00"}},
    "nil": {},
}

EXPECTED: list[tuple[Json, str]] = [
    (custom("plan", "equals", "PRO"), "ann"),
    (custom("plan", "equals", ""), "eve"),
    (custom("plan", "contains", "R"), "ann bob"),
    (custom("plan", "starts_with", "fr"), "bob"),
    (custom("plan", "ends_with", "O"), "ann"),
    (custom("plan", "in", ["pro", "FREE"]), "ann bob"),
    (custom("plan", "is_set"), "ann bob eve"),
    (custom("seats", "equals", "10.0"), "ann"),
    (custom("seats", "greater_than", 9.5), "ann"),
    (custom("seats", "greater_than_or_equal", "9.5"), "ann bob"),
    (custom("seats", "less_than", 9.5), "eve"),
    (custom("seats", "less_than_or_equal", 9.5), "bob eve"),
    (custom("seats", "in", ["0", 10]), "ann eve"),
    (custom("seats", "is_set"), "ann bob eve"),
    (custom("renews_on", "equals", "2026-03-01"), "ann"),
    (custom("renews_on", "before", "2026-03-01"), "bob"),
    (custom("renews_on", "after", "2026-03-01"), "eve"),
    (custom("renews_on", "before", "2026-03-01 00:00:01"), "ann bob"),
    (custom("renews_on", "in_last_days", 2), "eve"),
    (custom("renews_on", "in_last_days", "3"), "ann eve"),
    (custom("renews_on", "is_set"), "ann bob eve"),
    (reserved("email", "starts_with", "A"), "ann"),
    (reserved("email", "is_set"), "ann bob eve nil"),
    (reserved("first_name", "equals", "BOB"), "bob"),
    (reserved("first_name", "is_set"), "ann bob"),
    (reserved("unsubscribed", "equals", True), "ann"),
    (reserved("unsubscribed", "equals", "false"), "bob eve nil"),
    (reserved("created_at", "equals", "2026-03-03"), "ann bob eve nil"),
    (reserved("created_at", "in_last_days", 1), "ann bob eve nil"),
    (reserved("updated_at", "before", "2026-03-03"), ""),
    (reserved("list", "equals", "LIST"), "bob"),
    (reserved("list", "in", ["LIST"]), "bob"),
    (reserved("segment", "equals", "SEGMENT"), "ann"),
    (reserved("segment", "in", ["SEGMENT"]), "ann"),
]  # fmt: skip
TYPES = {"plan": FieldType.TEXT, "seats": FieldType.NUMBER, "renews_on": FieldType.DATE}


@pytest.fixture(scope="module")
def people(still: World) -> tuple[World, dict[str, str]]:
    for key, kind in (("plan", "string"), ("seats", "number"), ("renews_on", "date")):
        still.make_property(key, kind)
    ids = {"LIST": still.make_list()}
    for name, fields in PEOPLE.items():
        lists = {"list_ids": [ids["LIST"]]} if name == "bob" else {}
        still.make_contact(f"{name}@b.c", **fields, **lists)
    ids["SEGMENT"] = still.make_segment(custom("seats", "equals", 10))["id"]
    return still, ids


def filled(condition: Json, ids: dict[str, str]) -> Json:
    value = condition["value"]
    real = [ids.get(item, item) for item in value] if isinstance(value, list) else ids.get(str(value), value)
    return condition | {"value": real}


def members(world: World, condition: Json) -> list[str]:
    saved = world.make_segment(condition)["id"]
    names = [email.removesuffix("@b.c") for email in world.emails(saved)]
    world.ask("DELETE", f"/segments/{saved}", status=204)
    return names


@pytest.mark.parametrize(("condition", "who"), EXPECTED)
def test_who_is_in(people: tuple[World, dict[str, str]], condition: Json, who: str) -> None:
    world, ids = people
    assert members(world, filled(condition, ids)) == who.split()


@pytest.mark.parametrize(("condition", "who"), [row for row in EXPECTED if opposite(row[0]["operator"])])
def test_a_negation_is_the_exact_complement(people: tuple[World, dict[str, str]], condition: Json, who: str) -> None:
    world, ids = people
    negated = condition | {"operator": opposite(condition["operator"])}
    if negated["operator"] not in OPERATORS[type_of(condition)]:
        pytest.fail(f"{negated['operator']} does not suit {condition['field']}")
    assert members(world, filled(negated, ids)) == [name for name in PEOPLE if name not in who.split()]


def type_of(condition: Json) -> FieldType:
    reserved_types = {"unsubscribed": FieldType.BOOLEAN, "created_at": FieldType.DATE, "updated_at": FieldType.DATE,
                      "list": FieldType.LIST, "segment": FieldType.SEGMENT}  # fmt: skip
    return TYPES.get(condition["field"]) or reserved_types.get(condition["field"], FieldType.TEXT)


def test_the_table_has_every_positive_operator_of_every_type() -> None:
    covered = {(type_of(condition), condition["operator"]) for condition, _ in EXPECTED}
    covered |= {(kind, opposite(operator)) for kind, operator in covered}  # type: ignore[misc]  # None is compared away
    assert {(kind, operator) for kind, operators in OPERATORS.items() for operator in operators} <= covered
