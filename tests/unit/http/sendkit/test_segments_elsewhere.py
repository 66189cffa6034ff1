"""Previews of unsaved segments, and segments that were made elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from coterie.model import ProfileInput, SegmentKind
from coterie.rules.nodes import All, Any, Not, PropertyCondition, SegmentCondition
from coterie.rules.values import Kind
from tests.unit.http.sendkit.harness import Json, World, custom, reserved, segment

# --- preview --------------------------------------------------------------------------------------


def test_a_preview_counts_the_whole_and_each_condition_and_saves_nothing(world: World) -> None:
    world.make_property("plan")
    for number in range(10):
        world.make_contact(
            f"{number}@b.c",
            first_name="X" if number < 6 else None,
            properties={"plan": "pro" if number % 2 else "free"},
        )
    world.workspace.profiles.put(ProfileInput(external_id="7", properties={"plan": "pro"}))
    before = world.everything()
    body = {
        "match_type": "all",
        "filters": {
            "groups": [
                {
                    "match_type": "any",
                    "conditions": [custom("plan", "equals", "pro"), reserved("first_name", "is_not_set")],
                },
                {"match_type": "all", "conditions": [reserved("email", "not_equals", "9@b.c")]},
            ]
        },
    }
    counted = world.ask("POST", "/segments/preview", body, status=200, key="read")
    assert counted == {
        "count": 6,
        "conditions": [
            {"path": "filters.groups.0.conditions.0", "count": 5},
            {"path": "filters.groups.0.conditions.1", "count": 4},
            {"path": "filters.groups.1.conditions.0", "count": 9},
        ],
    }
    assert world.ask("POST", "/segments/preview", body | {"name": "Unsaved"}, status=200) == counted
    assert world.everything() == before
    saved = world.ask("POST", "/segments", body | {"name": "Saved"}, status=201)["id"]
    assert len(world.emails(saved)) == counted["count"]


@pytest.mark.parametrize(
    "body", [{}, {"match_type": "all"}, segment(reserved("shoe", "is_set")), {"x": 1}, segment() | {"name": 7}]
)
def test_a_wrong_preview_is_refused(still: World, body: Json) -> None:
    assert still.ask("POST", "/segments/preview", body, status=422)["name"] == "validation_error"


def test_the_largest_segment_is_counted(world: World) -> None:
    world.make_contact("a@b.c")
    group = {
        "match_type": "any",
        "conditions": [reserved("created_at", "not_equals", f"2026-01-{day % 28 + 1:02}") for day in range(100)],
    }
    body = {"name": "Large", "match_type": "all", "filters": {"groups": [group] * 50}}
    assert len(world.ask("POST", "/segments/preview", body, status=200)["conditions"]) == 5_000
    assert world.emails(world.ask("POST", "/segments", body, status=201)["id"]) == ["a@b.c"]
    body["filters"]["groups"].append(group)  # type: ignore[index]  # a document of JSON values
    assert set(world.ask("POST", "/segments", body, status=422)["errors"]) == {"filters.groups"}


# --- made elsewhere -------------------------------------------------------------------------------


def test_a_segment_made_elsewhere_is_written_in_the_grammar_where_it_can_be(world: World) -> None:
    item = world.make_property("plan")
    newsletter = world.make_list()
    rule = All(
        (
            PropertyCondition("plan", "equals", "pro"),
            Not(PropertyCondition("created_at", "on", date(2026, 3, 1))),
            Any((SegmentCondition(newsletter), PropertyCondition("external_id", "is_set"))),
        )
    )
    made = world.workspace.segments.create("Elsewhere", rule)
    answer = world.get(f"/segments/{made.id}")
    assert answer["match_type"] == "all"
    assert answer["filters"] == {
        "groups": [
            {
                "match_type": "all",
                "conditions": [
                    custom("plan", "equals", "pro") | {"property_id": item["id"]},
                    reserved("created_at", "not_equals", "2026-03-01"),
                ],
            },
            {
                "match_type": "any",
                "conditions": [reserved("list", "equals", newsletter), reserved("user_id", "is_set")],
            },
        ]
    }
    assert world.get("/segments")["data"] == [answer]
    world.ask("PUT", f"/segments/{made.id}", {"match_type": "any"}, status=200)
    assert world.get(f"/segments/{made.id}")["filters"] == answer["filters"]


@pytest.mark.parametrize(
    "rule",
    [
        PropertyCondition("plan", "matches", "^p"),
        PropertyCondition("plan", "equals", "Pro", case_sensitive=True),
        PropertyCondition("undeclared", "equals", "x"),
        PropertyCondition("plan", "equals", 7.0),
        PropertyCondition("unsubscribed", "equals", False),
        Not(PropertyCondition("plan", "starts_with", "p")),
        Not(All((PropertyCondition("plan", "is_set"), PropertyCondition("email", "is_set")))),
        All((Any((All((PropertyCondition("plan", "is_set"), PropertyCondition("email", "is_set"))),)),)),
        PropertyCondition("created_at", "in_calendar", "this_week"),
    ],
)
def test_a_segment_that_the_grammar_cannot_express_is_one_condition_that_names_it(
    world: World, rule: PropertyCondition
) -> None:
    world.workspace.properties.declare("plan", Kind.TEXT)
    made = world.workspace.segments.create("Elsewhere", rule)
    answer = world.get(f"/segments/{made.id}")
    naming = [reserved("segment", "equals", made.id)]
    assert answer["match_type"] == "all"
    assert answer["filters"] == {"groups": [{"match_type": "all", "conditions": naming}]}
    body = {"name": "Renamed", "match_type": "any", "filters": answer["filters"]}
    assert world.ask("PUT", f"/segments/{made.id}", body, status=200) == answer | {"name": "Renamed"}
    assert world.workspace.segments.get(made.id).rule == rule, "sent back, it means: as it is"
    copy = world.ask("POST", "/segments", {key: answer[key] for key in ("name", "match_type", "filters")}, status=201)
    assert copy["filters"] == answer["filters"]
    assert world.workspace.segments.get(copy["id"]).rule == SegmentCondition(made.id)


def test_a_segment_made_here_and_edited_elsewhere_is_shown_as_it_is_now(world: World) -> None:
    made = world.make_segment(reserved("email", "contains", "a"))
    world.workspace.segments.update(made["id"], rule=PropertyCondition("email", "contains", "b"))
    assert world.get(f"/segments/{made['id']}")["filters"] == segment(reserved("email", "contains", "b"))["filters"]


def test_static_segments_are_lists_and_not_segments(world: World) -> None:
    elsewhere = world.workspace.segments.create("Static", kind=SegmentKind.STATIC).id
    assert [item["id"] for item in world.get("/lists")["data"]] == [elsewhere]
    assert world.get("/segments")["data"] == []
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/contacts")):
        world.ask(method, f"/segments/{elsewhere}{path}", {"name": "x"} if method == "PUT" else None, status=404)
    dynamic = world.make_segment(reserved("email", "is_set"))["id"]
    contact = world.make_contact("a@b.c")["id"]
    world.ask("DELETE", f"/contacts/{contact}/lists/{dynamic}", status=404)
    world.ask("POST", f"/contacts/{contact}/lists", {"list_ids": [dynamic]}, status=422)
