"""Batches: valid items are stored, invalid ones reported by index, whatever the form of the
body."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest
import zstandard

from tests.unit.http.native.api import Api, opened

NDJSON = {"Content-Type": "application/x-ndjson"}


def outcomes(answered: Any) -> list[str]:
    return [item["outcome"] for item in answered["items"]]


def test_good_items_are_stored_and_bad_ones_named_by_index(api: Api) -> None:
    answered = api.ok(
        "POST",
        "/profiles/batch",
        [
            {"external_id": "a", "properties": {"n": 1}},
            {"external_id": 3},
            "not an object",
            {"external_id": "b", "properties": {"n": [1]}},
            {"external_id": "a", "properties": {"n": 2}},
            {"nobody": True},
        ],
    )
    assert outcomes(answered) == ["created", "refused", "refused", "refused", "updated", "refused"]
    assert [item["index"] for item in answered["items"]] == list(range(6))
    assert answered["counts"] == {"created": 1, "claimed": 0, "updated": 1, "unchanged": 0, "refused": 4}
    paths = [item["problems"][0]["path"] for item in answered["items"] if item["problems"]]
    assert paths == ["external_id", None, "properties.n.0", "nobody"]
    assert all(item["id"] is None for item in answered["items"] if item["outcome"] == "refused")
    assert [profile["properties"] for profile in api.ok("GET", "/profiles")["items"]] == [{"n": 2}]


def test_lines_are_a_batch_too(api: Api) -> None:
    body = (
        b'{"external_id": "a"}\r\n\n  \n{"external_id": \n'
        b'{"external_id": "c", "properties": {"n": NaN}}\n{"external_id": "d"}'
    )
    answered = api.ok("POST", "/profiles/batch", content=body, headers=NDJSON)
    assert outcomes(answered) == ["created", "refused", "refused", "created"]
    assert [item["problems"][0]["code"] for item in answered["items"] if item["problems"]] == ["malformed_json"] * 2
    assert "line 4," in answered["items"][1]["problems"][0]["detail"], "as an editor counts, empty lines too"
    assert "line 5," in answered["items"][2]["problems"][0]["detail"]


def test_an_unknown_key_is_answered_alike_in_a_batch_and_alone(api: Api) -> None:
    wrong = {"external_id": "a", "extid": 1}
    alone = api.call("POST", "/profiles", wrong).json()
    (refused,) = api.ok("POST", "/profiles/batch", [wrong])["items"]
    (problem,) = refused["problems"]
    assert problem == {name: alone[name] for name in ("code", "detail", "path", "hint")}
    assert problem["hint"].startswith("Known keys: ")


@pytest.mark.parametrize(("encoding", "encode"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_a_compressed_batch(api: Api, encoding: str, encode: Any) -> None:
    body = encode(b"\n".join(orjson.dumps({"external_id": f"p{n}", "properties": {"n": n}}) for n in range(1_000)))
    answered = api.ok("POST", "/profiles/batch", content=body, headers={**NDJSON, "Content-Encoding": encoding})
    assert answered["counts"]["created"] == 1_000
    assert api.ok("GET", "/profiles?limit=1")["total"] == 1_000


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/json"}, 422, "invalid_input"),
        (b"null", {"Content-Type": "application/json"}, 422, "invalid_input"),
        (b"[{}", {"Content-Type": "application/json"}, 400, "malformed_json"),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 400, "malformed_json"),
        (b"a,b\n1,2", {"Content-Type": "text/csv"}, 415, "unsupported_media_type"),
        (b"[]", {}, 415, "unsupported_media_type"),
        (b"{}", {**NDJSON, "Content-Encoding": "gzip"}, 400, "malformed_body"),
    ],
)
def test_a_body_without_items_is_refused_whole(
    api: Api, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    assert api.refused("POST", "/profiles/batch", content=content, headers=headers)[:2] == (status, code)


@pytest.mark.parametrize(
    ("content", "headers"), [(b"[]", {"Content-Type": "application/json"}), (b"", NDJSON), (b"\n\n", NDJSON)]
)
def test_a_batch_of_nobody_stores_nobody(api: Api, content: bytes, headers: dict[str, str]) -> None:
    answered = api.ok("POST", "/profiles/batch", content=content, headers=headers)
    assert (answered["items"], sum(answered["counts"].values())) == ([], 0)


def test_limits_of_rows_and_bytes_are_named_and_nothing_is_stored(tmp_path: Any) -> None:
    with opened(tmp_path, batch_rows_max=3, body_bytes_max=200) as api:
        four = [{"external_id": str(number)} for number in range(4)]
        assert api.refused("POST", "/profiles/batch", four) == (422, "limit_exceeded", None)
        assert "batch_rows_max" in api.call("POST", "/profiles/batch", four).json()["detail"]
        assert api.ok("GET", "/profiles")["total"] == 0
        assert api.ok("POST", "/profiles/batch", four[:3])["counts"]["created"] == 3
        packed = gzip.compress(b'{"external_id":"x"}\n' * 20)
        assert len(packed) < 200
        headers = {**NDJSON, "Content-Encoding": "gzip"}
        assert api.refused("POST", "/profiles/batch", content=packed, headers=headers)[:2] == (413, "body_too_large")


def test_every_segment_reflects_a_batch_when_it_is_answered(api: Api) -> None:
    large = api.segment({"property": "n", "operator": "at_least", "value": 5})
    api.ok("POST", "/profiles/batch", [{"external_id": str(n), "properties": {"n": n}} for n in range(10)])
    assert api.members(large) == ["5", "6", "7", "8", "9"]
    api.ok(
        "POST",
        "/profiles/batch",
        [{"external_id": "9", "properties": {"n": 0}}, {"external_id": "0", "properties": {"n": 9}}],
    )
    assert api.members(large) == ["0", "5", "6", "7", "8"]
