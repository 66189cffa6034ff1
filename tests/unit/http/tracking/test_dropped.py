"""An error in one message drops that message alone; an error in the request refuses it whole."""

from __future__ import annotations

import gzip
import json
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from tests.unit.http.tracking.harness import World, codes, identify, opened, track

LARGE = 32 * 1024


def of_size(size: int, **more: Any) -> dict[str, Any]:
    """A track call of exactly `size` bytes."""
    message = track("u1", "large", properties={"x": ""}, **more)
    message["properties"]["x"] = "x" * (size - len(orjson.dumps(message)))
    assert len(orjson.dumps(message)) == size
    return message


def test_bad_messages_are_dropped_alone_and_named(world: World) -> None:
    dropped = world.batch(
        track("u1", messageId="1"),
        {"type": "track", "event": "nobody", "messageId": "2"},
        "not a message",
        {"userId": "u1"},
        {"type": "identity", "userId": "u1"},
        track("u1", "e", properties={"ok": 1, "bad": "\x00"}, messageId=5),
        track("u1", "x" * 300),
        identify("u1", {"plan": "pro"}),
        track("u1", timestamp="yesterday"),
    )
    assert codes(dropped) == [
        (1, "invalid_input"), (2, "invalid_input"), (3, "invalid_input"), (4, "invalid_input"), (5, "invalid_value"),
        (6, "limit_exceeded"), (8, "invalid_value"),
    ]  # fmt: skip
    assert [message.get("messageId") for message in dropped] == ["2", None, None, None, "5", None, None]
    assert dropped[0]["message"] == "A call needs a userId or an anonymousId. (at userId)"
    assert "(at event)" in dropped[5]["message"]
    assert world.names("u1") == ["e"]
    assert world.person("u1").properties == {"plan": "pro"}


def test_dropped_messages_are_counted_and_logged_without_contents(world: World) -> None:
    with capture_logs() as lines:
        world.batch(track("u1", messageId="1"), {"type": "track", "event": "secret"}, {"type": "strange"}, {"type": []})
        world.batch(track("u1", messageId="1"), identify("u1"))
    assert world.counted() == {
        ("track", "stored"): 1, ("track", "duplicate"): 1, ("track", "dropped"): 1, ("unknown", "dropped"): 2,
        ("identify", "stored"): 1,
    }  # fmt: skip
    (line,) = [line for line in lines if line["event"] == "tracking_dropped"]
    assert line["codes"] == {"invalid_input": 3}
    assert line["kinds"] == {"track": 1, "unknown": 2}
    assert line["workspace"] == "default"
    assert "secret" not in str(line)


def test_an_event_of_32_kb_is_stored_and_one_more_byte_is_dropped(world: World) -> None:
    dropped = world.batch(of_size(LARGE), of_size(LARGE + 1, messageId="big"), track("u1", "small"))
    assert [(message["index"], message["code"], message["messageId"]) for message in dropped] == [
        (1, "event_too_large", "big")
    ]
    assert "tracking_event_bytes_max" in dropped[0]["message"]
    assert sorted(world.names("u1")) == ["large", "small"]


def test_spaces_and_escapes_do_not_make_an_event_larger(world: World) -> None:
    """Trackers measure with spaces and \\u escapes; our size is never larger than theirs."""
    message = track("u1", "e", properties={"x": "é" * 12_000})
    body = json.dumps({"batch": [message]}).encode()
    assert len(body) > 2 * LARGE
    assert world.ask("batch", body) == {"success": True}


def test_keys_of_the_request_do_not_count(world: World) -> None:
    assert world.batch(of_size(LARGE) | {"sentAt": "2026-03-03T10:00:00.250Z"}) == []


@pytest.mark.parametrize(
    ("call", "body", "code"),
    [
        ("track", {"userId": "u1"}, "invalid_input"),
        ("identify", {"traits": {}}, "invalid_input"),
        ("track", of_size(LARGE + 1), "event_too_large"),
        ("identify", {"userId": "u1", "traits": {"x": "\x00"}}, "invalid_value"),
        ("batch", [], "invalid_input"),
        ("batch", {}, "invalid_input"),
        ("batch", {"batch": {}}, "invalid_input"),
        ("batch", {"batch": [], "sentAt": "now"}, "invalid_value"),
        ("batch", {"batch": [], "context": "x"}, "invalid_input"),
        ("batch", {"batch": [{}] * 2_501}, "limit_exceeded"),
        ("batch", b"{", "malformed_json"),
        ("batch", b"\xff", "malformed_json"),
        ("batch", b"", "malformed_json"),
        ("track", b'{"a":' * 2000 + b"1" + b"}" * 2000, "malformed_json"),
    ],
)
def test_a_wrong_request_is_400_and_stores_nothing(world: World, call: str, body: Any, code: str) -> None:
    answer = world.ask(call, body, status=400)
    assert answer["success"] is False
    assert answer["code"] == code
    assert answer["message"]
    assert world.workspace.profiles.list().total == 0


NOT_JSON = [
    (float("nan"), "properties.x.0.y"),
    (float("-inf"), "properties.x.0.y"),
    ("half \ud83d", "properties.x.0.y"),
    ({"\udc00": 1}, "properties.x.0.y"),
]


@pytest.mark.parametrize(("value", "path"), NOT_JSON, ids=ascii)
def test_a_value_that_json_does_not_have_drops_its_message_alone(world: World, value: Any, path: str) -> None:
    bad = track("u1", "bad", properties={"x": [{"y": value}]}, messageId="2")
    batch = {"batch": [track("u1", "first", messageId="1"), bad, track("u1", "last", messageId="3")]}
    body = json.dumps(batch).encode()
    answer = world.ask("batch", body)
    assert [(message["index"], message["code"], message["messageId"]) for message in answer["dropped"]] == [
        (1, "invalid_value", "2")
    ]
    assert f"(at {path})" in answer["dropped"][0]["message"]
    assert sorted(world.names("u1")) == ["first", "last"]
    assert world.ask("batch", body) == answer, "sent again it is known"
    assert world.counted()["track", "dropped"] == 2
    bad["properties"] = {"x": None}
    assert world.ask("batch", json.dumps(batch).encode()) == {"success": True}, "put right it is another batch"
    assert sorted(world.names("u1")) == ["bad", "first", "last"]
    single = world.ask("track", json.dumps(track("u1", properties={"x": [{"y": value}]})).encode(), status=400)
    assert single["code"] == "invalid_value"
    assert f"(at {path})" in single["message"]


def test_a_number_past_every_double_is_text_if_whole_and_dropped_otherwise(world: World) -> None:
    body = b"""{"batch":[{"type":"track","userId":"u1","event":"e","properties":{"long":1%s,"longer":[1%s]}},
        {"type":"track","userId":"u1","event":"f","properties":{"x":1e400}}]}"""
    assert codes(world.ask("batch", body % (b"0" * 400, b"0" * 5_000))["dropped"]) == [(1, "invalid_value")]
    (event,) = world.events("u1")
    assert event.properties == {"long": "1" + "0" * 400, "longer": ("1" + "0" * 5_000,)}


def test_unreadable_ids_and_types_are_left_out_of_the_answer(world: World) -> None:
    bad = [{"type": "\ud800", "messageId": "\ud800"}, float("nan"), {"type": "track", "deep": [[float("nan")]] * 2}]
    answer = world.ask("batch", json.dumps({"batch": [*bad, track("u1")]}).encode())
    assert codes(answer["dropped"]) == [(0, "invalid_value"), (1, "invalid_value"), (2, "invalid_value")]
    assert world.names("u1") == ["e"]


def test_a_deep_and_unreadable_message_is_dropped_as_deep(world: World) -> None:
    deep = b'{"type":"track","userId":"u1","event":"e","properties":' + b'{"a":' * 300 + b"NaN" + b"}" * 301
    assert codes(world.ask("batch", b'{"batch":[' + deep + b"]}")["dropped"]) == [(0, "limit_exceeded")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch":[{"x":NaN}',
        b'{"batch":[{"x":NaN,}]}',
        b'{"batch":[{"x":nan}]}',
        b'{"batch":[{"x":"\xff\\ud800"}]}',
        b'\xef\xbb\xbf{"batch":[{"x":NaN}]}',
        b'{"batch":[],"context":{"x":NaN}}',
        b'{"batch":[],"sentAt":"\\ud800"}',
        b'{"batch":[],"x":' + b"[" * 2_000 + b"NaN" + b"]" * 2_000 + b"}",
    ],
)
def test_broken_json_is_refused_whole(world: World, body: bytes) -> None:
    assert world.ask("batch", body, status=400)["code"] == "malformed_json"


@pytest.mark.parametrize("levels", [66, 200, 300, 900, 1000])
def test_a_message_nested_too_deep_is_dropped_alone(world: World, levels: int) -> None:
    deep = (
        b'{"type":"track","userId":"u1","event":"e","messageId":"1","properties":'
        + b'{"a":' * levels
        + b"1"
        + b"}" * levels
        + b"}"
    )
    answer = world.ask(
        "batch", b'{"batch":[' + deep + b',{"type":"track","userId":"u1","event":"ok","messageId":"2"}]}'
    )
    assert codes(answer["dropped"]) == [(0, "limit_exceeded")]
    assert world.names("u1") == ["ok"]


def body_of(size: int) -> bytes:
    """A batch padded with spaces to exactly `size` bytes."""
    start = b'{"batch":[{"type":"track","userId":"u1","event":"e"}]'
    return start + b" " * (size - len(start) - 1) + b"}"


@pytest.mark.parametrize("packed", [False, True])
def test_500_kb_are_accepted_and_one_more_byte_is_400(world: World, packed: bool) -> None:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    for size, status in ((500 * 1024, 200), (500 * 1024 + 1, 400)):
        body = body_of(size)
        answer = world.ask("batch", gzip.compress(body) if packed else body, status=status, headers=headers)
        if status == 400:
            assert answer["code"] == "body_too_large"
            assert "tracking_body_bytes_max" in answer["message"]
    assert world.names("u1") == ["e"]


def test_the_limits_are_settings(tmp_path: Any) -> None:
    with opened(
        tmp_path / "data", tracking_body_bytes_max=2**20, tracking_event_bytes_max=300, tracking_batch_max=2
    ) as world:
        assert world.ask("batch", body_of(2**20)) == {"success": True}
        assert codes(world.batch(of_size(300), of_size(301))) == [(1, "event_too_large")]
        assert world.ask("batch", {"batch": [track("u1")] * 3}, status=400)["code"] == "limit_exceeded"


def test_damaged_gzip_is_400(world: World) -> None:
    assert world.ask("batch", b"not gzip", status=400, headers={"Content-Encoding": "gzip"})["code"] == "malformed_body"
    assert world.ask("batch", b"{}", status=400, headers={"Content-Encoding": "br"})["code"] == "unsupported_encoding"


def test_the_body_is_json_whatever_its_media_type(world: World) -> None:
    body = orjson.dumps(track("u1"))
    for media_type in ("text/plain;charset=UTF-8", "application/json; charset=utf-8", ""):
        assert world.ask("track", body, headers={"Content-Type": media_type}) == {"success": True}
