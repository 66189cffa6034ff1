"""Dates in a workspace outside UTC: bare dates are its own days, times of day are UTC."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.http.sendkit.harness import custom, opened, reserved


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "UTC"])
def test_a_date_property_is_a_day_of_the_workspace(tmp_path: Path, zone: str) -> None:
    with opened(tmp_path / "data", zone=zone) as world:
        world.make_property("renews_on", "date")
        assert world.make_contact("a@b.c", properties={"renews_on": "2026-03-08"})["properties"] == {
            "RENEWS_ON": "2026-03-08"
        }
        for operator, value, inside in (
            ("equals", "2026-03-08", True), ("equals", "2026-03-07", False), ("before", "2026-03-08", False),
            ("after", "2026-03-07", True),
            ("before", "2026-03-09", True), ("not_equals", "2026-03-08", False),
        ):  # fmt: skip
            saved = world.make_segment(custom("renews_on", operator, value))["id"]
            assert world.emails(saved) == (["a@b.c"] if inside else []), (operator, value)


def test_a_time_of_day_is_utc_and_a_bare_date_is_local(tmp_path: Path) -> None:
    with opened(tmp_path / "data", zone="America/New_York") as world:
        contact = world.make_contact("a@b.c")
        assert contact["created_at"] == "2026-03-03 10:00:00", "UTC, wherever the workspace is"
        for operator, value, inside in (
            ("after", "2026-03-03 10:00:00", True), ("before", "2026-03-03 10:00:01", True),
            ("before", "2026-03-03 10:00:00", False),
            ("after", "2026-03-03T05:00:00-05:00", True), ("equals", "2026-03-03", True),
        ):  # fmt: skip
            saved = world.make_segment(reserved("created_at", operator, value))["id"]
            assert world.emails(saved) == (["a@b.c"] if inside else []), (operator, value)
        world.make_property("seen_on", "date")
        late = {"properties": {"seen_on": "2026-03-03 02:00:00"}}
        assert world.ask("PUT", f"/contacts/{contact['id']}", late, status=200)["properties"] == {
            "SEEN_ON": "2026-03-02"
        }
