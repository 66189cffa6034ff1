"""Keys: who gets in, how far, and what is said to those who do not."""

from __future__ import annotations

import pytest

from tests.unit.http.edge.toy import ToyServer, bearer, client

BODY = {"name": "x"}


@pytest.mark.parametrize(
    ("header", "code", "challenge"),
    [
        (None, "key_missing", 'Bearer realm="coterie"'),
        ("", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Bearer", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Bearer  ", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Basic d3JpdGU=", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("write", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Bearer two words", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Bearer wr\u00efte", "key_malformed", 'Bearer realm="coterie", error="invalid_request"'),
        ("Bearer nobody", "key_refused", 'Bearer realm="coterie", error="invalid_token"'),
    ],
)
def test_a_request_without_a_good_key_is_401_and_says_which_way(header: str | None, code: str, challenge: str) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answered = client().post("/plain/things/1", json=BODY, headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (401, code)
    assert answered.headers["WWW-Authenticate"] == challenge
    assert "Bearer" in answered.json()["hint"]


def test_two_authorization_headers_are_one_too_many() -> None:
    headers = [("Authorization", "Bearer write"), ("Authorization", "Bearer read")]
    answered = client().post("/plain/things/1", json=BODY, headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (401, "key_malformed")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    assert client().get("/plain/things/1", headers={"Authorization": f"{scheme} read"}).status_code == 200


@pytest.mark.parametrize(
    ("secret", "method", "status"),
    [
        ("read", "GET", 200), ("read", "POST", 403), ("read", "DELETE", 403),
        ("write", "GET", 200), ("write", "POST", 200), ("write", "DELETE", 403),
        ("admin", "GET", 200), ("admin", "POST", 200), ("admin", "DELETE", 200),
    ],
)  # fmt: skip
def test_scopes_include_one_another(secret: str, method: str, status: int) -> None:
    json = BODY if method == "POST" else None
    answered = client().request(method, "/plain/things/1", json=json, headers=bearer(secret))
    assert answered.status_code == status
    if status == 403:
        needed = {"POST": "write", "DELETE": "admin"}[method]
        assert answered.json()["code"] == "scope_missing"
        assert f"`{needed}`" in answered.json()["detail"]


def test_the_key_is_checked_before_the_body_is_read() -> None:
    """A stranger's broken, oversized or wrongly typed body is not looked at."""
    with client(body_bytes_max=10) as toy:
        for content in (b"{", b"x" * 1_000):
            assert toy.post("/plain/things/1", content=content).json()["code"] == "key_missing"


def test_the_secret_is_never_repeated() -> None:
    answered = client().get("/plain/things/1", headers=bearer("s3cr3t-s3cr3t"))
    assert "s3cr3t" not in answered.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_the_machinery_needs_no_key(path: str) -> None:
    assert client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/docs/swagger-ui.css", "/openapi.json"])
def test_the_machinery_may_ask_with_head(path: str) -> None:
    answered = client().head(path)
    assert (answered.status_code, answered.content) == (200, b"")
    assert answered.headers["Content-Type"] == client().get(path).headers["Content-Type"]


def test_head_is_not_in_the_description() -> None:
    paths = client().get("/openapi.json").json()["paths"]
    assert set(paths["/healthz"]) == set(paths["/readyz"]) == {"get"}


def test_a_server_that_is_not_ready_says_so_and_lives() -> None:
    server = ToyServer()
    server.is_ready = False
    assert client(server).get("/readyz").status_code == 503
    assert client(server).head("/readyz").status_code == 503
    assert client(server).get("/healthz").status_code == 200
