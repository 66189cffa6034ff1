"""The past of a segment over HTTP; merging and erasing; and explanations of what happened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http.native.api import Api

ABSENT = "0198f1f0-0000-7000-8000-000000000000"
PRO = {"property": "plan", "operator": "equals", "value": "pro"}
MINUTE = 60_000


def now(api: Api) -> str:
    return api.clock.now().iso()


def names(page: Any) -> list[str]:
    return [profile["external_id"] for profile in page["items"]]


def test_the_past_is_asked_by_instants(api: Api) -> None:
    pro = api.segment(PRO)
    start = now(api)
    api.clock.advance(MINUTE)
    api.put(external_id="ada", properties={"plan": "pro"})
    api.put(external_id="bea", properties={"plan": "pro"})
    middle = now(api)
    api.clock.advance(MINUTE)
    api.put(external_id="ada", properties={"plan": "free"})
    api.clock.advance(MINUTE)
    address = f"/segments/{pro}"
    assert names(api.ok("GET", f"{address}/members?as_of={start}")) == []
    assert names(api.ok("GET", f"{address}/members?as_of={middle}")) == ["ada", "bea"]
    first = api.ok("GET", f"{address}/members?as_of={middle}&limit=1")
    assert names(api.ok("GET", f"{address}/members?as_of={middle}&cursor={first['next']}")) == ["bea"]
    difference = api.ok("GET", f"{address}/difference?from={start}")
    assert (difference["count_from"], difference["count_to"], difference["entered"], difference["left"]) == (0, 1, 1, 0)
    assert difference["causes"] == {"facts": {"enter": 2, "exit": 1}}
    assert difference["to"] == now(api)
    assert names(api.ok("GET", f"{address}/changes?from={middle}&action=exit")) == ["ada"]
    sizes = api.ok("GET", f"{address}/sizes?from={start}&to={now(api)}&points=4")["items"]
    assert [(size["count"], size["entered"], size["left"]) for size in sizes] == [
        (0, 0, 0),
        (2, 2, 0),
        (1, 0, 1),
        (1, 0, 0),
    ]
    api.ok("DELETE", address)
    assert names(api.ok("GET", f"{address}/members?as_of={middle}")) == ["ada", "bea"]


@pytest.mark.parametrize(
    ("query", "status", "path"),
    [
        ("members?as_of=2999-01-01T00:00:00Z", 422, "as_of"),
        ("members?as_of=yesterday", 422, "as_of"),
        ("difference", 422, "from"),
        ("difference?from=2026-03-02&to=2026-03-01", 422, "from"),
        ("difference?from=2026-03-01&to=2999-01-01", 422, "to"),
        ("changes?from=2026-03-01", 422, "action"),
        ("sizes?from=2026-03-01&points=1", 422, "points"),
        ("sizes?from=2026-03-01&points=1001", 422, "points"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_path(api: Api, query: str, status: int, path: str) -> None:
    assert api.refused("GET", f"/segments/{api.segment(PRO)}/{query}")[::2] == (status, path)


def test_a_plus_sign_in_an_address_is_explained(api: Api) -> None:
    answered = api.call("GET", f"/segments/{api.segment(PRO)}/difference?from=2026-03-01T00:00:00+01:00")
    assert "%2B01:00" in answered.json()["hint"]


@pytest.mark.parametrize(
    "what",
    [
        "members?as_of=2026-01-01",
        "difference?from=2026-01-01",
        "changes?from=2026-01-01&action=enter",
        "sizes?from=2026-01-01",
    ],
)
def test_a_segment_that_never_was_is_not_found_nor_anothers(api: Api, what: str) -> None:
    assert api.refused("GET", f"/segments/{ABSENT}/{what}")[0] == 404
    pro = api.segment(PRO)
    assert api.call("GET", f"/segments/{pro}/{what}", key="stranger").status_code == 404


def test_a_merge_moves_what_happened_and_ids_resolve(api: Api) -> None:
    many = api.segment({"event": {"name": "e", "measure": "count"}, "operator": "at_least", "value": 2})
    ada, anon = api.put(external_id="ada"), api.put(email="ada@example.com")
    api.ok("POST", "/events", [{"name": "e", "profile": {"id": ada}}, {"name": "e", "profile": {"id": anon}}])
    assert api.members(many) == []
    assert api.ok("POST", "/profiles/merge", {"winner_id": ada, "loser_id": anon}) == {"id": ada}
    assert api.members(many) == ["ada"]
    assert api.moves() == [("enter", "merge", ada)]
    for path in (f"/profiles/{ada}", f"/profiles/{anon}"):
        profile = api.ok("GET", path)
        assert (profile["id"], profile["email"]) == (ada, "ada@example.com")
    assert len(api.ok("GET", f"/profiles/{anon}/events")["items"]) == 2
    assert api.refused("POST", "/profiles/merge", {"winner_id": ada, "loser_id": ABSENT})[0] == 404
    assert api.refused("POST", "/profiles/merge", {"winner_id": ada})[::2] == (422, "loser_id")


def test_a_merge_into_one_that_was_merged_is_answered_with_who_that_is_now(api: Api) -> None:
    ada, anon, third, fourth = (api.put(external_id=name) for name in ("ada", "anon", "third", "fourth"))
    api.ok("POST", "/profiles/merge", {"winner_id": ada, "loser_id": anon})
    assert api.ok("POST", "/profiles/merge", {"winner_id": anon, "loser_id": third}) == {"id": ada}
    again = [
        api.call("POST", "/profiles/merge", {"winner_id": anon, "loser_id": fourth}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [answered.json() for answered in again] == [{"id": ada}] * 2


def test_a_merge_happens_once_for_a_key(api: Api) -> None:
    ada, other = api.put(external_id="ada"), api.put(email="ada@example.com")
    body, headers = {"winner_id": ada, "loser_id": other}, {"Idempotency-Key": "merge-1"}
    first = api.call("POST", "/profiles/merge", body, headers=headers)
    again = api.call("POST", "/profiles/merge", body, headers=headers)
    assert (first.status_code, first.json(), again.json()) == (200, {"id": ada}, {"id": ada})
    assert again.headers["Idempotency-Replayed"] == "true"


def test_who_is_erased_stays_out(api: Api) -> None:
    ada, bea = api.put(external_id="ada"), api.put(external_id="bea")
    api.ok("DELETE", f"/profiles/{ada}?erase=true")
    api.ok("DELETE", f"/profiles/{bea}")
    assert api.refused("POST", "/events", {"name": "e", "profile": {"external_id": "ada"}})[:2] == (409, "suppressed")
    assert api.refused("POST", "/profiles", {"external_id": "ada"})[:2] == (409, "suppressed")
    answered = api.ok("POST", "/events", [{"name": "e", "profile": {"external_id": who}} for who in ("ada", "bea")])
    assert [item["outcome"] for item in answered["items"]] == ["refused", "stored"]
    assert answered["items"][0]["problems"][0]["code"] == "suppressed"


def test_an_anonymous_id_is_one_more_name(api: Api) -> None:
    written = api.ok("POST", "/events", {"name": "e", "profile": {"anonymous_id": "browser-1"}})
    assert [profile["id"] for profile in api.ok("GET", "/profiles?anonymous_id=browser-1")["items"]] == [
        written["profile_id"]
    ]
    api.put(external_id="ada", anonymous_id="browser-1")
    (ada,) = api.ok("GET", "/profiles?anonymous_id=browser-1")["items"]
    assert ada["external_id"] == "ada"
    assert len(api.ok("GET", f"/profiles/{ada['id']}/events")["items"]) == 1


def test_an_explanation_tells_what_counted_and_when_it_changes(api: Api) -> None:
    where = {"property": "n", "operator": "at_least", "value": 1}
    rule = {"event": {"name": "e", "measure": "count", "window": {"last": "1h"}, "where": where},
            "operator": "at_least", "value": 2}  # fmt: skip
    segment = api.segment(rule)
    begun = api.clock.now()
    for n in range(3):
        api.ok("POST", "/events", {"name": "e", "profile": {"external_id": "ada"}, "properties": {"n": n, "note": "x"}})
        api.clock.advance(MINUTE)
    (ada,) = api.ok("GET", "/profiles?external_id=ada")["items"]
    explanation = api.ok("GET", f"/segments/{segment}/explain/{ada['id']}")
    assert (explanation["member"], explanation["verdict"]["actual"], explanation["verdict"]["counted_count"]) == (
        True,
        2,
        2,
    )
    assert [counted["values"] for counted in explanation["verdict"]["counted"]] == [
        {"n": 2, "note": "x"},
        {"n": 1, "note": "x"},
    ]
    assert explanation["verdict"]["counted"][0]["name"] == "e"
    leaves_at = int(begun) + MINUTE + 60 * MINUTE
    assert explanation["changes_at"] == type(begun)(leaves_at).iso()
    assert explanation["changes_known_until"] is None
    api.clock.move_to(type(begun)(leaves_at - 1))
    assert api.members(segment) == ["ada"]
    api.clock.advance(1)
    assert api.members(segment) == []
    assert api.ok("GET", f"/segments/{segment}/explain/{ada['id']}")["changes_at"] is None
