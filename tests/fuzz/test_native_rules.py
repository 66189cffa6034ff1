"""Valid rules of every kind over HTTP: read, counted, stored and explained alike. And arbitrary
bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.exporting.cells import json_value
from coterie.rules.nodes import Rule
from coterie.rules.values import Value
from coterie.rules.write import write_rule
from tests.strategies import profiles, rules
from tests.unit.http.native.api import Api, opened

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
QUIETLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with opened(tmp_path_factory.mktemp("rules")) as api:
        yield api


@QUIETLY
@given(rule=rules(segments=()), people=st.lists(profiles(), max_size=4))
def test_every_good_rule_is_counted_saved_and_explained_alike(
    api: Api, rule: Rule, people: list[Mapping[str, Value]]
) -> None:
    for number, properties in enumerate(people):
        sent = {name: json_value(value) for name, value in properties.items()}
        api.put(external_id=str(number), properties=sent)
    document = write_rule(rule)
    previewed = api.ok("POST", "/preview", {"rule": document, "sample": 3})
    assert previewed["count"] == previewed["tree"]["count"]
    assert len(previewed["sample"]) == min(3, previewed["count"])

    segment = api.ok("POST", "/segments", {"name": "x", "rule": document})
    assert segment["member_count"] == previewed["count"]
    assert (segment["rule"], segment["sentence"]) == (document, previewed["sentence"])
    members = set(api.members(segment["id"]))
    assert {profile["external_id"] for profile in previewed["sample"]} <= members
    for profile in api.ok("GET", "/profiles?limit=5")["items"]:
        explanation = api.ok("GET", f"/segments/{segment['id']}/explain/{profile['id']}")
        assert explanation["member"] == explanation["verdict"]["holds"] == (profile["external_id"] in members)
    assert api.call("DELETE", f"/segments/{segment['id']}").status_code == 204


@QUIETLY
@given(body=JSON_VALUES, path=st.sampled_from(["/profiles", "/profiles/batch", "/segments", "/preview"]))
def test_no_json_breaks_it(api: Api, body: Any, path: str) -> None:
    assert api.call("POST", path, body if body is not None else []).status_code < 500


@QUIETLY
@given(rule=JSON_VALUES)
def test_no_json_in_the_place_of_a_rule_breaks_it(api: Api, rule: Any) -> None:
    assert api.call("POST", "/preview", {"rule": rule}).status_code in (200, 422)


@QUIETLY
@given(
    content=st.binary(max_size=200),
    media_type=st.sampled_from(["application/json", "application/x-ndjson", "text/plain"]),
    encoding=st.sampled_from(["identity", "gzip", "zstd", "deflate", "br"]),
)
def test_no_bytes_break_it(api: Api, content: bytes, media_type: str, encoding: str) -> None:
    headers = {"Content-Type": media_type, "Content-Encoding": encoding}
    assert api.call("POST", "/profiles/batch", content=content, headers=headers).status_code < 500


@QUIETLY
@given(text=st.text(max_size=30), parameter=st.sampled_from(["external_id", "email", "cursor", "limit"]))
def test_no_query_breaks_it(api: Api, text: str, parameter: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # cannot be written into an address
    assert api.call("GET", "/profiles", params={parameter: text}).status_code < 500
    assert api.call("GET", "/transitions", params={"after": text}).status_code < 500
