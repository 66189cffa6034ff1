"""Segments, call by call: the echo, the members, and partial changes."""

from __future__ import annotations

import pytest

from coterie.model import ProfileInput
from coterie.rules.values import DAY
from tests.unit.http.counting import count_readings
from tests.unit.http.sendkit.harness import STAMP, Json, World, custom, reserved, segment

NOBODY = "0198a000-0000-7000-8000-0000000000ff"
DOCUMENTED = {
    "name": "VIP Customers",
    "match_type": "all",
    "filters": {
        "groups": [
            {
                "match_type": "all",
                "conditions": [
                    {
                        "field": "email",
                        "type": "reserved",
                        "operator": "contains",
                        "value": "@example.com",
                        "property_id": NOBODY,
                    }
                ],
            }
        ]
    },
}


def test_sendkits_documented_request_gets_sendkits_documented_answer(world: World) -> None:
    made = world.ask("POST", "/segments", DOCUMENTED, status=201)
    condition = {
        "field": "email",
        "type": "reserved",
        "operator": "contains",
        "value": "@example.com",
        "property_id": None,
    }
    assert made == {
        "id": made["id"],
        "name": "VIP Customers",
        "match_type": "all",
        "filters": {"groups": [{"match_type": "all", "conditions": [condition]}]},
        "created_at": STAMP,
        "updated_at": STAMP,
    }
    assert list(made) == ["id", "name", "match_type", "filters", "created_at", "updated_at"]
    assert list(made["filters"]["groups"][0]) == ["match_type", "conditions"]
    assert list(made["filters"]["groups"][0]["conditions"][0]) == ["field", "type", "operator", "value", "property_id"]
    assert world.get(f"/segments/{made['id']}") == made
    assert world.get("/segments")["data"] == [made]


def test_membership_follows_in_the_very_next_request(world: World) -> None:
    saved = world.ask("POST", "/segments", DOCUMENTED, status=201)["id"]
    contact = world.make_contact("ann@example.com", unsubscribed=True)["id"]
    assert world.emails(saved) == ["ann@example.com"], "unsubscribed contacts are members too"
    world.ask("PUT", f"/contacts/{contact}", {"email": "ann@elsewhere.com"}, status=200)
    assert world.emails(saved) == []


@pytest.mark.parametrize("value", ["42", 42, 42.0, 42.5, "42.50"])
def test_the_value_is_echoed_as_it_was_sent(world: World, value: Json) -> None:
    item = world.make_property("seats", "number")
    made = world.make_segment(custom("SEATS", "greater_than", value))
    echo = made["filters"]["groups"][0]["conditions"][0]
    assert echo == custom("SEATS", "greater_than", value) | {"property_id": item["id"]}
    assert type(echo["value"]) is type(value)
    assert world.get(f"/segments/{made['id']}") == made


def test_custom_is_stored_as_property_and_an_id_alone_gets_its_field(world: World) -> None:
    item = world.make_property("plan")
    made = world.make_segment({"type": "custom", "operator": "is_set", "property_id": item["id"]})
    assert made["filters"]["groups"][0]["conditions"] == [
        {"field": "plan", "type": "property", "operator": "is_set", "value": None, "property_id": item["id"]}
    ]


def test_two_levels_of_groups(world: World) -> None:
    world.make_property("plan")
    for email, plan, first_name in (
        ("a@x.y", "pro", "Ann"),
        ("b@x.y", "free", None),
        ("c@z.y", "pro", None),
        ("d@z.y", None, "Dan"),
    ):
        world.make_contact(email, first_name=first_name, properties={"plan": plan})
    body = {
        "name": "Two",
        "match_type": "all",
        "filters": {
            "groups": [
                {
                    "match_type": "any",
                    "conditions": [reserved("email", "ends_with", "@X.Y"), custom("plan", "equals", "PRO")],
                },
                {"match_type": "all", "conditions": [reserved("first_name", "is_not_set")]},
            ]
        },
    }
    both = world.ask("POST", "/segments", body, status=201)["id"]
    either = world.ask("POST", "/segments", body | {"match_type": "any"}, status=201)["id"]
    assert world.emails(both) == ["b@x.y", "c@z.y"]
    assert world.emails(either) == ["a@x.y", "b@x.y", "c@z.y"]


def test_time_moves_members_out(world: World) -> None:
    saved = world.make_segment(reserved("created_at", "in_last_days", 30))["id"]
    late = world.make_segment(reserved("created_at", "not_in_last_days", 30))["id"]
    world.make_contact("a@b.c")
    assert (world.emails(saved), world.emails(late)) == (["a@b.c"], [])
    world.clock.advance(30 * DAY - 1)
    assert (world.emails(saved), world.emails(late)) == (["a@b.c"], [])
    world.clock.advance(1)
    assert (world.emails(saved), world.emails(late)) == ([], ["a@b.c"])


def test_lists_and_other_segments_are_conditions(world: World) -> None:
    newsletter = world.make_list()
    world.make_contact("in@b.c", list_ids=[newsletter])
    out = world.make_contact("out@b.c")["id"]
    readers = world.make_segment(reserved("list", "equals", newsletter))["id"]
    others = world.make_segment(reserved("segment", "not_equals", readers))["id"]
    assert (world.emails(readers), world.emails(others)) == (["in@b.c"], ["out@b.c"])
    world.ask("POST", f"/contacts/{out}/lists", {"list_ids": [newsletter]}, status=200)
    assert (world.emails(readers), world.emails(others)) == (["in@b.c", "out@b.c"], [])
    refused = world.ask("DELETE", f"/segments/{readers}", status=409)
    assert refused["name"] == "conflict"
    assert world.get(f"/segments/{readers}")["id"] == readers


def test_a_profile_without_an_email_is_no_member_here(world: World) -> None:
    world.workspace.profiles.put(ProfileInput(external_id="7"))
    world.make_contact("a@b.c", user_id="8")
    saved = world.make_segment(reserved("user_id", "is_set"))["id"]
    assert world.workspace.segments.get(saved).member_count == 2
    page = world.get(f"/segments/{saved}/contacts")
    assert [contact["email"] for contact in page["data"]] == ["a@b.c"]
    assert page["meta"]["total"] == 1
    assert world.ask("POST", "/segments/preview", segment(reserved("user_id", "is_set")), status=200)["count"] == 1


# --- change and delete ----------------------------------------------------------------------------


def test_a_partial_change_keeps_what_is_absent(world: World) -> None:
    world.make_contact("a@b.c", first_name="A")
    world.make_contact("b@b.c")
    made = world.make_segment(reserved("email", "starts_with", "a"), reserved("first_name", "is_not_set"))
    path = f"/segments/{made['id']}"
    assert world.emails(made["id"]) == []
    world.clock.advance(60_000)
    renamed = world.ask("PUT", path, {"name": "Renamed"}, status=200)
    assert renamed == made | {"name": "Renamed", "updated_at": "2026-03-03 10:01:00"}
    filters = {"groups": [{"match_type": "any", "conditions": made["filters"]["groups"][0]["conditions"]}]}
    changed = world.ask("PUT", path, {"filters": filters}, status=200)
    assert changed == renamed | {"filters": filters}
    assert world.emails(made["id"]) == ["a@b.c", "b@b.c"]
    assert world.ask("PUT", path, {"match_type": "any"}, status=200) == changed | {"match_type": "any"}
    assert world.ask("PUT", path, {}, status=200)["filters"] == filters
    assert world.get(path)["match_type"] == "any"


def test_a_whole_segment_can_be_sent_back(world: World) -> None:
    made = world.make_segment(reserved("email", "is_set"))
    body = {key: made[key] for key in ("name", "match_type", "filters")}
    assert world.ask("PUT", f"/segments/{made['id']}", body, status=200)["filters"] == made["filters"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"name": ""}, {"name"}), ({"name": None}, {"name"}), ({"name": " "}, {"name"}),
        ({"name": "x" * 256}, {"name"}),
        ({"match_type": "none"}, {"match_type"}), ({"filters": {}}, {"filters.groups"}),
        ({"filters": None}, {"filters"}),
        ({"name": 1, "match_type": 1, "filters": 1, "id": 1}, {"name", "match_type", "filters", "id"}), ("x", {"body"}),
        ({"filters": segment(reserved("email", "is_set", 1))["filters"]}, {"filters.groups.0.conditions.0.value"}),
    ],
)  # fmt: skip
def test_a_wrong_change_is_refused_and_nothing_changes(still: World, body: Json, paths: set[str]) -> None:
    made = still.make_segment(reserved("email", "is_set"))
    refused = still.ask("PUT", f"/segments/{made['id']}", body, status=422)
    assert set(refused["errors"]) == paths
    assert still.get(f"/segments/{made['id']}") == made


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"name", "match_type", "filters"}),
        (None, {"body"}),
        ("x", {"body", "name", "match_type", "filters"}),
        (segment(reserved("email", "is_set"), name=""), {"name"}),
        (segment(reserved("email", "is_set")) | {"description": "x"}, {"description"}),
        (segment(custom("plan", "equals", "x")), {"filters.groups.0.conditions.0.field"}),
        (segment(reserved("list", "equals", NOBODY)), {"filters.groups.0.conditions.0.value"}),
        (segment(reserved("segment", "equals", NOBODY)), {"filters.groups.0.conditions.0.value"}),
    ],
)
def test_a_wrong_segment_is_refused_and_nothing_is_stored(still: World, body: Json, paths: set[str]) -> None:
    before = still.everything()
    if body is None:
        refused = still.ask(
            "POST", "/segments", status=422, content=b"null", headers={"Content-Type": "application/json"}
        )
        assert refused["name"] == "validation_error"
    else:
        assert set(still.ask("POST", "/segments", body, status=422)["errors"]) == paths
    assert still.everything() == before


def test_a_segment_cannot_depend_on_itself(world: World) -> None:
    first = world.make_segment(reserved("email", "is_set"))
    second = world.make_segment(reserved("segment", "equals", first["id"]))
    for saved, target in ((first, first), (first, second)):
        body = {"filters": segment(reserved("segment", "equals", target["id"]))["filters"]}
        refused = world.ask("PUT", f"/segments/{saved['id']}", body, status=422)
        assert set(refused["errors"]) == {"filters"}
        assert world.get(f"/segments/{saved['id']}") == saved


def test_a_deleted_segment_is_gone_and_its_contacts_stay(world: World) -> None:
    world.make_contact("a@b.c")
    made = world.make_segment(reserved("email", "is_set"))["id"]
    world.ask("DELETE", f"/segments/{made}", status=204)
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/contacts")):
        world.ask(method, f"/segments/{made}{path}", {"name": "x"} if method == "PUT" else None, status=404)
    assert world.get("/contacts")["meta"]["total"] == 1


def test_a_rule_is_read_once_and_written_once_in_a_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_readings(monkeypatch)
    made = world.ask("POST", "/segments", DOCUMENTED, status=201)
    assert counts == {"read_rule": 1, "write_rule": 1}
    counts.clear()
    world.ask("PUT", f"/segments/{made['id']}", DOCUMENTED, status=200)
    assert counts == {"read_rule": 1, "write_rule": 1}
