"""The record of a request, the headers of every answer, and the handling of our own failures."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from tests.unit.http.edge.toy import ToyServer, bearer, client

PERSONAL = "ada@example.com"


@pytest.mark.parametrize("path", ["/plain/fails/now", "/plain/fails/store", "/toy/fails/now"])
def test_our_own_failure_is_a_500_with_an_incident_and_tells_nobody_what_it_held(path: str) -> None:
    with capture_logs() as logs:
        answered = client().get(path)
    assert answered.status_code == 500
    assert PERSONAL not in answered.text
    assert PERSONAL not in json.dumps(logs)
    failure = next(line for line in logs if line["event"] == "failure")
    assert any("in fail" in frame for frame in failure["traceback"])
    if path.startswith("/plain"):
        assert answered.json()["incident"] == failure["incident"]
        assert failure["incident"] in answered.json()["hint"]


def test_a_failure_in_the_middle_of_an_answer_breaks_it_off_rather_than_ending_it_well() -> None:
    with capture_logs() as logs, pytest.raises(ValueError, match="bad value"):
        client().get("/plain/fails/midway")
    assert [line["event"] for line in logs] == ["failure", "request"]
    assert PERSONAL not in json.dumps(logs)


def lines(logs: list[Any]) -> list[dict[str, Any]]:
    return [line for line in logs if line["event"] == "request"]


def test_one_line_a_request_with_the_template_and_without_the_address() -> None:
    with capture_logs() as logs:
        headers = {**bearer("write"), "X-Request-Id": "abc-1"}
        client().post(f"/plain/things/77?q={PERSONAL}", json={"name": PERSONAL}, headers=headers)
    (line,) = lines(logs)
    assert {key: line[key] for key in ("method", "route", "status", "workspace", "key_id", "request_id")} == {
        "method": "POST",
        "route": "/plain/things/{number}",
        "status": 200,
        "workspace": "default",
        "key_id": "key-1",
        "request_id": "abc-1",
    }
    assert line["duration_ms"] >= 0
    assert PERSONAL not in json.dumps(logs)
    assert "77" not in str(line["route"])


def test_the_machinerys_questions_do_not_fill_the_log() -> None:
    with capture_logs() as logs:
        client().get("/healthz")
    assert [line["log_level"] for line in lines(logs)] == ["debug"]


def test_an_address_that_leads_nowhere_is_not_written_down() -> None:
    with capture_logs() as logs:
        client().get(f"/plain/{PERSONAL}")
    (line,) = lines(logs)
    assert (line["route"], line["status"]) == ("(unmatched)", 404)
    assert PERSONAL not in json.dumps(logs)


@pytest.mark.parametrize("sent", ["abc-1", "0198c0de-0000-7000-8000-000000000001"])
def test_the_callers_request_id_is_kept(sent: str) -> None:
    assert client().get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", "two words", "x" * 65, "<script>", PERSONAL])
def test_a_request_id_that_could_do_harm_is_replaced(sent: str) -> None:
    answered = client().get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert answered != sent
    assert len(answered) == 36


@pytest.mark.parametrize("path", ["/healthz", "/plain/nothing", "/plain/fails/now", "/docs", "/openapi.json"])
def test_every_answer_carries_the_safe_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Request-Id"]


def test_metrics_count_by_template_and_show_the_workspaces() -> None:
    toy = client(ToyServer())
    for number in range(3):
        toy.get(f"/plain/things/{number}", headers=bearer("read"))
    toy.get(f"/plain/{PERSONAL}")
    toy.request("BREW", "/plain/things/1")
    text = toy.get("/metrics").text
    assert 'coterie_http_requests_total{method="GET",route="/plain/things/{number}",status="200"} 3.0' in text
    assert 'route="(unmatched)",status="404"' in text
    assert 'method="other"' in text
    assert "BREW" not in text
    assert 'coterie_http_request_seconds_bucket{le="0.001",method="GET",route="/plain/things/{number}"}' in text
    assert 'coterie_profiles{workspace="default"} 3.0' in text
    assert PERSONAL not in text


def test_log_lines_are_json_where_nobody_is_watching(capsys: pytest.CaptureFixture[str]) -> None:
    from coterie.http.logging import configure, log

    before = structlog.get_config()
    try:
        configure("warning")
        log().info("not this")
        log().warning("this", number=1)
    finally:
        structlog.configure(**before)
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert (record["event"], record["level"], record["number"]) == ("this", "warning", 1)
    assert record["timestamp"].endswith("Z")
