"""Events: one, many, by line; once for each message id; the timeline of a profile; and their
names."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from coterie.rules.values import Instant
from tests.unit.http.native.api import Api

NDJSON = {"Content-Type": "application/x-ndjson"}
ABSENT = "0198f1f0-0000-7000-8000-000000000000"
ACTIVE = {
    "event": {"name": "order_placed", "measure": "count", "window": {"last": "1d"}},
    "operator": "at_least",
    "value": 2,
}


def order(who: str = "ada", **more: Any) -> dict[str, Any]:
    return {"name": "order_placed", "profile": {"external_id": who}, **more}


def test_one_event_makes_its_profile_and_every_segment_reflects_it(api: Api) -> None:
    active = api.segment(ACTIVE)
    first = api.ok("POST", "/events", order(message_id="m-1", properties={"total": 5}))
    assert first["outcome"] == "stored"
    assert api.members(active) == []
    assert api.ok("POST", "/events", order(message_id="m-2")) == {
        "profile_id": first["profile_id"],
        "outcome": "stored",
    }
    assert api.members(active) == ["ada"]
    api.clock.advance(86_400_000)
    assert api.members(active) == []
    assert [cause for _, cause, _ in api.moves()] == ["facts", "time"]


def test_the_same_message_id_is_the_same_event(api: Api) -> None:
    written = api.ok("POST", "/events", order(message_id="m-1"))
    again = api.ok("POST", "/events", order("bea", message_id="m-1", properties={"total": 9}))
    assert again == {"profile_id": written["profile_id"], "outcome": "duplicate"}
    assert api.ok("GET", "/events")["items"][0]["count"] == 1
    assert api.ok("GET", "/profiles?external_id=bea")["items"] == []


@pytest.mark.parametrize("around", [lambda items: items, lambda items: {"events": items}], ids=["array", "object"])
def test_a_batch_stores_the_good_and_names_the_bad_by_index(api: Api, around: Any) -> None:
    items = [
        order(message_id="1"),
        {"name": "x"},
        "no object",
        order(message_id="1"),
        order(at="soon"),
        order(colour=1),
        order("bea"),
    ]
    answered = api.ok("POST", "/events", around(items))
    assert [item["outcome"] for item in answered["items"]] == [
        "stored", "refused", "refused", "duplicate", "refused", "refused", "stored",
    ]  # fmt: skip
    assert answered["counts"] == {"stored": 2, "duplicate": 1, "refused": 4}
    assert [item["problems"][0]["path"] for item in answered["items"] if item["problems"]] == [
        "profile",
        None,
        "at",
        "colour",
    ]
    assert answered["items"][5]["problems"][0]["hint"].startswith("Known keys: name, profile")


def test_lines_are_a_batch(api: Api) -> None:
    body = b"\n".join([orjson.dumps(order()), b"", b"{", orjson.dumps(order("bea"))])
    answered = api.ok("POST", "/events", content=body, headers=NDJSON)
    assert [item["outcome"] for item in answered["items"]] == ["stored", "refused", "stored"]
    assert "line 3," in answered["items"][1]["problems"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"name": "x"}, "invalid_input", "profile"),
        (order(name=""), "invalid_input", "name"),
        (order(at=5), "invalid_value", "at"),
        (order(at="2026-13-01"), "invalid_value", "at"),
        (order(at="2026-01-01", occurred_at="2026-01-01"), "invalid_input", "occurred_at"),
        (order(properties={"a": {"b": 1}}), "invalid_value", "properties.a"),
        (order(properties={"a": 2**53 + 1}), "invalid_value", "properties.a"),
        (order(message_id=""), "invalid_input", "message_id"),
        (order(colour=1), "invalid_input", "colour"),
        ({"name": "x", "profile": {}}, "invalid_input", "profile"),
        ({"name": "x", "profile": {"email": "nobody"}}, "invalid_value", "profile.email"),
        ({"name": "x", "profile": {"external_id": ""}}, "invalid_value", "profile.external_id"),
        ({"name": "x", "profile": {"anonymous_id": 5}}, "invalid_input", "profile.anonymous_id"),
        ({"events": {}}, "invalid_input", "events"),
    ],
    ids=str,
)
def test_a_wrong_event_is_refused_by_path(api: Api, body: Any, code: str, path: str) -> None:
    assert api.refused("POST", "/events", body) == (422, code, path)
    assert api.ok("GET", "/events")["items"] == []


def test_a_profile_named_by_its_id_alone_must_exist(api: Api) -> None:
    nobodys = {"name": "x", "profile": {"id": ABSENT}}
    assert api.refused("POST", "/events", nobodys) == (404, "not_found", "profile.id")
    assert api.ok("POST", "/events", [nobodys])["items"][0]["problems"][0]["path"] == "profile.id"


def test_the_timeline_is_paged_newest_first_and_by_name(api: Api) -> None:
    ada = api.put(external_id="ada")
    instants = [f"2026-03-0{day}T09:00:00Z" for day in (3, 1, 2, 2)]
    api.ok("POST", "/events", [order(at=at, properties={"n": n}) for n, at in enumerate(instants)])
    api.ok("POST", "/events", {"name": "seen", "profile": {"id": ada}, "occurred_at": "2026-03-02T10:00:00Z"})
    seen: list[tuple[str, str]] = []
    cursor = ""
    while cursor is not None:
        page = api.ok("GET", f"/profiles/{ada}/events?limit=2{cursor and f'&cursor={cursor}'}")
        seen += [(item["name"], item["at"][5:13]) for item in page["items"]]
        cursor = page["next"]
    assert seen == [
        ("order_placed", "03-03T09"), ("seen", "03-02T10"), ("order_placed", "03-02T09"), ("order_placed", "03-02T09"),
        ("order_placed", "03-01T09"),
    ]  # fmt: skip
    timeline = api.ok("GET", f"/profiles/{ada}/events?name=seen")["items"]
    assert timeline == [
        {"name": "seen", "profile_id": ada, "at": "2026-03-02T10:00:00.000Z", "message_id": None, "properties": {}}
    ]
    assert api.refused("GET", f"/profiles/{ada}/events?cursor=x")[:2] == (400, "invalid_cursor")
    assert api.refused("GET", f"/profiles/{ABSENT}/events")[:2] == (404, "not_found")


def test_what_is_known_of_a_name(api: Api) -> None:
    api.ok("POST", "/events", order(at="2026-03-01T09:00:00Z", properties={"total": 5, "note": None}))
    api.ok("POST", "/events", order(at="2026-02-01T09:00:00Z", properties={"total": "five", "seen": {"time": 0}}))
    api.ok("POST", "/events", {"name": "a/b c", "profile": {"external_id": "ada"}})
    names = api.ok("GET", "/events")["items"]
    assert [(name["name"], name["count"]) for name in names] == [("order_placed", 2), ("a/b c", 1)]
    assert (names[0]["first_at"], names[0]["last_at"]) == ("2026-02-01T09:00:00.000Z", "2026-03-01T09:00:00.000Z")
    described = api.ok("GET", "/events/order_placed")
    assert {prop["name"]: sorted(prop["kinds"]) for prop in described["properties"]} == {
        "seen": ["time"],
        "total": ["number", "text"],
    }
    assert described["properties"][0]["first_seen_at"] == Instant(api.clock.now()).iso()
    assert api.ok("GET", "/events/a%2Fb%20c")["count"] == 1
    assert api.refused("GET", "/events/absent")[:2] == (404, "not_found")


def test_an_event_to_come_counts_from_its_own_instant(api: Api) -> None:
    did = api.segment({"event": {"name": "order_placed", "measure": "any"}, "operator": "equals", "value": True})
    later = Instant(api.clock.now() + 60_000).iso()
    api.ok("POST", "/events", order(at=later))
    assert api.members(did) == []
    api.clock.advance(60_000)
    assert api.members(did) == ["ada"]
