"""Invalid requests in one table: the status, the code, and the path into the input."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
import zstandard

from tests.unit.http.edge.toy import bearer, client

JSON = {"Content-Type": "application/json"}

CASES: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("malformed JSON", {"content": b"{", "headers": JSON}, 400, "malformed_json", None),
    ("an empty body", {"content": b"", "headers": JSON}, 400, "malformed_json", None),
    ("JSON without end", {"content": b"[" * 100_000, "headers": JSON}, 400, "malformed_json", None),
    ("NaN", {"content": b'{"name": NaN}', "headers": JSON}, 400, "malformed_json", None),
    ("no type", {"content": b'{"name": "x"}'}, 415, "unsupported_media_type", None),
    ("a form", {"data": {"name": "x"}}, 415, "unsupported_media_type", None),
    ("multipart", {"files": {"f": b"x"}}, 415, "unsupported_media_type", None),
    (
        "an odd encoding",
        {"content": b"{}", "headers": {**JSON, "Content-Encoding": "br"}},
        415, "unsupported_encoding", None,
    ),
    ("no gzip", {"content": b"{}", "headers": {**JSON, "Content-Encoding": "gzip"}}, 400, "malformed_body", None),
    ("large", {"json": {"name": "x" * 2_000}}, 413, "body_too_large", None),
    (
        "large when decompressed",
        {
            "content": gzip.compress(b'{"name": "' + b"x" * 2_000 + b'"}'),
            "headers": {**JSON, "Content-Encoding": "gzip"},
        },
        413, "body_too_large", None,
    ),
    ("an unknown key", {"json": {"name": "x", "colour": 1}}, 422, "invalid_input", "colour"),
    ("a key with a dot in it", {"json": {"name": "x", "a.b": 1}}, 422, "invalid_input", '"a.b"'),
    ("nothing", {"json": {}}, 422, "invalid_input", "name"),
    ("a list", {"json": []}, 422, "invalid_input", None),
    ("null", {"json": None, "content": b"null", "headers": JSON}, 422, "invalid_input", None),
    ("a number for a text", {"json": {"name": 1}}, 422, "invalid_input", "name"),
    ("a text for a number", {"json": {"name": "x", "size": "1"}}, 422, "invalid_input", "size"),
    ("a boolean for a number", {"json": {"name": "x", "size": True}}, 422, "invalid_input", "size"),
    ("a fraction", {"json": {"name": "x", "size": 1.5}}, 422, "invalid_input", "size"),
    ("an unknown parameter", {"json": {"name": "x"}, "params": {"z": 1}}, 422, "invalid_input", "z"),
    ("a parameter twice", {"json": {"name": "x"}, "params": [("q", 1), ("q", 1)]}, 422, "invalid_input", "q"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "request_", "status", "code", "path"), CASES, ids=[case[0] for case in CASES])
def test_an_invalid_request_is_answered_with_what_is_wrong_and_where(
    what: str, request_: dict[str, Any], status: int, code: str, path: str | None
) -> None:
    sent = {key: value for key, value in request_.items() if not (key == "json" and "content" in request_)}
    sent["headers"] = {**sent.get("headers", {}), **bearer("write")}
    answered = (
        client(body_bytes_max=1_000).post("/plain/things/1", **sent)
        if status == 413
        else client().post("/plain/things/1", **sent)
    )
    problem = answered.json()
    assert (answered.status_code, problem["code"], problem["path"]) == (status, code, path)
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == f"urn:coterie:problem:{code}"
    assert problem["title"]
    assert problem["detail"].endswith(".")


def test_all_problems_are_reported_at_once() -> None:
    answered = client().post("/plain/things/1", json={"size": "1", "z": 0}, headers=bearer("write")).json()
    assert [problem["path"] for problem in answered["problems"]] == ["name", "size", "z"]
    assert answered["problems"][2]["hint"] == "Known keys: name, size, inner."
    assert answered["path"] == "name"


def test_a_good_request_is_answered_whatever_its_encoding() -> None:
    text = '{"name": "Zoë", "inner": {"n": 18446744073709551617}}'.encode()
    encodings = {
        "identity": text,
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "zstd": zstandard.compress(text),
    }
    for encoding, content in encodings.items():
        headers = {**JSON, **bearer("write"), "Content-Encoding": encoding}
        answered = client().post("/plain/things/7?q=1", content=content, headers=headers)
        assert answered.status_code == 200, encoding
        assert (answered.json()["name"], answered.json()["q"]) == ("Zoë", "1")
        assert answered.json()["inner"] == {"n": 18446744073709551617}


@pytest.mark.parametrize("size", [1_000, 1_001])
def test_the_limit_is_exact(size: int) -> None:
    content = b'{"name": "' + b"x" * (size - 12) + b'"}'
    assert len(content) == size
    answered = client(body_bytes_max=1_000).post(
        "/plain/things/1", content=content, headers={**JSON, **bearer("write")}
    )
    assert answered.status_code == (200 if size == 1_000 else 413)


def test_a_body_of_undeclared_length_is_cut_off_at_the_limit() -> None:
    seen = 0

    def endless() -> Any:
        nonlocal seen
        for _ in range(10_000):
            seen += 1
            yield b"x" * 1_000

    answered = client(body_bytes_max=5_000).post(
        "/plain/things/1", content=endless(), headers={**JSON, **bearer("write")}
    )
    assert (answered.status_code, answered.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/plain/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/plain/things/1/", 404, "not_found"),
        ("PATCH", "/plain/things/1", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("GET", "/plain/things/abc", 404, "not_found"),
        ("GET", "/plain/things/1%00", 404, "not_found"),
    ],
)
def test_addresses_and_methods(method: str, path: str, status: int, code: str) -> None:
    answered = client().request(method, path, headers=bearer("admin"))
    assert (answered.status_code, answered.json()["code"]) == (status, code)
    assert ("Allow" in answered.headers) == (status == 405)


def test_each_dialect_renders_its_own_envelope() -> None:
    toy = client()
    assert toy.get("/toy/nothing").json() == {"toy": "not_found", "status": 404}
    assert toy.get("/toy/nothing").status_code == 418
    assert toy.get("/toyota").json()["code"] == "not_found", "a prefix ends at a slash"
    missing = toy.get("/toy/things/1")
    assert missing.json() == {"toy": "key_missing", "status": 401}
    assert missing.headers["WWW-Authenticate"], "the dialect forgot it; the edge did not"
