"""`/users` and `/organizations`."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.model import ProfileInput
from tests.unit.http.greenflash.context import OTHER, prop
from tests.unit.http.greenflash.harness import STAMP, World

Json = Any


def test_a_user_is_created_and_updated(world: World) -> None:
    answer = world.ask("POST", "/users", {"externalUserId": "user-1", "name": "Ada", "email": "Ada@Example.com"})
    assert answer["success"] is True
    made = answer["participant"]
    assert made == {
        "id": made["id"], "externalId": "user-1", "organizationId": None, "externalOrganizationId": None,
        "anonymized": False,
        "properties": {}, "name": "Ada", "email": "ada@example.com", "phone": None, "createdAt": STAMP,
        "updatedAt": STAMP,
    }  # fmt: skip
    again = world.make_user("user-1", phone="+49", properties={"plan": "pro", "app": {"version": "1"}})
    assert (again["id"], again["name"], again["phone"]) == (made["id"], "Ada", "+49")
    assert again["properties"] == {"plan": "pro", "app": {"version": "1"}}
    put = world.ask("PUT", "/users/user-1", {"name": None, "properties": {"plan": None, "app": {"build": 2}}})
    assert (put["participant"]["name"], put["participant"]["properties"]) == (None, {"app": {"build": 2}})
    assert world.get("/users") == [put["participant"]]


def test_properties_may_be_named_like_fields_of_a_user(world: World) -> None:
    sent = {"email": "work", "created_at": "2020", "name": "x", "id": 7, "external_id": "e"}
    made = world.make_user("user-1", name="Ada", email="ada@example.com", properties=sent)
    assert made["properties"] == sent
    assert (made["name"], made["email"]) == ("Ada", "ada@example.com")
    by_property = world.make_segment(prop("email", "eq", "work"))["id"]
    assert world.members(by_property) == ["user-1"]


def test_a_dotted_key_finds_a_literal_key_and_a_path(world: World) -> None:
    world.make_user("literal", properties={"app.version": "1"})
    world.make_user("path", properties={"app": {"version": "1"}})
    world.make_user("both", properties={"app.version": "1", "app": {"version": "2"}})
    world.make_user("neither", properties={"app": "1"})
    assert world.members(world.make_segment(prop("app.version", "eq", "1"))["id"]) == ["literal", "path", "both"]


def test_external_ids_may_hold_anything(world: World) -> None:
    for external_id in ("auth0|123", "org/team/7", "a b", "ü", "x/segments"):
        world.make_user(external_id)
        world.ask("PUT", f"/users/{external_id.replace('/', '%2F')}", {"name": "A"})
        assert world.get(f"/users/{external_id.replace('/', '%2F')}/segments") == []
    assert len(world.get("/users")) == 5


def test_anonymized_users_have_no_personal_fields(world: World) -> None:
    world.make_user("user-1", name="Ada", email="ada@example.com", phone="1", properties={"plan": "pro"})
    hidden = world.make_user("user-1", anonymized=True, name="Ada")
    assert (hidden["anonymized"], hidden["name"], hidden["email"], hidden["phone"]) == (True, None, None, None)
    assert hidden["properties"] == {"plan": "pro"}
    later = world.make_user("user-1", name="Ada", email="ada@example.com")
    assert (later["anonymized"], later["name"], later["email"]) == (True, None, None)
    shown = world.make_user("user-1", anonymized=False, name="Ada")
    assert (shown["anonymized"], shown["name"]) == (False, "Ada")
    new = world.make_user("user-2", anonymized=True, name="Ben", email="ben@example.com")
    assert (new["name"], new["email"]) == (None, None)


def test_the_segments_of_a_user_by_either_id(world: World) -> None:
    segment = world.make_segment(prop("plan", "eq", "pro"), name="Pro")
    made = world.make_user("user-1", properties={"plan": "pro"})
    expected = [{"id": segment["id"], "name": "Pro", "type": "custom", "presetId": None}]
    assert world.get("/users/user-1/segments") == expected
    assert world.get(f"/users/{made['id']}/segments") == expected
    world.fault("GET", "/users/nobody/segments", status=404)
    world.fault("GET", f"/users/{OTHER}/segments", status=404)
    world.fault("GET", f"/users/{made['id']}/segments", status=404, key="other")


def test_users_are_profiles_that_have_an_external_id(world: World) -> None:
    world.workspace.profiles.put(ProfileInput(email="lead@example.com"))
    world.make_user("user-1")
    assert [user["externalId"] for user in world.get("/users")] == ["user-1"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "externalUserId"),
        ({"externalUserId": ""}, "externalUserId"),
        ({"externalUserId": 7}, "externalUserId"),
        ({"externalUserId": "x" * 256}, "externalUserId"),
        ({"externalUserId": "a\n"}, "externalUserId"),
        ({"externalUserId": "u", "email": "nonsense"}, "email"),
        ({"externalUserId": "u", "name": 7}, "name"),
        ({"externalUserId": "u", "name": "a\0"}, "name"),
        ({"externalUserId": "u", "anonymized": "yes"}, "anonymized"),
        ({"externalUserId": "u", "plan": "pro"}, "plan"),
        ({"externalUserId": "u", "properties": []}, "properties"),
        ({"externalUserId": "u", "properties": {"a": {"b": [1]}}}, "properties.a.b.0"),
        ({"externalUserId": "u", "properties": {"n": 2**53 + 1}}, "properties.n"),
        ({"externalUserId": "u", "properties": {"n": "a\0"}}, "properties.n"),
        ({"externalUserId": "u", "properties": {"": 1}}, 'properties.""'),
        ({"externalUserId": "u", "organizationId": OTHER}, "organizationId"),
        ({"externalUserId": "u", "externalOrganizationId": "acme", "email": "nonsense"}, "email"),
        ({"externalUserId": "u", "externalOrganizationId": "acme", "properties": {"n": "a\0"}}, "properties.n"),
    ],
)
def test_a_wrong_user_is_400_and_stores_nothing(still: World, body: Json, path: str) -> None:
    before = still.everything()
    assert still.fault("POST", "/users", body)["path"] == path
    assert still.everything() == before


def test_updating_an_unknown_user_is_404(still: World) -> None:
    assert "nobody" in still.fault("PUT", "/users/nobody", {"name": "A"}, status=404)["message"]


# --- organizations ------------------------------------------------------------------------------


def test_an_organization_is_created_and_updated(world: World) -> None:
    answer = world.ask(
        "POST",
        "/organizations",
        {"externalOrganizationId": "acme", "name": "Acme", "properties": {"a": [1, {"b": None}]}},
    )
    made = answer["organization"]
    assert answer["success"] is True
    assert made == {
        "id": made["id"], "externalId": "acme", "name": "Acme", "properties": {"a": [1, {"b": None}]},
        "createdAt": STAMP, "updatedAt": STAMP,
    }  # fmt: skip
    world.clock.advance(1_000)
    put = world.ask("PUT", "/organizations/acme", {"properties": {"a": None, "tier": "gold"}})["organization"]
    assert (put["id"], put["name"], put["properties"]) == (made["id"], "Acme", {"tier": "gold"})
    assert put["updatedAt"] > put["createdAt"]
    assert world.ask("PUT", f"/organizations/{made['id']}", {"name": None})["organization"]["name"] is None
    assert [organization["externalId"] for organization in world.get("/organizations")] == ["acme"]
    assert world.get("/organizations", key="other") == []
    world.fault("PUT", "/organizations/nobody", {"name": "x"}, status=404)
    world.fault("PUT", f"/organizations/{OTHER}", {"name": "x"}, status=404)


def test_users_belong_to_organizations(world: World) -> None:
    made = world.make_user("ada", externalOrganizationId="acme")
    (organization,) = world.get("/organizations")
    assert (made["organizationId"], made["externalOrganizationId"]) == (organization["id"], "acme")
    assert made["properties"] == {}
    other = world.make_user("ben", organizationId=organization["id"])
    assert other["externalOrganizationId"] == "acme"
    world.make_user("cy")
    assert [user["externalId"] for user in world.get(f"/users?organizationId={organization['id']}")] == ["ada", "ben"]
    assert world.get(f"/users?organizationId={OTHER}") == []
    assert world.members(world.make_segment(prop("external_organization_id", "eq", "acme"))["id"]) == ["ada", "ben"]
    assert world.make_user("ada", externalOrganizationId=None)["organizationId"] is None
    body = {"externalUserId": "ada", "organizationId": organization["id"], "externalOrganizationId": "other"}
    assert world.fault("POST", "/users", body)["path"] == "externalOrganizationId"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "externalOrganizationId"),
        ({"externalOrganizationId": "a\0"}, "externalOrganizationId"),
        ({"externalOrganizationId": "x", "name": 3}, "name"),
        ({"externalOrganizationId": "x", "name": "a\0"}, "name"),
        ({"externalOrganizationId": "x", "properties": {"n": 2**70}}, "properties"),
        ({"externalOrganizationId": "x", "properties": {"n": "x" * 70_000}}, "properties"),
        ({"externalOrganizationId": "x", "size": 3}, "size"),
    ],
)
def test_a_wrong_organization_is_400(still: World, body: Json, path: str) -> None:
    assert still.fault("POST", "/organizations", body)["path"] == path
    assert still.get("/organizations") == []
