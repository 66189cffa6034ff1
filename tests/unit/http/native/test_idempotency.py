"""Idempotency-Key over a real store: the answer is stored with the facts, also across a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.native.api import Api, opened

PRO = {"property": "plan", "operator": "equals", "value": "pro"}


def key(text: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": text}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/profiles", {"external_id": "new", "properties": {"n": 1}}),
        ("/profiles/batch", [{"external_id": "new"}, {"external_id": 3}]),
        ("/segments", {"name": "Pro", "rule": PRO}),
        ("/segments/{chosen}/members/add", {"profile_ids": ["{ada}"]}),
        ("/segments/{chosen}/members/remove", {"profile_ids": ["{ada}"]}),
    ],
)
def test_a_write_happens_once_and_is_answered_alike_each_time(api: Api, path: str, body: Any) -> None:
    ada = api.put(external_id="ada")
    chosen = api.segment()
    path = path.format(chosen=chosen)
    if "profile_ids" in body:
        body = {"profile_ids": [ada]}
    first = api.call("POST", path, body, **key("k"))
    totals = [api.ok("GET", address)["total"] for address in ("/profiles", "/segments")]
    again = api.call("POST", path, body, **key("k"))
    assert first.status_code < 300
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers.get("Location") == first.headers.get("Location")
    assert (first.headers.get("Idempotency-Replayed"), again.headers.get("Idempotency-Replayed")) == (None, "true")
    assert [api.ok("GET", address)["total"] for address in ("/profiles", "/segments")] == totals


def test_the_same_key_with_another_request_is_refused_and_does_nothing(api: Api) -> None:
    body = {"external_id": "a"}
    api.ok("POST", "/profiles", body, **key("k"))
    assert api.refused("POST", "/profiles", {"external_id": "b"}, **key("k"))[:2] == (422, "idempotency_conflict")
    assert api.refused("POST", "/profiles/batch", [body], **key("k"))[:2] == (422, "idempotency_conflict")
    second = api.server.control.create_key("default", "second", api.server.control.keys()[0].scope.WRITE, 0)[1]
    api.keys["second"] = second
    assert api.refused("POST", "/profiles", body, key="second", **key("k"))[:2] == (422, "idempotency_conflict")
    assert api.ok("GET", "/profiles")["total"] == 1


def test_keys_of_different_workspaces_do_not_meet(api: Api) -> None:
    for who in ("writer", "stranger"):
        answered = api.call("POST", "/profiles", {"external_id": "a"}, key=who, **key("k"))
        assert (answered.status_code, answered.headers.get("Idempotency-Replayed")) == (201, None)


def test_a_refused_write_keeps_nothing_under_its_key(api: Api) -> None:
    assert (
        api.refused(
            "POST", "/segments", {"name": "x", "rule": {"segment": "0198c0de-0000-7000-8000-00000000ffff"}}, **key("k")
        )[0]
        == 422
    )
    assert api.call("POST", "/segments", {"name": "x", "rule": PRO}, **key("k")).status_code == 201


def test_an_answer_outlives_a_restart(tmp_path: Path) -> None:
    body = {"external_id": "a"}
    with opened(tmp_path) as api:
        secret = api.keys["writer"]
        first = api.call("POST", "/profiles", body, **key("k"))
    with opened(tmp_path) as api:
        api.keys["writer"] = secret
        again = api.call("POST", "/profiles", body, **key("k"))
        assert (again.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (201, first.json(), "true")
        assert api.ok("GET", "/profiles")["total"] == 1
