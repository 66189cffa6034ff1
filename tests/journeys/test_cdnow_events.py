"""69,659 real purchases, imported by `coterie import events`, and counted by rules and by DuckDB.

They are imported at New Year 1998: half of them are in the future, and each counts from its own day
on. Then only the clock moves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import coterie
from coterie.cli import app
from coterie.clock import ManualClock
from coterie.model import Cause
from coterie.rules.values import Instant
from tests.journeys.test_cdnow import Analyst, members, purchase_file

NEW_YEAR = Instant.of(datetime(1998, 1, 1, tzinfo=UTC))
LATER = [
    datetime(1998, 2, 14, 12, tzinfo=UTC),
    datetime(1998, 4, 1, tzinfo=UTC),
    datetime(1998, 7, 1, 9, 30, tzinfo=UTC),
]

BEFORE_1998 = {"from": "1997-10-03", "to": "1997-12-31"}
LAST_90_DAYS = {"last": "90d"}


def orders(measure: str, operator: str, value: object, **more: object) -> dict[str, object]:
    return {"event": {"name": "order_placed", "measure": measure, **more}, "operator": operator, "value": value}


def discs(operator: str, value: int) -> dict[str, object]:
    return {"property": "discs", "operator": operator, "value": value}


RULES: dict[str, object] = {
    "three orders and over 100 in the 90 days before 1998": {
        "all": [
            orders("count", "at_least", 3, window=BEFORE_1998),
            orders("sum", "greater_than", 100, of="total", window=BEFORE_1998),
        ]
    },
    "three orders in the 90 days before 1998, over 100 ever": {
        "all": [orders("count", "at_least", 3, window=BEFORE_1998), orders("sum", "greater_than", 100, of="total")]
    },
    "three orders in the last 90 days": {
        "all": [
            orders("count", "at_least", 3, window=LAST_90_DAYS),
            orders("sum", "greater_than", 100, of="total", window=LAST_90_DAYS),
        ]
    },
    "bought, but not in the last 120 days": {
        "all": [orders("any", "equals", True), {"not": orders("any", "equals", True, window={"last": "120d"})}]
    },
    "several large orders": {
        "all": [
            orders("count", "at_least", 4, where=discs("at_least", 3)),
            orders("mean", "at_least", 60, of="total", where=discs("at_least", 3)),
        ]
    },
    "a large order within 30 days of a small one": {
        "sequence": [
            {"event": {"name": "order_placed", "where": discs("equals", 1)}},
            {"event": {"name": "order_placed", "where": discs("at_least", 5)}, "within": "30d"},
        ]
    },
}


def bring_in(data: Path) -> dict[str, object]:
    """`coterie import events` on the published file; its report."""
    words = [
        "import", "events", str(purchase_file()), "--format", "csv", "--delimiter", "blanks", "--name", "order_placed",
        "--map", "customer_id=external_id", "--map", "date=at", "--at-format", "%Y%m%d",
        "--map", "number_of_cds=discs", "--map", "dollar_value=total", "--data", str(data), "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    report: dict[str, object] = json.loads(result.stdout)
    return report


@pytest.fixture(scope="module")
def analyst() -> Analyst:
    return Analyst(purchase_file(), "cdnow_events.sql")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory in which it is New Year 1998, and the file has just been imported."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("coterie.server.SystemClock", lambda: ManualClock(NEW_YEAR))
        directory = tmp_path_factory.mktemp("cdnow-events") / "data"
        report = bring_in(directory)
        assert (report["stored"], report["duplicate"], report["refused"]) == (69_659, 0, 0)
        yield directory


def test_the_same_file_again_stores_nothing(data: Path) -> None:
    report = bring_in(data)
    assert (report["stored"], report["duplicate"], report["refused"]) == (0, 69_659, 0)


def test_the_rules_hold_for_whom_duckdb_says_as_the_clock_moves(data: Path, analyst: Analyst) -> None:
    assert set(analyst.queries) == set(RULES)
    clock = ManualClock(NEW_YEAR)
    with coterie.open(data, clock=clock) as workspace:
        made = {name: workspace.segments.create(name, workspace.parse_rule(rule)).id for name, rule in RULES.items()}
        sizes: dict[str, list[int]] = {name: [] for name in RULES}
        for at in (NEW_YEAR, *map(Instant.of, LATER)):
            clock.move_to(at)
            for name, segment_id in made.items():
                expected = analyst.members(name, at)
                segment = workspace.segments.get(segment_id)
                assert segment.rule is not None
                assert segment.member_count == len(expected), (name, at)
                assert workspace.preview(segment.rule).count == len(expected), (name, at)
                assert members(workspace, segment_id) == expected, (name, at)
                sizes[name].append(len(expected))
        assert all(size > 0 for counts in sizes.values() for size in counts), sizes
        assert sizes["three orders and over 100 in the 90 days before 1998"] == [NINETY_DAYS] * 4
        moving = made["three orders in the last 90 days"]
        causes = workspace.segments.difference(moving, NEW_YEAR, workspace.now()).causes
        assert set(causes) == {Cause.TIME}
        for at, size in zip(
            (NEW_YEAR, *map(Instant.of, LATER)), sizes["three orders in the last 90 days"], strict=True
        ):
            assert workspace.segments.members_as_of(moving, at, limit=1).total == size
        assert workspace.check().faults == ()


NINETY_DAYS = 431
"""Customers with at least 3 orders in the 90 days before 1998-01-01 who spent over 100."""
