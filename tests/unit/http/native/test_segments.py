"""Segments: made, listed, changed, deleted; and their members."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from tests.unit.http.counting import count_readings
from tests.unit.http.native.api import ABSENT, Api, opened

PRO = {"property": "plan", "operator": "equals", "value": "pro"}
FREE = {"property": "plan", "operator": "equals", "value": "free"}


def test_a_segment_is_created_returned_changed_and_deleted(api: Api) -> None:
    api.put(external_id="a", properties={"plan": "pro"})
    api.put(external_id="b", properties={"plan": "free"})
    made = api.call("POST", "/segments", {"name": "Paying", "rule": PRO, "description": "Who pays"})
    segment = made.json()
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/segments/{segment['id']}")
    assert segment == {
        "id": segment["id"],
        "name": "Paying",
        "kind": "dynamic",
        "description": "Who pays",
        "rule": PRO,
        "sentence": segment["sentence"],
        "origin": None,
        "version": 1,
        "member_count": 1,
        "created_at": "2026-03-25T14:30:00.000Z",
        "updated_at": "2026-03-25T14:30:00.000Z",
    }
    assert "plan" in segment["sentence"]
    assert api.ok("GET", f"/segments/{segment['id']}") == segment
    assert api.members(segment["id"]) == ["a"]

    renamed = api.ok("PATCH", f"/segments/{segment['id']}", {"name": "Payers"})
    assert (renamed["name"], renamed["rule"], renamed["version"], renamed["description"]) == (
        "Payers",
        PRO,
        1,
        "Who pays",
    )
    assert len(api.moves()) == 1, "a new name moves nobody"

    turned = api.ok("PATCH", f"/segments/{segment['id']}", {"rule": FREE, "description": None})
    assert (turned["version"], turned["member_count"], turned["description"]) == (2, 1, None)
    assert api.members(segment["id"]) == ["b"]
    assert sorted(move[:2] for move in api.moves(after=1)) == [("enter", "definition"), ("exit", "definition")]

    assert api.call("DELETE", f"/segments/{segment['id']}").status_code == 204
    for method in ("GET", "DELETE"):
        assert api.refused(method, f"/segments/{segment['id']}")[:2] == (404, "not_found")
    assert api.refused("PATCH", f"/segments/{segment['id']}", {"name": "x"})[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        ({"name": "x"}, 422, "invalid_input", "rule"),
        ({"name": "x", "rule": None}, 422, "invalid_input", "rule"),
        ({"name": "x", "kind": "static", "rule": PRO}, 422, "invalid_input", "rule"),
        ({"name": "x", "kind": "system", "rule": PRO}, 422, "invalid_input", "kind"),
        ({"rule": PRO}, 422, "invalid_input", "name"),
        ({"name": "", "rule": PRO}, 422, "invalid_input", "name"),
        ({"name": "x" * 256, "rule": PRO}, 422, "limit_exceeded", "name"),
        ({"name": "x", "rule": PRO, "filters": {}}, 422, "invalid_input", "filters"),
        ({"name": "x", "rule": []}, 422, "invalid_rule", "rule"),
        ({"name": "x", "rule": {}}, 422, "invalid_rule", "rule"),
        ({"name": "x", "rule": {"all": []}}, 422, "invalid_rule", "rule.all"),
        (
            {"name": "x", "rule": {"all": [PRO, {**PRO, "operator": "equal"}]}},
            422, "invalid_rule", "rule.all.1.operator",
        ),
        ({"name": "x", "rule": {**PRO, "value": None}}, 422, "invalid_rule", "rule.value"),
        ({"name": "x", "rule": {**PRO, "operator": "matches", "value": "("}}, 422, "invalid_rule", "rule.value"),
        ({"name": "x", "rule": {**PRO, "operator": "matches", "value": "(?=a)"}}, 422, "invalid_rule", "rule.value"),
        ({"name": "x", "rule": {**PRO, "colour": 1}}, 422, "invalid_rule", "rule.colour"),
        ({"name": "x", "rule": {"segment": ABSENT}}, 422, "invalid_rule", "rule.segment"),
        (
            {"name": "x", "rule": {"event": {"name": "e", "measure": "counts"}, "operator": "at_least", "value": 1}},
            422, "invalid_rule", "rule.event.measure",
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_bad_segment_is_refused_with_its_place_and_nothing_is_stored(
    api: Api, body: Any, status: int, code: str, path: str
) -> None:
    refused = api.refused("POST", "/segments", body)
    assert refused[0] == status
    assert refused[2] is not None
    assert refused[2].startswith(path), refused
    assert refused[1] == code or code == "limit_exceeded"
    assert api.ok("GET", "/segments")["total"] == 0


def test_a_rule_ten_thousand_deep_is_refused(api: Api) -> None:
    for depth, depth_status in ((33, 422), (900, 422), (10_000, 400)):
        rule = b'{"not":' * depth + orjson.dumps(PRO) + b"}" * depth
        body = b'{"name": "deep", "rule": ' + rule + b"}"
        answered = api.call("POST", "/segments", content=body, headers={"Content-Type": "application/json"})
        assert answered.status_code == depth_status, (depth, answered.text)
        assert len(answered.content) < 20_000
    assert api.ok("GET", "/segments")["total"] == 0


def test_a_segment_in_use_is_not_deleted_and_names_its_users(api: Api) -> None:
    inner = api.segment(PRO, "Inner")
    outer = api.segment({"not": {"segment": inner}}, "Outer")
    answered = api.call("DELETE", f"/segments/{inner}")
    assert (answered.status_code, answered.json()["code"]) == (409, "segment_in_use")
    assert answered.json()["users"] == [{"id": outer, "name": "Outer"}]
    assert api.refused("PATCH", f"/segments/{inner}", {"rule": {"segment": outer}})[:2] == (422, "invalid_rule")
    assert api.ok("GET", f"/segments/{inner}")["rule"] == PRO
    assert "Inner" in api.ok("GET", f"/segments/{outer}")["sentence"]


def test_segments_are_listed_oldest_first_in_pages_and_by_kind(api: Api) -> None:
    ids = [api.segment(PRO, "a"), api.segment(None, "b"), api.segment(FREE, "c")]
    first = api.ok("GET", "/segments?limit=2")
    assert ([item["id"] for item in first["items"]], first["total"]) == (ids[:2], 3)
    second = api.ok("GET", f"/segments?limit=2&cursor={first['next']}")
    assert ([item["id"] for item in second["items"]], second["next"]) == (ids[2:], None)
    static = api.ok("GET", "/segments?kind=static")
    assert ([item["name"] for item in static["items"]], static["total"]) == (["b"], 1)
    assert static["items"][0]["rule"] is None
    assert static["items"][0]["sentence"] is None
    assert api.refused("GET", "/segments?kind=other") == (422, "invalid_input", "kind")
    assert api.refused("GET", "/segments?cursor=other") == (400, "invalid_cursor", "cursor")


def test_deletions_while_paging_segments_pass_over_none(api: Api) -> None:
    ids = [api.segment(None, f"s{number}") if number % 3 else api.segment(PRO, f"s{number}") for number in range(8)]
    for query, expected in (("", [0, 1, 2, 4, 5, 6, 7]), ("&kind=static", [2, 4, 5, 7])):
        page = api.ok("GET", f"/segments?limit=2{query}")
        seen = [segment["id"] for segment in page["items"]]
        if not query:
            api.ok("DELETE", f"/segments/{ids[1]}")  # the very one the cursor names
            api.ok("DELETE", f"/segments/{ids[3]}")  # one to come
        while page["next"]:
            page = api.ok("GET", f"/segments?limit=2{query}&cursor={page['next']}")
            seen += [segment["id"] for segment in page["items"]]
        assert seen == [ids[number] for number in expected]
        assert page["total"] == len(expected) - (not query), "those there are now"


# --- members --------------------------------------------------------------------------------------


def test_members_of_a_static_segment_are_added_and_removed_by_hand(api: Api) -> None:
    ids = [api.put(external_id=name) for name in "abc"]
    chosen = api.segment()
    assert api.ok("POST", f"/segments/{chosen}/members/add", {"profile_ids": ids[:2]}) == {"added": 2}
    assert api.ok("POST", f"/segments/{chosen}/members/add", {"profile_ids": ids[1:]}) == {"added": 1}
    assert api.ok("POST", f"/segments/{chosen}/members/remove", {"profile_ids": ids[:1]}) == {"removed": 1}
    assert api.ok("POST", f"/segments/{chosen}/members/remove", {"profile_ids": ids[:1]}) == {"removed": 0}
    assert api.members(chosen) == ["b", "c"]
    assert [move[0] for move in api.moves()] == ["enter", "enter", "enter", "exit"]


@pytest.mark.parametrize("how", ["add", "remove"])
def test_members_are_changed_all_or_none(api: Api, how: str) -> None:
    ada = api.put(external_id="a")
    chosen, ruled = api.segment(), api.segment(PRO)
    for body, path in (
        ({}, "profile_ids"),
        ({"profile_ids": []}, "profile_ids"),
        ({"profile_ids": ["x"]}, "profile_ids.0"),
    ):
        assert api.refused("POST", f"/segments/{chosen}/members/{how}", body) == (422, "invalid_input", path)
    assert api.refused("POST", f"/segments/{ruled}/members/{how}", {"profile_ids": [ada]})[0] == 422
    assert api.refused("POST", f"/segments/{ABSENT}/members/{how}", {"profile_ids": [ada]})[0] == 404
    if how == "add":
        assert api.refused("POST", f"/segments/{chosen}/members/add", {"profile_ids": [ada, ABSENT]})[0] in (404, 422)
    assert api.members(chosen) == []
    assert api.moves() == []


def test_the_number_of_ids_in_one_request_is_bounded(tmp_path: Any) -> None:
    with opened(tmp_path, batch_rows_max=2) as api:
        chosen = api.segment()
        body = {"profile_ids": [ABSENT] * 3}
        assert api.refused("POST", f"/segments/{chosen}/members/add", body) == (422, "limit_exceeded", "profile_ids")


def test_members_are_paged_by_cursor_and_a_page_stays_right_while_they_move(api: Api) -> None:
    for number in range(6):
        api.put(external_id=str(number), properties={"plan": "pro"})
    pro = api.segment(PRO)
    first = api.ok("GET", f"/segments/{pro}/members?limit=2")
    assert ([member["external_id"] for member in first["items"]], first["total"]) == (["0", "1"], 6)
    api.put(external_id="0", properties={"plan": "free"})
    rest = api.ok("GET", f"/segments/{pro}/members?limit=10&cursor={first['next']}")
    assert ([member["external_id"] for member in rest["items"]], rest["next"]) == (["2", "3", "4", "5"], None)


@pytest.mark.parametrize(
    "cursor", ["", "rubbish", "after-", "after--1", "after-99999999999999999999", "after-000000000000099999999999"]
)
def test_a_cursor_of_members_that_is_not_ours_is_refused(api: Api, cursor: str) -> None:
    pro = api.segment(PRO)
    assert api.refused("GET", f"/segments/{pro}/members?cursor={cursor}") == (400, "invalid_cursor", "cursor")


def test_members_are_exported_in_every_format_with_the_same_people(api: Api) -> None:
    for number in range(3):
        api.put(external_id=str(number), properties={"plan": "pro", "n": number, "note": '=1+1, "quoted"\nline'})
    api.put(external_id="free", properties={"plan": "free"})
    pro = api.segment(PRO)
    address = f"/segments/{pro}/members/export"

    table = api.call("GET", address)
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.headers["Content-Disposition"] == f'attachment; filename="members-{pro}.csv"'
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert [(row["external_id"], row["n"], row["note"]) for row in rows] == [
        (str(number), str(number), '=1+1, "quoted"\nline') for number in range(3)
    ]

    lines = api.call("GET", f"{address}?format=ndjson")
    assert lines.headers["Content-Type"] == "application/x-ndjson"
    assert [orjson.loads(line)["external_id"] for line in lines.text.splitlines()] == ["0", "1", "2"]

    parquet = pq.read_table(io.BytesIO(api.call("GET", f"{address}?format=parquet").content))
    assert parquet.column("external_id").to_pylist() == ["0", "1", "2"]
    assert parquet.column("n").to_pylist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_an_export_of_nobody_is_an_empty_file_and_not_a_failure(api: Api, format_: str) -> None:
    nobody = api.segment(PRO)
    assert api.call("GET", f"/segments/{nobody}/members/export?format={format_}").status_code == 200


def test_an_export_of_nothing_is_refused_before_it_begins(api: Api) -> None:
    assert api.refused("GET", f"/segments/{ABSENT}/members/export")[:2] == (404, "not_found")
    assert api.refused("GET", f"/segments/{ABSENT}/members/export?format=xlsx") == (422, "invalid_input", "format")


def test_a_rule_is_read_once_and_written_once_in_a_request(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_readings(monkeypatch)
    segment = api.ok("POST", "/segments", {"name": "Paying", "rule": {"all": [PRO, {"not": FREE}]}})
    assert counts == {"read_rule": 1, "write_rule": 1}
    counts.clear()
    assert api.ok("PATCH", f"/segments/{segment['id']}", {"rule": FREE})["rule"] == FREE
    assert counts == {"read_rule": 1, "write_rule": 1}
    counts.clear()
    assert api.ok("GET", f"/segments/{segment['id']}")["rule"] == FREE
    assert counts == {}
