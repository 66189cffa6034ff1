"""The 23,570 customers of the CDNOW data set, and their purchases from January 1997 to June 1998.

The purchase file comes in the package `lifetimes`, which is installed for it alone and never
imported. Customers become profiles through the library; DuckDB reads the same file by itself. Each
of ten segments must hold exactly the same customers on both sides, on the day the data ends and
again two months later, when only time has passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import files
from pathlib import Path

import duckdb
import pytest

import coterie
from coterie.clock import ManualClock
from coterie.model import Cause, ProfileInput, ProfileWrite
from coterie.rules.values import Instant, Kind

DATA_ENDS = datetime(1998, 7, 1, 9, 30, tzinfo=UTC)
TWO_MONTHS = timedelta(days=62)

ACTIVE = {"property": "last_order_at", "operator": "in_last", "value": "90d"}
LOYAL = {"property": "orders", "operator": "at_least", "value": 10}
RULES: dict[str, dict[str, object]] = {
    "bought once": {"property": "orders", "operator": "equals", "value": 1},
    "loyal": LOYAL,
    "middle spenders": {"property": "total_spent", "operator": "between", "value": [50, 100]},
    "began on Valentine's day": {"property": "first_order_at", "operator": "on", "value": "1997-02-14"},
    "lapsed in spring": {"property": "last_order_at", "operator": "before", "value": "1997-06-01"},
    "active": ACTIVE,
    "valuable and slipping away": {
        "all": [
            {
                "any": [
                    {"property": "orders", "operator": "at_least", "value": 5},
                    {"property": "total_spent", "operator": "greater_than", "value": 300},
                ]
            },
            {"not": ACTIVE},
        ]
    },
    "the first two cohorts by their number": {
        "all": [
            {"property": "cohort", "operator": "in", "value": ["1997-01", "1997-02"]},
            {
                "any": [
                    {"property": "external_id", "operator": "starts_with", "value": "000"},
                    {"property": "external_id", "operator": "matches", "value": "[13579]$"},
                ]
            },
        ]
    },
    "January and Christmas": {"property": "months", "operator": "includes_all", "value": ["1997-01", "1997-12"]},
    # "big spenders who are not loyal" is the tenth: it refers to the segment "loyal" by its id.
}


def purchase_file() -> Path:
    for file in files("lifetimes") or ():
        if file.name == "CDNOW_master.txt":
            return Path(str(file.locate()))
    raise AssertionError("lifetimes is installed, but CDNOW_master.txt is not in it")


def customers(path: Path) -> Iterator[ProfileInput]:
    purchases: dict[str, list[tuple[date, int, Decimal]]] = defaultdict(list)
    for line in path.read_text(encoding="ascii").splitlines()[1:]:
        customer, day, discs, paid = line.split()
        purchases[customer].append((datetime.strptime(day, "%Y%m%d").date(), int(discs), Decimal(paid)))  # noqa: DTZ007 - a date
    for customer, bought in purchases.items():
        days = [day for day, _, _ in bought]
        yield ProfileInput(
            external_id=customer,
            properties={
                "orders": len(bought),
                "discs": sum(discs for _, discs, _ in bought),
                "total_spent": float(sum(paid for _, _, paid in bought)),
                "first_order_at": min(days).isoformat(),  # plain text: it is declared a time
                "last_order_at": datetime(max(days).year, max(days).month, max(days).day, tzinfo=UTC),
                "cohort": f"{min(days):%Y-%m}",
                "months": sorted({f"{day:%Y-%m}" for day in days}),
            },
        )


TABLES = ("purchases", "customers")


def queries_in(file: str) -> dict[str, str]:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in text.split("-- name: ")[1:])


class Analyst:
    """DuckDB with the same purchases, read from the file by itself."""

    def __init__(self, path: Path, questions: str = "cdnow.sql") -> None:
        tables = queries_in("cdnow.sql")
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute(tables["purchases"], {"file": str(path)})
        self.connection.execute(tables["customers"])
        self.queries = {name: query for name, query in queries_in(questions).items() if name not in TABLES}

    def members(self, segment: str, now: Instant) -> set[str]:
        query = self.queries[segment]
        rows = self.connection.execute(query, {"now": int(now)} if "$now" in query else {}).fetchall()
        return {customer for (customer,) in rows}


@pytest.fixture(scope="module")
def analyst() -> Analyst:
    return Analyst(purchase_file())


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock(Instant.of(DATA_ENDS))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> Iterator[coterie.Workspace]:
    with coterie.open(tmp_path_factory.mktemp("cdnow"), clock=clock) as workspace:
        workspace.properties.declare("first_order_at", Kind.TIME)
        everyone = list(customers(purchase_file()))
        for start in range(0, len(everyone), 10_000):
            written = workspace.profiles.put_many(everyone[start : start + 10_000])
            assert all(isinstance(result, ProfileWrite) for result in written)
        yield workspace


@pytest.fixture(scope="module")
def segments(workspace: coterie.Workspace) -> dict[str, str]:
    """The ten segments: id by name."""
    made = {name: workspace.segments.create(name, workspace.parse_rule(rule)).id for name, rule in RULES.items()}
    rule = {
        "all": [
            {"property": "total_spent", "operator": "greater_than", "value": 200},
            {"not": {"segment": made["loyal"]}},
        ]
    }
    name = "big spenders who are not loyal"
    made[name] = workspace.segments.create(name, workspace.parse_rule(rule)).id
    return made


def members(workspace: coterie.Workspace, segment_id: str) -> set[str]:
    return {str(profile.external_id) for batch in workspace.segments.export_members(segment_id) for profile in batch}


def compare(workspace: coterie.Workspace, analyst: Analyst, segments: dict[str, str]) -> None:
    """Count, preview and members of every segment against the analyst's query of the same name."""
    now = workspace.now()
    for name, segment_id in segments.items():
        expected = analyst.members(name, now)
        segment = workspace.segments.get(segment_id)
        assert segment.rule is not None
        assert segment.member_count == len(expected), name
        assert workspace.preview(segment.rule).count == len(expected), name
        assert members(workspace, segment_id) == expected, name


def test_everyone_is_there(workspace: coterie.Workspace) -> None:
    assert workspace.profiles.list(limit=1).total == 23_570


def test_each_query_has_its_segment(analyst: Analyst, segments: dict[str, str]) -> None:
    assert set(analyst.queries) == set(segments)
    assert len(segments) == 10


def test_ten_segments_hold_whom_duckdb_says(
    workspace: coterie.Workspace, analyst: Analyst, segments: dict[str, str]
) -> None:
    compare(workspace, analyst, segments)
    assert all(workspace.segments.get(segment_id).member_count > 0 for segment_id in segments.values())


def test_two_months_later_the_clock_alone_has_moved_people(
    workspace: coterie.Workspace, analyst: Analyst, segments: dict[str, str], clock: ManualClock
) -> None:
    active = segments["active"]
    before = members(workspace, active)
    clock.move_to(Instant.of(DATA_ENDS + TWO_MONTHS))
    compare(workspace, analyst, segments)
    left = before - members(workspace, active)
    assert left, "somebody's last order became older than 90 days"
    exits = []
    after = 0
    while page := workspace.transitions.list(after=after, limit=1_000, segment_id=active, cause=Cause.TIME).items:
        exits += page
        after = page[-1].sequence
    assert len(exits) == len(left)
    assert workspace.check().faults == ()
