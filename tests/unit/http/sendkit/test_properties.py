"""Properties, call by call: declaring, adopting, retyping, deleting."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.model import ProfileInput, Property
from coterie.rules.values import Kind
from coterie.store.rows import StoredProperty, StoredSegment
from coterie.store.transaction import Transaction
from coterie.workspace.properties import Properties
from tests.unit.http.sendkit.harness import STAMP, Json, World, custom, opened, reserved, segment


def test_a_property_is_made_listed_changed_and_deleted(world: World) -> None:
    made = world.ask("POST", "/properties", {"key": "company", "type": "string", "fallback_value": "N/A"}, status=201)
    assert made == {
        "id": made["id"], "key": "company", "type": "string", "fallback_value": "N/A", "created_at": STAMP,
        "updated_at": STAMP,
    }  # fmt: skip
    assert list(made) == ["id", "key", "type", "fallback_value", "created_at", "updated_at"]
    assert world.get("/properties")["data"] == [made]
    world.clock.advance(60_000)
    changed = world.ask("PUT", f"/properties/{made['id']}", {"fallback_value": None}, status=200)
    assert changed == made | {"fallback_value": None, "updated_at": "2026-03-03 10:01:00"}
    assert world.ask("PUT", f"/properties/{made['id']}", {"key": "COMPANY", "type": "string"}, status=200) == changed
    world.make_contact("a@b.c", properties={"company": "Acme"})
    world.ask("DELETE", f"/properties/{made['id']}", status=204)
    assert world.get("/properties")["data"] == []
    assert world.get("/contacts")["data"][0]["properties"] == []
    world.ask("DELETE", f"/properties/{made['id']}", status=404)
    world.ask("PUT", f"/properties/{made['id']}", {"type": "date"}, status=404)


def test_the_fallback_takes_no_part_in_matching(world: World) -> None:
    world.ask("POST", "/properties", {"key": "plan", "type": "string", "fallback_value": "free"}, status=201)
    world.make_contact("a@b.c")
    free = world.make_segment(custom("plan", "equals", "free"))["id"]
    unknown = world.make_segment(custom("plan", "is_not_set"))["id"]
    assert world.emails(free) == []
    assert world.emails(unknown) == ["a@b.c"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"key", "type"}),
        ({"key": "1st", "type": "string"}, {"key"}),
        ({"key": "_x", "type": "string"}, {"key"}),
        ({"key": "a b", "type": "string"}, {"key"}),
        ({"key": "a.b", "type": "string"}, {"key"}),
        ({"key": "é", "type": "string"}, {"key"}),
        ({"key": "a\n", "type": "string"}, {"key"}),
        ({"key": "", "type": "string"}, {"key"}),
        ({"key": "x" * 256, "type": "string"}, {"key"}),
        ({"key": 7, "type": "string"}, {"key"}),
        ({"key": "TAKEN", "type": "string"}, {"key"}),
        ({"key": "vip", "type": "string"}, {"key"}),
        ({"key": "seen", "type": "string"}, {"key"}),
        ({"key": "ok", "type": "boolean"}, {"type"}),
        ({"key": "ok", "type": "String"}, {"type"}),
        ({"key": "ok", "type": None}, {"type"}),
        ({"key": "ok", "type": "string", "fallback_value": "x" * 1001}, {"fallback_value"}),
        ({"key": "ok", "type": "string", "fallback_value": 7}, {"fallback_value"}),
        ({"key": "ok", "type": "string", "default": 7}, {"default"}),
        ({"key": "2", "type": "x", "fallback_value": [], "y": 1}, {"key", "type", "fallback_value", "y"}),
        *[({"key": key, "type": "string"}, {"key"}) for key in (
            "email", "external_id", "created_at", "updated_at", "first_name", "LAST_NAME", "Unsubscribed", "user_id")],
    ],
)  # fmt: skip
def test_a_wrong_property_is_refused_and_nothing_is_declared(still: World, body: Json, paths: set[str]) -> None:
    if not still.get("/properties")["data"]:
        still.make_property("taken")
        still.workspace.properties.declare("Vip", Kind.BOOLEAN)
        still.workspace.profiles.put(ProfileInput(email="a@b.c", properties={"Seen": "x"}))
    before = still.everything(), still.workspace.properties.list()
    refused = still.ask("POST", "/properties", body, status=422)
    assert refused["name"] == "validation_error"
    assert set(refused["errors"]) == paths
    assert (still.everything(), still.workspace.properties.list()) == before


def test_a_property_that_other_dialects_have_written_is_declared_by_its_exact_name(world: World) -> None:
    for email, value in (("a@b.c", "42"), ("b@b.c", 7), ("c@b.c", "many")):
        world.workspace.profiles.put(ProfileInput(email=email, properties={"seats": value}))
    assert world.get("/properties")["data"] == []
    assert [contact["properties"] for contact in world.get("/contacts")["data"]] == [[], [], []]
    world.make_property("seats", "number")
    assert [contact["properties"] for contact in world.get("/contacts")["data"]] == [
        {"SEATS": "42"},
        {"SEATS": "7"},
        [],
    ]


def test_only_declared_properties_of_the_three_types_are_shown(world: World) -> None:
    world.workspace.properties.declare("vip", Kind.BOOLEAN)
    world.workspace.properties.declare("first_name", Kind.TEXT)
    world.workspace.properties.declare("plan name", Kind.TEXT)
    world.workspace.profiles.put(
        ProfileInput(email="a@b.c", properties={"vip": True, "first_name": "A", "plan name": "x", "seen": 1})
    )
    assert [item["key"] for item in world.get("/properties")["data"]] == ["plan name"]
    contact = world.get("/contacts")["data"][0]
    assert (contact["first_name"], contact["properties"]) == ("A", {"PLAN NAME": "x"})


def test_a_key_is_changed_with_the_values_under_it(world: World) -> None:
    made = world.make_property("company")
    world.make_contact("a@b.c", properties={"company": "Acme"})
    world.make_contact("b@b.c")
    body = {"key": "organization", "fallback_value": "Unknown"}
    renamed = world.ask("PUT", f"/properties/{made['id']}", body, status=200)
    assert renamed == made | body
    assert [contact["properties"] for contact in world.get("/contacts")["data"]] == [{"ORGANIZATION": "Acme"}, []]
    assert set(
        world.ask("POST", "/contacts", {"email": "a@b.c", "properties": {"company": "X"}}, status=422)["errors"]
    ) == {"properties.company"}
    saved = world.make_segment(custom("organization", "equals", "acme"))
    assert world.emails(saved["id"]) == ["a@b.c"]
    assert world.make_property("company")["id"] != made["id"]
    assert world.workspace.check().faults == ()


def test_a_changed_key_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as world:
        made = world.make_property("company")
        world.make_contact("a@b.c", properties={"company": "Acme"})
        world.ask("PUT", f"/properties/{made['id']}", {"key": "organization"}, status=200)
        before = world.everything()
    with opened(tmp_path / "data") as world:
        assert world.everything() == before
        assert world.workspace.check().faults == ()


def test_a_key_is_changed_together_with_the_type(world: World) -> None:
    made = world.make_property("seats")
    world.make_contact("a@b.c", properties={"seats": "042"})
    changed = world.ask("PUT", f"/properties/{made['id']}", {"key": "places", "type": "number"}, status=200)
    assert (changed["id"], changed["key"], changed["type"]) == (made["id"], "places", "number")
    assert world.get("/contacts")["data"][0]["properties"] == {"PLACES": "42"}


def test_a_key_and_a_type_change_together_or_not_at_all(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as world:
        made = world.make_property("seats")
        world.make_contact("a@b.c", properties={"seats": "042"})
        before = world.everything()
        put_property = Transaction.put_property

        def fails_for_numbers(self: Transaction, stored: StoredProperty) -> None:
            if stored.type == "number":
                raise RuntimeError("the plug is pulled")
            put_property(self, stored)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transaction, "put_property", fails_for_numbers)
            world.ask("PUT", f"/properties/{made['id']}", {"key": "places", "type": "number"}, status=500)
        assert world.everything() == before
    with opened(tmp_path / "data") as world:
        assert world.everything() == before


def test_a_key_in_use_or_taken_is_not_changed_and_nothing_is(world: World) -> None:
    made = world.make_property("company")
    world.make_property("plan")
    world.workspace.profiles.put(ProfileInput(email="a@b.c", properties={"company": "Acme", "seen": "x"}))
    for key in ("PLAN", "seen", "email", "1st", ""):
        before = world.everything()
        refused = world.ask("PUT", f"/properties/{made['id']}", {"key": key, "type": "number"}, status=422)
        assert set(refused["errors"]) == {"key"}
        assert world.everything() == before
    world.make_segment(custom("company", "is_set"), name="Known")
    before = world.everything()
    refused = world.ask("PUT", f"/properties/{made['id']}", {"key": "organization", "type": "number"}, status=409)
    assert "Known" in refused["message"]
    assert world.everything() == before


@pytest.mark.parametrize(
    "body", [{"type": "boolean"}, {"type": None}, {"fallback_value": 1}, {"colour": "red"}, 7, {"key": None}]
)
def test_a_wrong_change_is_refused(world: World, body: Json) -> None:
    made = world.make_property("company")
    world.ask("PUT", f"/properties/{made['id']}", body, status=422)
    assert world.get("/properties")["data"] == [made]


# --- types change ---------------------------------------------------------------------------------


def test_changing_a_type_converts_what_converts_and_drops_the_rest(world: World) -> None:
    made = world.make_property("seats")
    for email, value in (("a@b.c", "42"), ("b@b.c", "many"), ("c@b.c", "0.50")):
        world.make_contact(email, properties={"seats": value})
    changed = world.ask("PUT", f"/properties/{made['id']}", {"type": "number"}, status=200)
    assert (changed["id"], changed["type"]) == (made["id"], "number")
    assert [contact["properties"] for contact in world.get("/contacts")["data"]] == [
        {"SEATS": "42"},
        [],
        {"SEATS": "0.5"},
    ]


def test_segments_made_here_follow_the_new_type(world: World) -> None:
    made = world.make_property("seats")
    world.make_contact("a@b.c", properties={"seats": "42"})
    world.make_contact("b@b.c", properties={"seats": "042"})
    saved = world.make_segment(custom("seats", "equals", "42"))
    assert world.emails(saved["id"]) == ["a@b.c"]
    world.ask("PUT", f"/properties/{made['id']}", {"type": "number"}, status=200)
    assert world.get(f"/segments/{saved['id']}") == saved
    assert world.emails(saved["id"]) == ["a@b.c", "b@b.c"]


def test_a_type_and_the_segments_that_follow_it_change_together_or_not_at_all(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as world:
        made = world.make_property("seats")
        world.make_contact("a@b.c", properties={"seats": "042"})
        world.make_segment(custom("seats", "equals", "42"))
        before = world.everything()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transaction, "update_segment", _fails)
            world.ask("PUT", f"/properties/{made['id']}", {"type": "number"}, status=500)
        assert world.everything() == before
    with opened(tmp_path / "data") as world:
        assert world.everything() == before
        world.ask("PUT", f"/properties/{made['id']}", {"type": "number"}, status=200)
        assert world.everything() != before
        assert world.workspace.check().faults == ()


def _fails(self: Transaction, segment: StoredSegment) -> None:
    raise RuntimeError("the plug is pulled")


def test_a_type_that_a_segment_cannot_follow_is_a_conflict_and_nothing_changes(world: World) -> None:
    made = world.make_property("plan")
    world.make_contact("a@b.c", properties={"plan": "pro"})
    saved = world.make_segment(custom("plan", "contains", "p"), name="Pros")
    before = world.everything()
    refused = world.ask("PUT", f"/properties/{made['id']}", {"type": "number"}, status=409)
    assert refused["name"] == "conflict"
    assert "Pros" in refused["message"]
    assert world.everything() == before
    assert world.emails(saved["id"]) == ["a@b.c"]


def test_a_property_in_use_is_not_deleted(world: World) -> None:
    made = world.make_property("plan")
    world.make_contact("a@b.c", properties={"plan": "pro"})
    saved = world.make_segment(custom("plan", "equals", "pro"), name="Pros")
    before = world.everything()
    refused = world.ask("DELETE", f"/properties/{made['id']}", status=409)
    assert (refused["name"], refused["statusCode"]) == ("conflict", 409)
    assert "Pros" in refused["message"]
    assert world.everything() == before
    world.ask("PUT", f"/segments/{saved['id']}", segment(reserved("email", "is_set")), status=200)
    world.ask("DELETE", f"/properties/{made['id']}", status=204)


def test_a_date_reads_back_as_it_was_written(world: World) -> None:
    world.make_property("renews_on", "date")
    for sent, answer in (
        ("2026-03-01", "2026-03-01"), ("2026-03-01 23:30:00", "2026-03-01"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02"),
        ("1969-12-31", "1969-12-31"), ("0001-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31"),
    ):  # fmt: skip
        body = {"email": "a@b.c", "properties": {"renews_on": sent}}
        answered = world.ask("POST", "/contacts", body, status=200 if world.get("/contacts")["data"] else 201)
        assert answered["properties"] == {"RENEWS_ON": answer}


def test_a_request_lists_the_properties_at_most_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [world.make_property(f"key{number}") for number in range(3)]
    calls: list[int] = []
    every_property = Properties.list

    def counted(self: Properties) -> list[Property]:
        calls.append(1)
        return every_property(self)

    monkeypatch.setattr(Properties, "list", counted)
    conditions = [custom(item["key"], "is_set") for item in made * 5]
    for method, path, body, status, times in (
        ("POST", "/segments", segment(*conditions), 201, 1),
        ("POST", "/segments/preview", segment(reserved("email", "is_set")), 200, 0),
        ("POST", "/contacts", {"email": "a@b.c", "properties": {"key0": "x", "key1": "y"}}, 201, 1),
        ("PUT", f"/properties/{made[0]['id']}", {"fallback_value": "x"}, 200, 0),
        ("DELETE", f"/properties/{made[0]['id']}", None, 409, 0),
    ):  # fmt: skip
        calls.clear()
        world.ask(method, path, body, status=status)
        assert len(calls) == times, path
