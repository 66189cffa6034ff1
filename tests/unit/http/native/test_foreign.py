"""A key belongs to one workspace: what is in another cannot be read, changed, or distinguished from
what does not exist. And a key allows only its scope."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http.native.api import Api

PRO = {"property": "plan", "operator": "equals", "value": "pro"}

READS = [
    "/profiles/{profile}", "/profiles/{profile}/segments", "/segments/{segment}", "/segments/{segment}/members",
    "/segments/{segment}/members/export", "/segments/{segment}/explain/{profile}", "/properties/plan",
    "/profiles/{profile}/events", "/events/order_placed", "/conversations/{talk}", "/conversations/{talk}/messages",
    "/conversations?profile={profile}", "/segments/{segment}/members?as_of=2026-01-01",
    "/segments/{segment}/sizes?from=2026-01-01",
    "/segments/{segment}/difference?from=2026-01-01", "/segments/{segment}/changes?from=2026-01-01&action=enter",
]  # fmt: skip
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/profiles", {"id": "{profile}", "properties": {"plan": "free"}}),
    ("DELETE", "/profiles/{profile}", None),
    ("PATCH", "/segments/{segment}", {"name": "Stolen"}),
    ("DELETE", "/segments/{segment}", None),
    ("POST", "/segments/{chosen}/members/add", {"profile_ids": ["{profile}"]}),
    ("POST", "/segments/{chosen}/members/remove", {"profile_ids": ["{profile}"]}),
    ("DELETE", "/properties/plan", None),
    ("POST", "/events", {"name": "order_placed", "profile": {"id": "{profile}"}}),
    ("POST", "/conversations", {"id": "{talk}", "product_id": "theirs"}),
    ("PUT", "/conversations/{talk}/analysis", {"sentiment": 1}),
    ("POST", "/profiles/merge", {"winner_id": "{profile}", "loser_id": "{other}"}),
]


def filled(value: Any, ids: dict[str, str]) -> Any:
    match value:
        case str():
            return value.format(**ids)
        case list():
            return [filled(item, ids) for item in value]
        case dict():
            return {name: filled(item, ids) for name, item in value.items()}
        case _:
            return value


@pytest.fixture
def ids(api: Api) -> dict[str, str]:
    ada = api.put(external_id="ada", email="ada@example.com", properties={"plan": "pro"})
    api.ok("POST", "/events", {"name": "order_placed", "profile": {"id": ada}})
    talk = api.ok("POST", "/conversations", {"external_id": "talk", "profile": {"id": ada}})
    return {
        "profile": ada,
        "other": api.put(external_id="bea"),
        "talk": talk["id"],
        "segment": api.segment(PRO, "Pro"),
        "chosen": api.segment(),
    }


@pytest.mark.parametrize("path", READS)
def test_what_is_anothers_is_not_found(api: Api, ids: dict[str, str], path: str) -> None:
    address = path.format(**ids)
    assert api.call("GET", address).status_code == 200
    refused = api.call("GET", address, key="stranger")
    assert refused.status_code == 404
    assert "ada@" not in refused.text  # the bare name may be part of a random id
    assert '"ada"' not in refused.text


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_what_is_anothers_is_not_changed(api: Api, ids: dict[str, str], method: str, path: str, body: Any) -> None:
    before = [
        api.ok("GET", address) for address in ("/profiles", "/segments", "/transitions", "/events", "/conversations")
    ]
    assert api.refused(method, path.format(**ids), filled(body, ids), key="stranger")[:2] == (404, "not_found")
    assert [
        api.ok("GET", address) for address in ("/profiles", "/segments", "/transitions", "/events", "/conversations")
    ] == before


def test_lists_and_rules_see_their_own_workspace_only(api: Api, ids: dict[str, str]) -> None:
    for address in (
        "/profiles", "/segments", "/transitions", "/properties", "/profiles?email=ada@example.com",
        "/events", "/conversations",
        "/conversations?external_id=talk",
    ):  # fmt: skip
        assert api.ok("GET", address, key="stranger")["items"] == []
    rule = {"segment": ids["segment"]}
    assert api.refused("POST", "/preview", {"rule": rule}, key="stranger")[0] == 422
    assert api.refused("POST", "/segments", {"name": "x", "rule": rule}, key="stranger")[0] == 422
    preview = {"rule": PRO, "compare_to": ids["segment"]}
    assert api.refused("POST", "/preview", preview, key="stranger")[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [*WRITES, ("PUT", "/properties/plan", {"type": "text"}), ("POST", "/profiles/batch", [])],
)
def test_a_reader_changes_nothing(api: Api, ids: dict[str, str], method: str, path: str, body: Any) -> None:
    answered = api.call(method, path.format(**ids), filled(body, ids), key="reader")
    assert (answered.status_code, answered.json()["code"]) == (403, "scope_missing")
    assert "`write`" in answered.json()["detail"]
