"""Contacts and their lists, call by call; and what must not happen."""

from __future__ import annotations

import pytest

from coterie.model import ProfileInput
from tests.unit.http.sendkit.harness import STAMP, Json, World, reserved

NOBODY = "0198a000-0000-7000-8000-0000000000ff"


def test_a_contact_is_made_with_everything_it_can_have(world: World) -> None:
    world.make_property("company")
    world.make_property("seats", "number")
    world.make_property("renews_on", "date")
    newsletter = world.make_list()
    made = world.make_contact(
        "John@Example.com",
        first_name="John",
        last_name="Doe",
        user_id="ext_123",
        unsubscribed=False,
        list_ids=[newsletter],
        properties={"Company": "Acme", "SEATS": 42, "renews_on": "2026-03-01"},
    )
    assert made == {
        "id": made["id"],
        "email": "john@example.com",
        "first_name": "John",
        "last_name": "Doe",
        "user_id": "ext_123",
        "unsubscribed": False,
        "properties": {"COMPANY": "Acme", "SEATS": "42", "RENEWS_ON": "2026-03-01"},
        "lists": [{"id": newsletter, "name": "Newsletter", "created_at": STAMP, "updated_at": STAMP}],
        "created_at": STAMP,
        "updated_at": STAMP,
    }
    assert list(made) == [
        "id", "email", "first_name", "last_name", "user_id", "unsubscribed", "properties", "lists", "created_at",
        "updated_at",
    ]  # fmt: skip
    assert world.get(f"/contacts/{made['id']}") == made
    assert world.get("/contacts")["data"] == [made]


def test_a_contact_of_which_little_is_known_has_nulls_and_empty_arrays(world: World) -> None:
    made = world.make_contact("a@b.c")
    assert (made["first_name"], made["last_name"], made["user_id"]) == (None, None, None)
    assert made["unsubscribed"] is False
    assert made["properties"] == []
    assert made["lists"] == []


def test_upsert_finds_by_email_whatever_its_case_and_leaves_what_is_absent(world: World) -> None:
    world.make_property("company")
    made = world.make_contact(
        "john@example.com", first_name="John", user_id="1", properties={"company": "Acme"}, unsubscribed=True
    )
    world.clock.advance(60_000)
    again = world.ask("POST", "/contacts", {"email": "JOHN@example.COM", "last_name": "Doe"}, status=200)
    assert again == made | {"last_name": "Doe", "updated_at": "2026-03-03 10:01:00"}
    assert world.get("/contacts")["meta"]["total"] == 1


def test_a_write_that_changes_nothing_changes_nothing(world: World) -> None:
    made = world.make_contact("john@example.com", first_name="John")
    world.clock.advance(60_000)
    assert world.ask("POST", "/contacts", {"email": "john@example.com", "first_name": "John"}, status=200) == made
    assert world.ask("PUT", f"/contacts/{made['id']}", {}, status=200) == made
    assert world.ask("PUT", f"/contacts/{made['id']}", [], status=200) == made  # PHP's empty object


def test_null_removes_and_properties_go_one_by_one(world: World) -> None:
    world.make_property("company")
    world.make_property("plan")
    made = world.make_contact("a@b.c", first_name="A", user_id="7", properties={"company": "Acme", "plan": "pro"})
    body = {"first_name": None, "user_id": None, "properties": {"COMPANY": None}}
    changed = world.ask("PUT", f"/contacts/{made['id']}", body, status=200)
    assert changed == made | {"first_name": None, "user_id": None, "properties": {"PLAN": "pro"}}
    assert "company" not in world.workspace.profiles.get(made["id"]).properties


def test_put_changes_the_email_and_everything_else(world: World) -> None:
    made = world.make_contact("a@b.c")
    body = {"email": "New@b.c", "first_name": "N", "last_name": "M", "user_id": "9", "unsubscribed": True}
    assert world.ask("PUT", f"/contacts/{made['id']}", body, status=200) == made | body | {"email": "new@b.c"}
    assert world.ask("POST", "/contacts", {"email": "a@b.c"}, status=201)["id"] != made["id"]


def test_list_ids_replace(world: World) -> None:
    first, second, third = (world.make_list(name) for name in ("One", "Two", "Three"))
    made = world.make_contact("a@b.c", list_ids=[first, second, first])
    assert [item["id"] for item in made["lists"]] == [first, second]
    changed = world.ask("PUT", f"/contacts/{made['id']}", {"list_ids": [third.upper()]}, status=200)
    assert [item["id"] for item in changed["lists"]] == [third]
    assert world.ask("POST", "/contacts", {"email": "a@b.c", "list_ids": []}, status=200)["lists"] == []


def test_lists_are_added_and_removed_one_by_one(world: World) -> None:
    first, second = world.make_list("One"), world.make_list("Two")
    contact = world.make_contact("a@b.c", list_ids=[first])["id"]
    added = world.ask("POST", f"/contacts/{contact}/lists", {"list_ids": [second, first]}, status=200)
    assert [item["name"] for item in added["lists"]] == ["One", "Two"]
    assert world.get(f"/contacts/{contact}/lists")["data"] == added["lists"]
    world.ask("DELETE", f"/contacts/{contact}/lists/{first}", status=204)
    world.ask("DELETE", f"/contacts/{contact}/lists/{first}", status=204)
    page = world.get(f"/contacts/{contact}/lists")
    assert [item["name"] for item in page["data"]] == ["Two"]
    assert page["meta"]["total"] == 1


def test_a_deleted_contact_is_gone_and_out_of_every_segment(world: World) -> None:
    everyone = world.make_segment(reserved("email", "is_set"))["id"]
    newsletter = world.make_list()
    contact = world.make_contact("a@b.c", list_ids=[newsletter])["id"]
    assert world.emails(everyone) == ["a@b.c"]
    world.ask("DELETE", f"/contacts/{contact}", status=204)
    assert world.emails(everyone) == []
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/lists"), ("POST", "/lists")):
        body = {"list_ids": [newsletter]} if method in ("PUT", "POST") else None
        assert world.ask(method, f"/contacts/{contact}{path}", body, status=404)["name"] == "not_found"
    assert world.make_contact("a@b.c")["id"] != contact


def test_unsubscribed_false_is_said_and_kept(world: World) -> None:
    made = world.make_contact("a@b.c", unsubscribed=True)
    assert made["unsubscribed"] is True
    assert world.ask("PUT", f"/contacts/{made['id']}", {"unsubscribed": False}, status=200)["unsubscribed"] is False


# --- identity -------------------------------------------------------------------------------------


def test_a_user_id_that_belongs_to_another_contact_is_a_conflict_and_nothing_is_stored(world: World) -> None:
    world.make_contact("a@b.c", user_id="7")
    other = world.make_contact("other@b.c")
    before = world.everything()
    for method, path, body in (
        ("POST", "/contacts", {"email": "new@b.c", "user_id": "7", "first_name": "X"}),
        ("POST", "/contacts", {"email": "other@b.c", "user_id": "7", "first_name": "X"}),
        ("PUT", f"/contacts/{other['id']}", {"user_id": "7", "first_name": "X"}),
        ("PUT", f"/contacts/{other['id']}", {"email": "A@b.c", "first_name": "X"}),
    ):
        refused = world.ask(method, path, body, status=409)
        assert (refused["name"], refused["statusCode"]) == ("conflict", 409)
        assert "belongs to another" in refused["message"]
        assert "errors" not in refused
    assert world.everything() == before


def test_a_profile_known_by_its_user_id_alone_becomes_a_contact_when_its_email_arrives(world: World) -> None:
    profile_id = world.workspace.profiles.put(ProfileInput(external_id="7", properties={"first_name": "Ann"})).id
    assert world.get("/contacts")["data"] == []
    assert world.get(f"/contacts/{profile_id}", status=404)["name"] == "not_found"
    made = world.ask("POST", "/contacts", {"email": "ann@b.c", "user_id": "7"}, status=201)
    assert (made["id"], made["first_name"], made["email"]) == (profile_id, "Ann", "ann@b.c")


def test_profiles_without_an_email_are_not_here_whatever_is_asked(world: World) -> None:
    hidden = world.workspace.profiles.put(ProfileInput(external_id="7")).id
    newsletter = world.make_list()
    world.workspace.segments.add_members(newsletter, [hidden])
    for method, path, body in (
        ("GET", "", None), ("PUT", "", {"first_name": "X"}), ("DELETE", "", None), ("GET", "/lists", None),
        ("POST", "/lists", {"list_ids": [newsletter]}), ("DELETE", f"/lists/{newsletter}", None),
    ):  # fmt: skip
        world.ask(method, f"/contacts/{hidden}{path}", body, status=404)
    assert world.get("/contacts")["meta"]["total"] == 0
    assert world.workspace.profiles.get(hidden).lists == (newsletter,)
    assert "first_name" not in world.workspace.profiles.get(hidden).properties


# --- refused bodies -------------------------------------------------------------------------------

REFUSED: list[tuple[Json, set[str]]] = [
    ({}, {"email"}),
    ([], {"email"}),
    (7, {"body", "email"}),
    ({"email": None}, {"email"}),
    ({"email": ""}, {"email"}),
    ({"email": 7}, {"email"}),
    ({"email": "nobody"}, {"email"}),
    ({"email": "a b@c.d"}, {"email"}),
    ({"email": "a@b@c"}, {"email"}),
    ({"email": "x" * 250 + "@b.cde"}, {"email"}),
    ({"email": "a@b.c", "first_name": 7, "last_name": "x" * 256, "user_id": True},
     {"first_name", "last_name", "user_id"}),
    ({"email": "a@b.c", "user_id": ""}, {"user_id"}),
    ({"email": "a@b.c", "user_id": "x" * 256}, {"user_id"}),
    ({"email": "a@b.c", "first_name": "a\u0000b"}, {"first_name"}),
    ({"email": "a@b.c", "unsubscribed": None}, {"unsubscribed"}),
    ({"email": "a@b.c", "unsubscribed": 1}, {"unsubscribed"}),
    ({"email": "a@b.c", "unsubscribed": "false"}, {"unsubscribed"}),
    ({"email": "a@b.c", "list_ids": None}, {"list_ids"}),
    ({"email": "a@b.c", "list_ids": {}}, {"list_ids"}),
    ({"email": "a@b.c", "list_ids": [NOBODY, "news", 7]}, {"list_ids.0", "list_ids.1", "list_ids.2"}),
    ({"email": "a@b.c", "properties": None}, {"properties"}),
    ({"email": "a@b.c", "properties": ["x"]}, {"properties"}),
    ({"email": "a@b.c", "properties": {"shoe": 1, "company": {"a": 1}, "seats": "many", "renews_on": 7}},
     {"properties.shoe", "properties.company", "properties.seats", "properties.renews_on"}),
    ({"email": "a@b.c", "properties": {"company": ["a"], "seats": True, "renews_on": "2026-02-30"}},
     {"properties.company", "properties.seats", "properties.renews_on"}),
    ({"email": "a@b.c", "properties": {"company": "a", "COMPANY": "b"}}, {"properties.COMPANY"}),
    ({"email": "a@b.c", "properties": {"seats": ""}}, {"properties.seats"}),
    ({"email": "a@b.c", "properties": {"first_name": "x"}}, {"properties.first_name"}),
    ({"email": "a@b.c", "properties": {"seen": "x"}}, {"properties.seen"}),
    ({"email": "a@b.c", "id": NOBODY, "tags": []}, {"id", "tags"}),
    ({"email": "nobody", "unsubscribed": "no", "list_ids": [NOBODY], "properties": {"shoe": 1}, "x": 1},
     {"email", "unsubscribed", "list_ids.0", "properties.shoe", "x"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def declared(still: World) -> World:
    for key, kind in (("company", "string"), ("seats", "number"), ("renews_on", "date")):
        still.make_property(key, kind)
    still.workspace.profiles.put(ProfileInput(external_id="hidden", properties={"seen": "x"}))
    return still


@pytest.mark.parametrize(("body", "paths"), REFUSED)
def test_a_wrong_contact_is_refused_with_every_path_and_nothing_is_stored(
    declared: World, body: Json, paths: set[str]
) -> None:
    before = declared.everything()
    refused = declared.ask("POST", "/contacts", body, status=422)
    assert set(refused) == {"name", "message", "statusCode", "errors"}
    assert (refused["name"], refused["statusCode"]) == ("validation_error", 422)
    assert set(refused["errors"]) == paths
    assert all(isinstance(item, str) and item for messages in refused["errors"].values() for item in messages)
    assert declared.everything() == before


@pytest.mark.parametrize(("body", "paths"), [row for row in REFUSED if row[0] not in ({}, [])])
def test_a_wrong_change_is_refused_and_nothing_is_changed(declared: World, body: Json, paths: set[str]) -> None:
    contact = declared.ask(
        "POST", "/contacts", {"email": "still@b.c"}, status=200 if declared.get("/contacts")["data"] else 201
    )
    refused = declared.ask("PUT", f"/contacts/{contact['id']}", body, status=422)
    assert set(refused["errors"]) == paths - ({"email"} if body == 7 else set())
    assert declared.get(f"/contacts/{contact['id']}") == contact


@pytest.mark.parametrize(
    "body", [{}, {"list_ids": []}, {"list_ids": None}, {"list_ids": [NOBODY]}, {"list_ids": ["x"], "y": 1}, []]
)
def test_nothing_is_added_when_one_list_is_wrong(world: World, body: Json) -> None:
    newsletter = world.make_list()
    contact = world.make_contact("a@b.c")
    if isinstance(body, dict) and body.get("list_ids"):
        body = body | {"list_ids": [newsletter, *body["list_ids"]]}
    assert world.ask("POST", f"/contacts/{contact['id']}/lists", body, status=422)["name"] == "validation_error"
    assert world.get(f"/contacts/{contact['id']}") == contact
