"""Preview, explain, transitions, and the language as data."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.rules.operators import OPERATORS
from tests.unit.http.counting import count_readings
from tests.unit.http.native.api import ABSENT, DAY, Api

PRO = {"property": "plan", "operator": "equals", "value": "pro"}
LARGE = {"property": "mrr", "operator": "at_least", "value": 100}


@pytest.fixture
def people(api: Api) -> dict[str, str]:
    made = {
        "ada": {"plan": "pro", "mrr": 120},
        "bea": {"plan": "pro", "mrr": 20},
        "cyd": {"plan": "free", "mrr": 500},
        "dot": {},
    }
    return {name: api.put(external_id=name, properties=properties) for name, properties in made.items()}


def test_a_preview_reads_its_rule_once(api: Api, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_readings(monkeypatch)
    api.ok("POST", "/preview", {"rule": {"property": "plan", "operator": "equals", "value": "pro"}})
    assert counts == {"read_rule": 1, "write_rule": 1}


def test_a_preview_counts_every_node_on_its_own(api: Api, people: dict[str, str]) -> None:
    rule = {"all": [PRO, {"not": LARGE}]}
    preview = api.ok("POST", "/preview", {"rule": rule, "sample": 1}, key="reader")
    assert (preview["count"], preview["total"], preview["as_of"]) == (1, 4, "2026-03-25T14:30:00.000Z")
    assert [profile["external_id"] for profile in preview["sample"]] == ["bea"]
    tree = preview["tree"]
    assert (tree["path"], tree["count"]) == ("", 1)
    assert [(child["path"], child["count"]) for child in tree["children"]] == [("all.0", 2), ("all.1", 2)]
    assert [(child["path"], child["count"]) for child in tree["children"][1]["children"]] == [("all.1.not", 2)]
    assert preview["sentence"] == tree["sentence"]
    assert (preview["warnings"], preview["comparison"]) == ([], None)
    assert api.ok("GET", "/segments")["total"] == 0, "a preview saves nothing"
    assert api.moves() == []


def test_a_preview_warns_of_a_property_nobody_has_and_still_counts(api: Api, people: dict[str, str]) -> None:
    preview = api.ok("POST", "/preview", {"rule": {"any": [PRO, {"property": "plam", "operator": "is_set"}]}})
    assert preview["count"] == 2
    (warning,) = preview["warnings"]
    assert warning["path"].startswith("rule.any.1")
    assert "plam" in warning["detail"]


def test_a_preview_says_what_saving_it_would_do(api: Api, people: dict[str, str]) -> None:
    saved = api.segment(PRO)
    compared = api.ok("POST", "/preview", {"rule": LARGE, "compare_to": saved})["comparison"]
    assert compared == {"segment_id": saved, "enter": 1, "leave": 1, "stay": 1}
    assert api.members(saved) == ["ada", "bea"], "nothing was done"
    assert api.refused("POST", "/preview", {"rule": LARGE, "compare_to": ABSENT})[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({}, "invalid_input", "rule"),
        ({"rule": {}}, "invalid_rule", "rule"),
        ({"rule": PRO, "sample": -1}, "invalid_input", "sample"),
        ({"rule": PRO, "sample": 101}, "invalid_input", "sample"),
        ({"rule": PRO, "sample": True}, "invalid_input", "sample"),
        ({"rule": PRO, "compare_to": "x"}, "invalid_input", "compare_to"),
        ({"rule": {"segment": ABSENT}}, "invalid_rule", "rule.segment"),
        (
            {"rule": {"all": [PRO, {"conversation": {"measure": "mean"}, "operator": "at_least", "value": 1}]}},
            "invalid_rule", "rule.all.1.conversation",
        ),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_a_bad_preview_is_refused_and_never_counted(api: Api, body: Any, code: str, path: str) -> None:
    status, reported, where = api.refused("POST", "/preview", body)
    assert (status, reported) == (422, code)
    assert (where or "").startswith(path), where


def test_explain_shows_every_condition_with_the_value_it_saw(api: Api, people: dict[str, str]) -> None:
    segment_id = api.segment({"all": [PRO, LARGE]})
    explanation = api.ok("GET", f"/segments/{segment_id}/explain/{people['bea']}")
    assert (explanation["member"], explanation["since"], explanation["as_of"]) == (
        False,
        None,
        "2026-03-25T14:30:00.000Z",
    )
    seen = [(child["path"], child["holds"], child["actual"]) for child in explanation["verdict"]["children"]]
    assert seen == [("all.0", True, "pro"), ("all.1", False, 20)]
    assert explanation["verdict"]["actual"] is None

    nobody = api.ok("GET", f"/segments/{segment_id}/explain/{people['dot']}")
    assert [child["actual"] for child in nobody["verdict"]["children"]] == [None, None]

    api.clock.advance(DAY)
    api.put(external_id="bea", properties={"mrr": 200})
    explanation = api.ok("GET", f"/segments/{segment_id}/explain/{people['bea']}")
    assert (explanation["member"], explanation["since"]) == (True, "2026-03-26T14:30:00.000Z")


def test_explain_of_a_static_segment_has_no_verdict(api: Api, people: dict[str, str]) -> None:
    chosen = api.segment()
    explanation = api.ok("GET", f"/segments/{chosen}/explain/{people['ada']}")
    assert (explanation["member"], explanation["verdict"]) == (False, None)


def test_explain_of_nobody_or_nothing_is_not_found(api: Api, people: dict[str, str]) -> None:
    segment_id = api.segment(PRO)
    for address in (
        f"/segments/{ABSENT}/explain/{people['ada']}",
        f"/segments/{segment_id}/explain/{ABSENT}",
        f"/segments/{segment_id}/explain/ada",
    ):
        assert api.refused("GET", address)[:2] == (404, "not_found")


def test_the_feed_is_gap_free_and_read_from_where_one_stopped(api: Api, people: dict[str, str]) -> None:
    pro, large = api.segment(PRO), api.segment(LARGE)
    api.put(external_id="ada", properties={"plan": "free", "mrr": 1})
    api.call("DELETE", f"/profiles/{people['cyd']}")

    seen: list[dict[str, Any]] = []
    after = 0
    while True:
        page = api.ok("GET", f"/transitions?limit=2&after={after}")
        seen += page["items"]
        if page["next"] is None:
            break
        after = page["next"]
    assert [item["sequence"] for item in seen] == list(range(1, len(seen) + 1))
    causes = [(item["action"], item["cause"]) for item in seen]
    assert causes == [("enter", "definition")] * 4 + [("exit", "facts")] * 2 + [("exit", "profile_deleted")]
    assert seen[-1]["profile_id"] is None
    assert {item["segment_id"] for item in seen} == {pro, large}
    assert api.ok("GET", f"/transitions?after={after}") == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "sequences"),
    [
        ("", [1, 2, 3, 4, 5, 6]), ("limit=2", [1, 2]), ("after=4", [5, 6]), ("after=6", []),
        ("segment={pro}", [1, 2, 6]), ("segment={paying}", [3, 4, 5]), ("profile={cyd}", [5]), ("profile={dot}", []),
        ("action=enter", [1, 2, 3, 4, 5]), ("action=exit", [6]), ("cause=facts", [6]), ("cause=time", []),
        ("cause=definition", [1, 2, 3, 4, 5]), ("segment={pro}&profile={ada}", [1, 6]),
        ("segment={pro}&profile={ada}&action=exit", [6]),
        ("after=4&cause=definition", [5]),
    ],
)  # fmt: skip
def test_the_feed_is_filtered(api: Api, people: dict[str, str], query: str, sequences: list[int]) -> None:
    ids = {**people, "pro": api.segment(PRO), "paying": api.segment({"property": "mrr", "operator": "is_set"})}
    api.put(external_id="ada", properties={"plan": "free"})
    items = api.ok("GET", f"/transitions?{query.format(**ids)}")["items"]
    assert [item["sequence"] for item in items] == sequences


def test_a_reader_ahead_of_the_log_is_refused(api: Api) -> None:
    for beyond in (1, 2**53):
        assert api.refused("GET", f"/transitions?after={beyond}") == (422, "invalid_input", "after")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("after=-1", "after"), ("after=x", "after"), ("after=9007199254740993", "after"),
        ("segment=x", "segment"), ("profile=x", "profile"),
        ("action=left", "action"), ("cause=why", "cause"), ("since=1", "since"),
    ],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_refused(api: Api, query: str, path: str) -> None:
    assert api.refused("GET", f"/transitions?{query}") == (422, "invalid_input", path)


def test_the_operators_are_those_that_are_declared(api: Api) -> None:
    operators = {item["name"]: item for item in api.ok("GET", "/operators", key="reader")["items"]}
    assert list(operators) == list(OPERATORS)
    for name, operator in OPERATORS.items():
        assert set(operators[name]["kinds"]) == {kind.value for kind in operator.kinds}
        assert operators[name]["takes"] == operator.takes.name
        assert len(operators[name]["examples"]) == len(operator.examples)


def test_the_schema_of_rules_is_served_as_it_is(api: Api) -> None:
    from coterie.rules.schema import rule_schema

    assert api.ok("GET", "/rule-schema", key="reader") == rule_schema()
