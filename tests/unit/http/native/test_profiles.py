"""Profiles, one at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.http.native.api import ABSENT, DAY, Api

ADA = {"external_id": "ada", "email": "Ada@Example.com", "properties": {"plan": "pro", "mrr": 120, "ratio": 0.5}}


def test_a_profile_is_created_found_changed_and_deleted(api: Api) -> None:
    made = api.call("POST", "/profiles", ADA)
    assert (made.status_code, made.json()["outcome"]) == (201, "created")
    profile_id = made.json()["id"]
    assert made.headers["Location"] == f"/v1/profiles/{profile_id}"

    profile = api.ok("GET", f"/profiles/{profile_id}")
    assert profile == {
        "id": profile_id,
        "external_id": "ada",
        "email": "ada@example.com",
        "properties": {"plan": "pro", "mrr": 120, "ratio": 0.5},
        "lists": [],
        "created_at": "2026-03-25T14:30:00.000Z",
        "updated_at": "2026-03-25T14:30:00.000Z",
    }

    api.clock.advance(DAY)
    changed = api.call("POST", "/profiles", {"external_id": "ada", "properties": {"plan": None, "mrr": 121}})
    assert (changed.status_code, changed.json()) == (200, {"id": profile_id, "outcome": "updated"})
    assert "Location" not in changed.headers
    profile = api.ok("GET", f"/profiles/{profile_id}")
    assert profile["properties"] == {"mrr": 121, "ratio": 0.5}
    assert profile["email"] == "ada@example.com", "what was not named stays"
    assert profile["updated_at"] == "2026-03-26T14:30:00.000Z"

    assert api.ok("POST", "/profiles", {"external_id": "ada", "properties": {"mrr": 121}})["outcome"] == "unchanged"

    deleted = api.call("DELETE", f"/profiles/{profile_id}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert api.refused("GET", f"/profiles/{profile_id}") == (404, "not_found", None)
    assert api.refused("DELETE", f"/profiles/{profile_id}") == (404, "not_found", None)


@pytest.mark.parametrize(
    ("sent", "answered_value"),
    [
        ("", ""),
        ("é\u0301 😀", "é\u0301 😀"),
        (0, 0),
        (-0.0, 0),
        (1e300, 1e300),
        (2**53 - 1, 2**53 - 1),
        (1.5, 1.5),
        (True, True),
        (False, False),
        ([], []),
        (["b", "a", "b"], ["b", "a", "b"]),
        ({"time": "2026-03-01T10:30:00+01:00"}, {"time": "2026-03-01T09:30:00.000Z"}),
        ({"time": 1_772_357_400_000}, {"time": "2026-03-01T09:30:00.000Z"}),
    ],
)
def test_a_value_comes_back_as_it_was_sent_and_can_be_sent_again(api: Api, sent: Any, answered_value: Any) -> None:
    profile_id = api.put(external_id="x", properties={"p": sent})
    answered = api.ok("GET", f"/profiles/{profile_id}")["properties"]["p"]
    assert (answered, type(answered)) == (answered_value, type(answered_value))
    assert api.ok("POST", "/profiles", {"external_id": "x", "properties": {"p": answered}})["outcome"] == "unchanged"


def test_whole_numbers_are_written_without_a_point(api: Api) -> None:
    profile_id = api.put(external_id="x", properties={"p": 42.0})
    assert '"p":42}' in api.call("GET", f"/profiles/{profile_id}").text


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({}, 422, None),
        ({"external_id": None}, 422, None),
        ({"external_id": 7}, 422, "external_id"),
        ({"external_id": ""}, 422, "external_id"),
        ({"external_id": "x" * 256}, 422, "external_id"),
        ({"email": "no address"}, 422, "email"),
        ({"external_id": "x", "colour": "red"}, 422, "colour"),
        ({"external_id": "x", "created_at": "2026-03-25T14:30:00Z"}, 422, "created_at"),
        ({"external_id": "x", "properties": []}, 422, "properties"),
        ({"external_id": "x", "properties": {"n": 2**53 + 1}}, 422, "properties.n"),
        ({"external_id": "x", "properties": {"n": 18446744073709551617}}, 422, "properties.n"),
        ({"external_id": "x", "properties": {"a.b": {"c": 1}}}, 422, 'properties."a.b"'),
        ({"external_id": "x", "properties": {"l": ["a", 1]}}, 422, "properties.l.1"),
        ({"external_id": "x", "properties": {"t": "\0"}}, 422, "properties.t"),
        ({"external_id": "x", "properties": {"t": {"time": "yesterday"}}}, 422, "properties.t.time"),
        ({"external_id": "x", "properties": {"email": "y@example.com"}}, 422, "properties.email"),
        ({"external_id": "x", "properties": {"": 1}}, 422, 'properties.""'),
        ({"external_id": "x", "lists": ["not-an-id"]}, 422, "lists.0"),
        ({"id": "nonsense", "external_id": "x"}, 422, "id"),
        ({"id": ABSENT}, 404, "id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_profile_is_refused_with_its_place_and_nothing_is_stored(
    api: Api, body: Any, status: int, path: str | None
) -> None:
    answered = api.call("POST", "/profiles", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (answered.status_code, answered.json()["path"]) == (status, path)
    assert api.ok("GET", "/profiles")["total"] == 0
    assert api.ok("GET", "/properties")["items"] == []


def test_identifiers_of_two_people_in_one_profile_are_a_conflict(api: Api) -> None:
    ada = api.put(external_id="a", email="a@example.com")
    api.put(external_id="b", email="b@example.com")
    assert api.refused("POST", "/profiles", {"id": ada, "external_id": "b"})[:2] == (409, "identity_conflict")
    assert api.ok("GET", f"/profiles/{ada}")["external_id"] == "a"


def test_a_profile_known_by_email_is_claimed_by_the_first_external_id(api: Api) -> None:
    first = api.put(email="ada@example.com")
    assert api.ok("POST", "/profiles", {"external_id": "ada", "email": "ADA@example.com"}) == {
        "id": first,
        "outcome": "claimed",
    }
    assert api.ok("GET", "/profiles")["total"] == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("external_id=ada", ["ada"]),
        ("external_id=ADA", []),
        ("email=ada@example.com", ["ada"]),
        ("email=ADA%40EXAMPLE.COM", ["ada"]),
        ("email=", []),
        ("external_id=", []),
        ("email=%00", []),
        ("email=nobody@example.com", []),
    ],
)
def test_a_profile_is_found_by_its_identifiers(api: Api, query: str, names: list[str]) -> None:
    api.put(external_id="ada", email="ada@example.com")
    page = api.ok("GET", f"/profiles?{query}")
    assert [profile["external_id"] for profile in page["items"]] == names
    assert (page["next"], page["total"]) == (None, len(names))


@pytest.mark.parametrize(
    ("query", "status", "code", "path"),
    [
        ("external_id=a&email=b", 422, "invalid_input", "email"),
        ("externalid=ada", 422, "invalid_input", "externalid"),
        ("external_id=a&external_id=b", 422, "invalid_input", "external_id"),
        ("limit=0", 422, "invalid_input", "limit"),
        ("limit=-1", 422, "invalid_input", "limit"),
        ("limit=ten", 422, "invalid_input", "limit"),
        ("limit=1001", 422, "limit_exceeded", "limit"),
        ("limit=99999999999999999999", 422, "invalid_input", "limit"),
        ("cursor=rubbish", 400, "invalid_cursor", "cursor"),
        ("cursor=", 400, "invalid_cursor", "cursor"),
    ],
)
def test_a_question_that_is_not_understood_is_not_answered_with_everybody(
    api: Api, query: str, status: int, code: str, path: str
) -> None:
    assert api.refused("GET", f"/profiles?{query}") == (status, code, path)


def test_pages_are_oldest_first_and_complete(api: Api) -> None:
    for number in range(7):
        api.put(external_id=f"p{number}")
    seen: list[str] = []
    address = "/profiles?limit=3"
    sizes = []
    while True:
        page = api.ok("GET", address)
        assert page["total"] == 7
        sizes.append(len(page["items"]))
        seen += [profile["external_id"] for profile in page["items"]]
        if page["next"] is None:
            break
        address = f"/profiles?limit=3&cursor={page['next']}"
    assert seen == [f"p{number}" for number in range(7)]
    assert sizes == [3, 3, 1]


def test_deletions_while_paging_pass_over_nobody(api: Api) -> None:
    ids = [api.put(external_id=f"p{number}") for number in range(9)]
    page = api.ok("GET", "/profiles?limit=3")
    seen = [profile["external_id"] for profile in page["items"]]
    for gone in (0, 1, 2, 4):  # all that were listed, that of the cursor included, and one to come
        api.ok("DELETE", f"/profiles/{ids[gone]}")
    api.put(external_id="new")
    while page["next"]:
        page = api.ok("GET", f"/profiles?limit=3&cursor={page['next']}")
        assert page["total"] == 6
        seen += [profile["external_id"] for profile in page["items"]]
    assert seen == ["p0", "p1", "p2", "p3", "p5", "p6", "p7", "p8", "new"]


def test_a_cursor_is_of_one_list(api: Api) -> None:
    chosen = api.segment()
    api.segment(name="Another")
    people = [api.put(external_id=name) for name in "ab"]
    api.ok("POST", f"/segments/{chosen}/members/add", {"profile_ids": people})
    lists = ("/profiles", "/segments", f"/segments/{chosen}/members")
    cursors = {path: api.ok("GET", f"{path}?limit=1")["next"] for path in lists}
    for path in lists:
        for made_by, cursor in cursors.items():
            address = f"{path}?limit=1&cursor={cursor}"
            if made_by == path:
                assert len(api.ok("GET", address)["items"]) == 1
            else:
                assert api.refused("GET", address) == (400, "invalid_cursor", "cursor"), address


@pytest.mark.parametrize("not_an_id", ["abc", "0", "..%2F", "%00", "0198c0de-0000-7000-8000-00000000fff"])
@pytest.mark.parametrize(
    "path",
    ["/profiles/{}", "/profiles/{}/segments", "/segments/{}", "/segments/{}/members", "/segments/{}/members/export"],
)
def test_what_is_no_id_is_not_found(api: Api, path: str, not_an_id: str) -> None:
    assert api.refused("GET", path.format(not_an_id))[:2] == (404, "not_found")


def test_the_segments_of_a_profile(api: Api) -> None:
    profile_id = api.put(external_id="ada", properties={"plan": "pro"})
    pro = api.segment({"property": "plan", "operator": "equals", "value": "pro"}, "Pro")
    api.segment({"property": "plan", "operator": "equals", "value": "free"}, "Free")
    chosen = api.segment(name="Chosen")
    api.put(external_id="ada", lists=[chosen])
    assert api.ok("GET", f"/profiles/{profile_id}")["lists"] == [chosen]
    assert {segment["id"] for segment in api.ok("GET", f"/profiles/{profile_id}/segments")["items"]} == {pro, chosen}
    assert json.dumps(api.ok("GET", f"/profiles/{profile_id}/segments")).count("Free") == 0
