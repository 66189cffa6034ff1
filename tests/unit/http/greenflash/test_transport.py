"""Errors, pages and addresses of the dialect."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.model import ProfileInput
from tests.unit.http.greenflash.context import prop
from tests.unit.http.greenflash.harness import BASE, World

Json = Any


def test_401_messages_are_those_that_clients_know(still: World) -> None:
    body = still.fault("GET", "/segments", status=401, key=None)
    assert body["message"].startswith("Authentication required")
    for header in ("Basic abc", "Bearer", "Bearer a b", "nonsense"):
        answered = still.raw("GET", "/segments", key=None, headers={"Authorization": header})
        assert answered.status_code == 401
        assert answered.json()["message"].startswith("Invalid authorization header"), header
    answered = still.raw("GET", "/segments", key=None, headers={"Authorization": "Bearer ctr_nobody"})
    assert answered.json() == {"success": False, "error": "Unauthorized", "message": "Invalid API key"}
    assert answered.headers["www-authenticate"].startswith("Bearer")


def test_a_key_of_scope_read_cannot_write(still: World) -> None:
    still.ask("GET", "/segments", key="read")
    for method, path in (("POST", "/segments"), ("POST", "/users"), ("PUT", "/users/x"), ("POST", "/messages")):
        still.fault(method, path, {}, status=403, key="read")


def test_nothing_is_answered_409(world: World) -> None:
    world.workspace.profiles.put(ProfileInput(email="a@example.com"))
    world.workspace.profiles.put(ProfileInput(external_id="ben", email="b@example.com"))
    world.make_user("ada", email="a@example.com")
    world.workspace.profiles.put(ProfileInput(email="c@example.com"))
    fault = world.fault("PUT", "/users/ada", {"email": "c@example.com"})
    assert fault["path"] == "email"


@pytest.mark.parametrize(
    "path",
    ["/prompts", "/prompts/x", "/models", "/models/x/analytics", "/products", "/inbox", "/chat",
     "/interactions/x/analytics",
     "/users/x/analytics?mode=simple", "/organizations/a/b/analytics", "/nothing/at/all", ""],
)  # fmt: skip
def test_addresses_outside_segmentation_say_so(still: World, path: str) -> None:
    for method in ("GET", "POST"):
        answered = still.raw(method, path, {} if method == "POST" else None)
        if answered.status_code != 405:
            assert answered.status_code == 404
            assert "outside segmentation" in answered.json()["message"]
    assert still.raw("GET", path).status_code == 404


def test_other_methods_are_405(still: World) -> None:
    answered = still.raw("DELETE", "/segments")
    assert (answered.status_code, answered.headers["allow"]) == (405, "GET, POST")
    assert answered.json()["success"] is False


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b'{"a": NaN}', 400), (b"\xff", 400), (b"[" * 2_000, 400), (b"null", 400), (b"", 400)],
)
def test_bodies_that_are_not_json(still: World, content: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {still.keys['write']}", "Content-Type": "application/json"}
    for path in ("/segments", "/users"):
        answered = still.client.post(f"/greenflash/api/v1{path}", content=content, headers=headers)
        assert answered.status_code == status
        assert answered.json()["success"] is False


def test_a_body_of_another_kind(still: World) -> None:
    headers = {"Authorization": f"Bearer {still.keys['write']}", "Content-Type": "text/plain"}
    assert still.client.post("/greenflash/api/v1/users", content=b"{}", headers=headers).status_code == 415


def test_every_error_of_a_body_is_reported(still: World) -> None:
    body = still.fault("POST", "/users", {"name": 3, "anonymized": "x"})
    assert {error["path"] for error in body["errors"]} == {"externalUserId", "name", "anonymized"}
    assert (body["path"], body["message"]) == (body["errors"][0]["path"], body["errors"][0]["message"])


def test_unknown_headers_are_ignored_and_unknown_parameters_are_not(still: World) -> None:
    assert still.raw("GET", "/segments", headers={"X-Stainless-Lang": "python"}).status_code == 200
    assert still.fault("GET", "/segments?sort=name")["path"] == "sort"
    assert still.fault("GET", "/users?page=1&page=2")["path"] == "page"


def test_a_parameter_that_is_not_unicode_is_refused(still: World) -> None:
    assert still.fault("GET", "/users?organizationId=%00")["path"] == "organizationId"
    assert still.fault("GET", "/users?organizationId=")["path"] == "organizationId"


# --- pages --------------------------------------------------------------------------------------


def links(world: World, path: str) -> tuple[list[Json], str | None]:
    """The items, and the address of the next page."""
    answered = world.raw("GET", path)
    assert answered.status_code == 200, answered.text
    link = answered.headers.get("link")
    if link is None:
        return answered.json(), None
    assert link.startswith(f"<{BASE}")
    assert link.endswith('>; rel="next"')
    return answered.json(), link[1 + len(BASE) : link.index(">")]


@pytest.mark.parametrize(
    ("first", "names"),
    [
        ("/users?limit=2", ["0", "1", "2", "3", "4"]),
        ("/users?limit=2.0&page=1.0", ["0", "1", "2", "3", "4"]),
        ("/users?limit=2&offset=1", ["1", "2", "3", "4"]),
        ("/users?limit=2&offset=3.0&page=7", ["3", "4"]),
        ("/users?limit=2&page=2", ["2", "3", "4"]),
        ("/users?limit=5", ["0", "1", "2", "3", "4"]),
        ("/users?page=2", []),
        ("/users?limit=1&organizationId=none", []),
    ],
)
def test_pages_of_users(world: World, first: str, names: list[str]) -> None:
    for number in range(5):
        world.make_user(str(number))
    collected: list[str] = []
    at: str | None = first
    while at is not None:
        items, at = links(world, at)
        collected += [user["externalId"] for user in items]
    assert collected == names


def test_pages_of_segments(world: World) -> None:
    for number in range(4):
        world.make_segment(prop("plan", "eq", str(number)), name=str(number))
    for first in (
        "/segments?pageSize=3",
        "/segments?limit=3",
        "/segments?pageSize=3.0&page=1",
        "/segments?page=1&pageSize=5",
    ):
        collected: list[str] = []
        at: str | None = first
        while at is not None:
            items, at = links(world, at)
            collected += [segment["name"] for segment in items]
        assert (len(collected), collected[7:]) == (11, ["0", "1", "2", "3"])
    items, at = links(world, "/segments?page=3&pageSize=4")
    assert ([segment["name"] for segment in items], at) == (["1", "2", "3"], None)


def test_the_filters_of_a_list_are_kept_on_its_next_page(world: World) -> None:
    for number in range(3):
        world.log("ada", productId=f"p-{number % 2}")
    items, at = links(world, "/interactions?productId=p-0&limit=1")
    assert at is not None
    assert "productId=p-0" in at
    more, end = links(world, at)
    assert ([interaction["productId"] for interaction in (*items, *more)], end) == (["p-0", "p-0"], None)


def test_pages_of_one_version(world: World) -> None:
    for _ in range(3):
        world.log("ada")
    assert links(world, "/interactions?versionId=v1&limit=1") == ([], None)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("pageSize=101", "pageSize"), ("pageSize=0", "pageSize"), ("pageSize=many", "pageSize"),
        ("pageSize=1.5", "pageSize"),
        ("limit=101", "limit"), ("page=0", "page"), ("page=-1", "page"), ("page=1e400", "page"),
        ("page=99999999999999999999", "page"), ("offset=1", "offset"),
    ],
)  # fmt: skip
def test_pages_out_of_range(still: World, query: str, path: str) -> None:
    assert still.fault("GET", f"/segments?{query}")["path"] == path


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "offset=-1", "offset=x", "page=0"])
def test_pages_out_of_range_of_other_lists(still: World, query: str) -> None:
    for path in ("/users", "/organizations", "/interactions"):
        assert still.fault("GET", f"{path}?{query}")["path"] == query.split("=")[0]
