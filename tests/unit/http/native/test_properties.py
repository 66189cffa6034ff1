"""The catalogue of properties."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.unit.http.native.api import Api


def test_what_is_known_of_a_property(api: Api) -> None:
    for number, plan in enumerate(["free", "free", "pro", None]):
        api.put(
            external_id=str(number),
            properties={"plan": plan, "n": number, "at": {"time": f"2026-03-0{number + 1}T00:00:00Z"}},
        )
    api.put(external_id="odd", properties={"n": "many", "tags": ["a", "b"]})

    assert [prop["name"] for prop in api.ok("GET", "/properties")["items"]] == ["at", "n", "plan", "tags"]
    plan = api.ok("GET", "/properties/plan")
    assert (plan["type"], plan["count"]) == (None, 3)
    (text,) = plan["kinds"]
    assert (text["kind"], text["count"], text["distinct"]) == ("text", 3, 2)
    assert text["top"] == [{"value": "free", "count": 2}, {"value": "pro", "count": 1}]

    kinds = {kind["kind"]: kind for kind in api.ok("GET", "/properties/n")["kinds"]}
    assert (kinds["number"]["count"], kinds["number"]["low"], kinds["number"]["high"]) == (4, 0, 3)
    assert kinds["text"]["count"] == 1
    (at,) = api.ok("GET", "/properties/at")["kinds"]
    assert (at["low"], at["high"]) == ("2026-03-01T00:00:00.000Z", "2026-03-04T00:00:00.000Z")


def test_a_declaration_converts_what_is_stored_and_says_what_was_lost(api: Api) -> None:
    for number, value in enumerate(["1", "2.5", "three", 4]):
        api.put(external_id=str(number), properties={"n": value})
    changed = api.ok("PUT", "/properties/n", {"type": "number"})
    assert (changed["property"]["type"], changed["converted"], changed["dropped"]) == ("number", 2, 1)
    assert [profile["properties"].get("n") for profile in api.ok("GET", "/profiles")["items"]] == [1, 2.5, None, 4]
    assert api.refused("POST", "/profiles", {"external_id": "x", "properties": {"n": "five"}})[2] == "properties.n"
    assert api.ok("PUT", "/properties/n", {"fallback": "0"})["property"]["type"] == "number", "what is not named stays"
    assert api.ok("PUT", "/properties/n", {"type": None})["property"]["type"] is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "integer"}, "type"),
        ({"type": 1}, "type"),
        ({"kind": "text"}, "kind"),
        ({"fallback": 1}, "fallback"),
        ([], None),
    ],
)
def test_a_bad_declaration_is_refused_and_declares_nothing(api: Api, body: Any, path: str | None) -> None:
    assert api.refused("PUT", "/properties/n", body) == (422, "invalid_input", path)
    assert api.ok("GET", "/properties")["items"] == []


@pytest.mark.parametrize("name", ["a/b", "a.b", "größe 😀", '"quoted"', "a?b#c", "x" * 255, "batch", "..."])
def test_a_name_may_hold_anything(api: Api, name: str) -> None:
    address = f"/properties/{quote(name, safe='')}"
    assert api.ok("PUT", address, {"type": "text"})["property"]["name"] == name
    assert api.ok("GET", address)["name"] == name
    assert api.call("DELETE", address).status_code == 204
    assert api.refused("GET", address)[:2] == (404, "not_found")


@pytest.mark.parametrize("name", ["email", "created_at", "x" * 256, "a\0b"])
def test_a_name_that_may_not_be_is_refused(api: Api, name: str) -> None:
    status, code, _ = api.refused("PUT", f"/properties/{quote(name, safe='')}", {"type": "text"})
    assert (status, code) in {
        (422, "invalid_input"),
        (422, "invalid_value"),
        (422, "limit_exceeded"),
        (409, "conflict"),
    }
    assert api.ok("GET", "/properties")["items"] == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_property_nobody_has_is_not_found(api: Api, method: str) -> None:
    assert api.refused(method, "/properties/nothing")[:2] == (404, "not_found")


def test_a_property_that_a_rule_looks_at_is_not_deleted(api: Api) -> None:
    api.put(external_id="a", properties={"plan": "pro"})
    segment_id = api.segment({"property": "plan", "operator": "is_set"}, "Has a plan")
    answered = api.call("DELETE", "/properties/plan")
    assert (answered.status_code, answered.json()["code"]) == (409, "property_in_use")
    assert answered.json()["users"] == [{"id": segment_id, "name": "Has a plan"}]
    assert api.members(segment_id) == ["a"], "nothing happened"
    api.ok("DELETE", f"/segments/{segment_id}")
    assert api.call("DELETE", "/properties/plan").status_code == 204
    assert api.ok("GET", "/profiles")["items"][0]["properties"] == {}
