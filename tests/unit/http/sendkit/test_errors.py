"""Every error is one flat object, and no key reaches another workspace."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from coterie.workspace.properties import Properties
from tests.unit.http.sendkit.harness import Json, World, opened, reserved, segment

ID = "0198a000-0000-7000-8000-0000000000ff"

ROUTES: list[tuple[str, str, Json]] = [
    ("POST", "/contacts", {"email": "a@b.c"}),
    ("GET", "/contacts", None),
    ("GET", f"/contacts/{ID}", None),
    ("PUT", f"/contacts/{ID}", {}),
    ("DELETE", f"/contacts/{ID}", None),
    ("POST", f"/contacts/{ID}/lists", {"list_ids": [ID]}),
    ("GET", f"/contacts/{ID}/lists", None),
    ("DELETE", f"/contacts/{ID}/lists/{ID}", None),
    ("POST", "/properties", {"key": "plan", "type": "string"}),
    ("GET", "/properties", None),
    ("PUT", f"/properties/{ID}", {}),
    ("DELETE", f"/properties/{ID}", None),
    ("POST", "/segments", segment(reserved("email", "is_set"))),
    ("GET", "/segments", None),
    ("GET", f"/segments/{ID}", None),
    ("PUT", f"/segments/{ID}", {}),
    ("DELETE", f"/segments/{ID}", None),
    ("GET", f"/segments/{ID}/contacts", None),
    ("POST", "/segments/preview", segment(reserved("email", "is_set"))),
    ("GET", "/lists", None),
    ("POST", "/lists", {"name": "x"}),
]


def flat(answer: Json, name: str, status: int) -> None:
    assert set(answer) - {"errors"} == {"name", "message", "statusCode"}
    assert (answer["name"], answer["statusCode"]) == (name, status)
    assert isinstance(answer["message"], str)
    assert answer["message"]
    assert ("errors" in answer) is (status == 422)


def test_the_table_above_has_every_route(still: World) -> None:
    described = still.client.get("/openapi.json").json()["paths"]
    here = {
        (method.upper(), path)
        for path, methods in described.items()
        for method in methods
        if path.startswith("/sendkit/")
    }
    assert len(ROUTES) == len(here)
    assert {
        (method, f"/sendkit{path}".replace(f"/lists/{ID}", "/lists/{list_id}").replace(ID, "{id}"))
        for method, path, _ in ROUTES
    } == here


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_no_route_answers_without_a_good_key(still: World, method: str, path: str, body: Json) -> None:
    before = still.everything()
    for header, name in (
        (None, "missing_api_key"),
        ("Bearer nobody", "invalid_api_key"),
        ("Basic eDp5", "invalid_api_key"),
    ):
        headers = {"Authorization": header} if header else {}
        answered = still.client.request(method, f"/sendkit{path}", json=body, headers=headers)
        assert answered.status_code == 401
        assert answered.headers["www-authenticate"].startswith("Bearer")
        flat(answered.json(), name, 401)
    assert still.everything() == before


@pytest.mark.parametrize(
    ("method", "path", "body"), [row for row in ROUTES if row[0] != "GET" and row[1] != "/segments/preview"]
)
def test_a_key_that_may_only_read_writes_nothing(still: World, method: str, path: str, body: Json) -> None:
    before = still.everything()
    flat(still.ask(method, path, body, status=403, key="read"), "application_error", 403)
    assert still.everything() == before


def test_a_key_that_may_only_read_reads(still: World) -> None:
    for path in ("/contacts", "/properties", "/lists", "/segments"):
        assert still.get(path, key="read")["data"] == still.get(path)["data"]


@pytest.mark.parametrize(("method", "path", "body"), [row for row in ROUTES if ID in row[1]])
@pytest.mark.parametrize("given", [ID, "not-an-id", "%00", "7"])
def test_an_id_that_leads_nowhere_is_not_found(still: World, method: str, path: str, body: Json, given: str) -> None:
    flat(still.ask(method, path.replace(ID, given), body, status=404), "not_found", 404)


def test_what_belongs_to_another_workspace_is_not_found_and_not_touched(world: World) -> None:
    item = world.make_property("plan")
    newsletter = world.make_list()
    contact = world.make_contact("a@b.c", list_ids=[newsletter], properties={"plan": "pro"})["id"]
    saved = world.make_segment(reserved("email", "is_set"))["id"]
    before = world.everything()
    theirs = {f"/contacts/{ID}": f"/contacts/{contact}", f"/properties/{ID}": f"/properties/{item['id']}",
              f"/segments/{ID}": f"/segments/{saved}", f"/lists/{ID}": f"/lists/{newsletter}"}  # fmt: skip
    for method, path, body in ROUTES:
        if ID not in path:
            continue
        for placeholder, real in theirs.items():
            path = path.replace(placeholder, real)
        flat(world.ask(method, path, body, status=404, key="other"), "not_found", 404)
    own = world.ask("POST", "/contacts", {"email": "a@b.c"}, status=201, key="other")["id"]
    for body, path in (
        ({"email": "a@b.c", "list_ids": [newsletter]}, "list_ids.0"),
        ({"email": "a@b.c", "properties": {"plan": "x"}}, "properties.plan"),
    ):
        assert set(world.ask("POST", "/contacts", body, status=422, key="other")["errors"]) == {path}
    for condition in (reserved("list", "equals", newsletter), reserved("segment", "equals", saved)):
        refused = world.ask("POST", "/segments", segment(condition), status=422, key="other")
        assert set(refused["errors"]) == {"filters.groups.0.conditions.0.value"}
    world.ask("DELETE", f"/contacts/{own}/lists/{newsletter}", status=404, key="other")
    assert world.everything() == before


def test_an_unknown_address_and_a_wrong_method(still: World) -> None:
    flat(still.get("/emails", status=404), "not_found", 404)
    flat(still.get("", status=404), "not_found", 404)
    flat(still.get("/contacts/", status=404), "not_found", 404)
    answered = still.ask("PATCH", f"/contacts/{ID}", {}, status=405)
    flat(answered, "method_not_allowed", 405)
    flat(still.ask("DELETE", "/segments/preview", status=404), "not_found", 404)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{'email': 1}", b'{"email": NaN}', b"\xff", b'{"email": "\\ud800"}', b"[" * 100_000 + b"]" * 100_000,
     b'{"email": ' + b"1" * 5_000 + b"}"],
)  # fmt: skip
def test_malformed_json_is_a_validation_error(still: World, content: bytes) -> None:
    for method, path, _ in ROUTES:
        if method in ("POST", "PUT"):
            refused = still.ask(method, path, status=422, content=content, headers={"Content-Type": "application/json"})
            flat(refused, "validation_error", 422)
            assert refused["errors"]


@pytest.mark.parametrize("depth", [50, 900])
def test_deep_json_is_refused_where_nothing_is_deep(still: World, depth: int) -> None:
    deep = '{"groups": [' * (depth // 2) + "]}" * (depth // 2)
    condition = f'{{"field": "email", "type": "reserved", "operator": "equals", "value": {deep}}}'
    group = f'{{"match_type": "all", "conditions": [{condition}]}}'
    for path, body in (
        ("/segments", f'{{"name": "x", "match_type": "all", "filters": {deep}}}'),
        ("/segments", f'{{"name": "x", "match_type": "all", "filters": {{"groups": [{group}]}}}}'),
        ("/contacts", f'{{"email": "a@b.c", "properties": {deep}}}'),
        ("/contacts", f'{{"email": {deep}, "list_ids": [{deep}]}}'),
    ):
        content = body.encode()
        refused = still.ask("POST", path, status=422, content=content, headers={"Content-Type": "application/json"})
        flat(refused, "validation_error", 422)


def test_a_body_that_is_not_json_and_one_that_is_too_large(tmp_path: Path) -> None:
    with opened(tmp_path / "small", body_bytes_max=1_000) as small:
        headers = {"Content-Type": "text/plain"}
        flat(small.ask("POST", "/contacts", status=415, content=b"{}", headers=headers), "application_error", 415)
        large = {"email": "a@b.c", "first_name": "x" * 2_000}
        flat(small.ask("POST", "/contacts", large, status=413), "application_error", 413)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        packed = gzip.compress(b'{"email": "a@b.c", "first_name": "' + b"x" * 200_000 + b'"}')
        assert len(packed) < 1_000
        flat(small.ask("POST", "/contacts", status=413, content=packed, headers=headers), "application_error", 413)
        assert small.get("/contacts")["data"] == []


def test_a_packed_body_is_read(world: World) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    world.ask("POST", "/contacts", status=201, content=gzip.compress(b'{"email": "a@b.c"}'), headers=headers)


def test_our_own_failure_says_nothing_of_its_cause(still: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Properties) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Properties, "list", fail)
    answered = still.get("/properties", status=500)
    flat(answered, "internal_server_error", 500)
    assert "secret" not in str(answered)


def test_the_message_counts_the_errors(still: World) -> None:
    single = still.ask("POST", "/contacts", {"email": "x"}, status=422)
    assert single["message"] == "The email field must be a valid email address."
    assert single["errors"] == {"email": ["The email field must be a valid email address."]}
    two = still.ask("POST", "/properties", {"key": "1"}, status=422)
    assert two["message"].endswith("(and 1 more error)")
    three = still.ask("POST", "/segments", {}, status=422)
    assert three["message"] == "The name field is required. (and 2 more errors)"
