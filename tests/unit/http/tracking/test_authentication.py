"""Keys in every place where trackers put them, and errors in the dialect's envelope."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.tracking.harness import World, basic, opened, track

CALL = track("u1")


@pytest.mark.parametrize("call", ["track", "batch"])
def test_the_key_may_be_in_the_body(world: World, call: str) -> None:
    body = CALL if call == "track" else {"batch": [CALL]}
    assert world.ask(call, {**body, "writeKey": world.keys["write"]}, key=None) == {"success": True}
    assert world.names("u1") == ["e"]


@pytest.mark.parametrize("form", ["{key}:", "{key}", "{key}:whatever"])
def test_the_key_may_be_the_user_of_basic(world: World, form: str) -> None:
    credentials = base64.b64encode(form.format(key=world.keys["write"]).encode()).decode()
    assert world.ask("track", CALL, key=None, headers={"Authorization": f"Basic {credentials}"}) == {"success": True}


def test_the_key_may_be_a_bearer(world: World) -> None:
    assert world.ask("track", CALL, key=None, headers={"Authorization": f"Bearer {world.keys['write']}"})


def test_the_header_goes_before_the_body(world: World) -> None:
    world.ask("track", {**CALL, "writeKey": world.keys["write"]}, key="other")
    assert world.server.workspace("other").profiles.list().total == 1
    assert world.workspace.profiles.list().total == 0
    refused = world.ask(
        "track", {**CALL, "writeKey": world.keys["write"]}, status=401, key=None, headers={"Authorization": basic("no")}
    )
    assert refused["code"] == "key_refused"


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, {}, "key_missing"),
        ({}, {"writeKey": ""}, "key_missing"),
        ({}, {"writeKey": 7}, "key_missing"),
        ({}, {"writeKey": "unknown"}, "key_refused"),
        ({"Authorization": basic("unknown")}, {}, "key_refused"),
        ({"Authorization": basic("")}, {}, "key_malformed"),
        ({"Authorization": "Basic !!!"}, {}, "key_malformed"),
        ({"Authorization": "Basic"}, {}, "key_malformed"),
        ({"Authorization": "Digest x"}, {}, "key_malformed"),
        ({"Authorization": "Bearer a b"}, {}, "key_malformed"),
    ],
)
def test_without_a_good_key_it_is_401_in_the_envelope_that_trackers_read(
    world: World, headers: Any, body: Any, code: str
) -> None:
    answered = world.client.post("/tracking/v1/track", json={**CALL, **body}, headers=headers)
    assert answered.status_code == 401
    assert answered.headers["www-authenticate"].startswith("Basic ")
    assert answered.json().keys() == {"success", "code", "message"}
    assert answered.json()["code"] == code
    assert "with Basic authentication, as the user" in answered.json()["message"]
    assert "Bearer" not in answered.json()["message"]
    assert world.workspace.profiles.list().total == 0


def test_a_key_that_may_only_read_is_403(world: World) -> None:
    assert world.ask("track", CALL, status=403, key="read")["code"] == "scope_missing"
    assert world.ask("track", {**CALL, "writeKey": world.keys["read"]}, status=403, key=None)["code"] == "scope_missing"


def test_a_bad_key_is_refused_before_the_body_is_read(world: World) -> None:
    assert (
        world.ask("batch", b"{", status=401, key=None, headers={"Authorization": basic("unknown")})["code"]
        == "key_refused"
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/tracking/v1/track", 405), ("POST", "/tracking/v1/merge", 404), ("POST", "/tracking", 404)],
)
def test_other_addresses_and_methods_answer_in_the_same_envelope(
    world: World, method: str, path: str, status: int
) -> None:
    answered = world.client.request(method, path)
    assert answered.status_code == status
    assert answered.json().keys() == {"success", "code", "message"}


def test_served_at_the_root_it_keeps_its_envelope(tmp_path: Path) -> None:
    """For trackers that drop the path of the address they are given."""
    with opened(tmp_path / "data", root_dialect="tracking") as world:
        answered = world.client.post(
            "/v1/batch", json={"batch": [CALL]}, headers={"Authorization": basic(world.keys["write"])}
        )
        assert (answered.status_code, answered.json()) == (200, {"success": True})
        assert world.client.post("/v1/batch", json={}).json().keys() == {"success", "code", "message"}
        assert (
            world.client.get("/v1/profiles", headers={"Authorization": f"Bearer {world.keys['write']}"}).status_code
            == 200
        )
