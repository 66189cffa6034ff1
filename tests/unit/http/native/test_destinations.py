"""Destinations over HTTP: created, returned, changed, refused. Deliveries are tested in
tests/unit/live/delivery and in the journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from coterie.model import Scope
from tests.unit.http.native.api import ABSENT, NOW, Api, opened
from tests.unit.live.delivery.receivers import Receiver, receiving

PRO = {"property": "plan", "operator": "equals", "value": "pro"}


def with_admin(api: Api) -> Api:
    api.keys["admin"] = api.server.control.create_key("default", "admin", Scope.ADMIN, NOW)[1]
    return api


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Api]:
    """As it is by default: to public addresses only."""
    with opened(tmp_path) as api:
        yield with_admin(api)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with opened(tmp_path, webhook_private_targets=True, destinations_max=3) as api:
        yield with_admin(api)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def ok(api: Api, method: str, path: str, json: Any = None) -> Any:
    return api.ok(method, path, json, key="admin")


def test_a_destination_is_created_returned_changed_and_deleted(api: Api, receiver: Receiver) -> None:
    segment = api.segment(PRO)
    sent = {"url": receiver.url, "description": "The CRM", "segments": [segment], "actions": ["enter"]}
    answered = api.call("POST", "/destinations", sent, key="admin")
    made = answered.json()
    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/v1/destinations/{made['id']}"
    secret = made.pop("secret")
    Webhook(secret)
    assert made == {
        **sent, "id": made["id"], "causes": None, "state": "active", "state_reason": None,
        "delivered_sequence": 0, "waiting_count": 0,
        "created_at": "2026-03-25T14:30:00.000Z", "updated_at": "2026-03-25T14:30:00.000Z",
    }  # fmt: skip
    address = f"/destinations/{made['id']}"
    assert ok(api, "GET", address) == made
    assert ok(api, "GET", "/destinations") == {"items": [made]}
    assert secret not in api.call("GET", address, key="admin").text

    changed = ok(api, "PUT", address, {"url": f"{receiver.url}&more=1", "causes": ["time", "merge"], "enabled": False})
    assert (changed["description"], changed["segments"], changed["actions"]) == (None, None, None)
    assert (changed["causes"], changed["state"], changed["state_reason"]) == (
        ["merge", "time"],
        "disabled",
        "Disabled by hand.",
    )
    assert ok(api, "PUT", address, {"url": receiver.url})["state"] == "active"

    assert api.call("DELETE", address, key="admin").status_code == 204
    for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/attempts")):
        assert api.refused(method, address + below, key="admin")[:2] == (404, "not_found")
    assert api.refused("PUT", address, {"url": receiver.url}, key="admin")[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("http://127.0.0.1/", "not public"),
        ("http://169.254.169.254/latest/meta-data/", "not public"),
        ("http://[::1]/", "not public"),
        ("http://[::ffff:10.0.0.1]/", "not public"),
        ("http://localhost:8080/", "not public"),
        ("http://2130706433/", "not public"),
        ("https://name.invalid/", "cannot be resolved"),
        ("ftp://example.com/", "begins with"),
        ("https://user:secret@93.184.215.14/", "user name"),
        ("https://93.184.215.14/#there", "fragment"),
        ("", "visible"),
    ],
)
def test_a_target_that_is_not_public_is_refused_where_it_is_registered(guarded: Api, url: str, because: str) -> None:
    answered = guarded.call("POST", "/destinations", {"url": url}, key="admin")
    problem = answered.json()
    assert (answered.status_code, problem["path"]) == (422, "url")
    assert because in problem["detail"]
    assert ("COTERIE_WEBHOOK_PRIVATE_TARGETS=true" in (problem["hint"] or "")) == (because == "not public")
    assert guarded.ok("GET", "/destinations", key="admin") == {"items": []}


def test_a_public_one_is_accepted_and_cannot_be_changed_into_a_private_one(guarded: Api) -> None:
    made = guarded.ok("POST", "/destinations", {"url": "https://93.184.215.14/hooks"}, key="admin")
    refused = guarded.refused("PUT", f"/destinations/{made['id']}", {"url": "http://10.0.0.1/"}, key="admin")
    assert refused == (422, "invalid_input", "url")
    assert guarded.ok("GET", f"/destinations/{made['id']}", key="admin")["url"] == "https://93.184.215.14/hooks"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"segments": []}, "segments"),
        ({"segments": [ABSENT]}, "segments.0"),
        ({"segments": ["x"]}, "segments.0"),
        ({"actions": []}, "actions"),
        ({"actions": ["left"]}, "actions.0"),
        ({"causes": ["why"]}, "causes.0"),
        ({"after": 1}, "after"),
        ({"after": -1}, "after"),
        ({"description": "x" * 256}, "description"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_reported_with_its_path(api: Api, receiver: Receiver, more: dict[str, Any], path: str) -> None:
    assert api.refused("POST", "/destinations", {"url": receiver.url, **more}, key="admin")[::2] == (422, path)


def test_there_are_only_so_many(api: Api, receiver: Receiver) -> None:
    for _ in range(3):
        ok(api, "POST", "/destinations", {"url": receiver.url})
    refused = api.call("POST", "/destinations", {"url": receiver.url}, key="admin").json()
    assert (refused["status"], refused["code"]) == (422, "limit_exceeded")
    assert "destinations_max" in refused["detail"]


def test_only_an_admin_sees_or_makes_them_and_only_those_of_the_key(api: Api, receiver: Receiver) -> None:
    made = ok(api, "POST", "/destinations", {"url": receiver.url})
    address = f"/destinations/{made['id']}"
    calls = [("GET", "/destinations", None), ("POST", "/destinations", {"url": receiver.url}), ("GET", address, None)]
    calls += [("PUT", address, {"url": receiver.url}), ("DELETE", address, None), ("GET", f"{address}/attempts", None)]
    calls += [("POST", f"{address}/rotate", {}), ("POST", f"{address}/replay", {"from_sequence": 1})]
    for method, path, body in calls:
        assert api.refused(method, path, body)[:2] == (403, "scope_missing")
    for method, path, body in calls[2:]:
        assert api.refused(method, path, body, key="stranger")[:2] == (404, "not_found")
    assert api.ok("GET", "/destinations", key="stranger") == {"items": []}


def test_a_secret_is_rotated_and_a_replay_asked_for(api: Api, receiver: Receiver) -> None:
    made = ok(api, "POST", "/destinations", {"url": receiver.url})
    rotated = ok(api, "POST", f"/destinations/{made['id']}/rotate", {"overlap_for": 60})
    assert rotated["secret"] != made["secret"]
    refused = api.refused("POST", f"/destinations/{made['id']}/rotate", {"overlap_for": 10**9}, key="admin")
    assert refused == (422, "invalid_input", "overlap_for")
    api.segment(PRO)
    api.put(external_id="a", properties={"plan": "pro"})
    assert ok(api, "POST", f"/destinations/{made['id']}/replay", {"from_sequence": 1})["delivered_sequence"] == 0
    assert ok(api, "POST", f"/destinations/{made['id']}/replay", {"from_sequence": 2})["delivered_sequence"] == 1
    refused = api.refused("POST", f"/destinations/{made['id']}/replay", {"from_sequence": 3}, key="admin")
    assert refused == (422, "invalid_input", "from_sequence")
