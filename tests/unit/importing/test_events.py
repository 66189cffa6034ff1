"""Rows that are events: whose, what, when; and message ids for those that have none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import InvalidInput
from coterie.importing.columns import read_mapping
from coterie.importing.events import Events
from coterie.importing.opening import open_source
from coterie.importing.plan import BLANKS, Plan, read_types
from coterie.importing.readers import READERS
from coterie.importing.rows import BadRow, Row
from coterie.model import UNSET, EventInput, ProfileRef
from coterie.rules.values import Instant


def read(
    path: Path,
    content: bytes | None = None,
    *,
    maps: tuple[str, ...] = (),
    skip: tuple[str, ...] = (),
    source: str = "s",
    name: str | None = None,
    at_format: str | None = None,
    types: tuple[str, ...] = (),
    delimiter: str | None = None,
) -> list[Row | BadRow]:
    if content is not None:
        path.write_bytes(content)
    row_type = Events(source, name, at_format)
    plan = Plan(read_mapping(maps, skip, row_type.own), read_types(types), delimiter=delimiter, row_type=row_type)
    opened = open_source(str(path))
    return list(READERS[opened.format](opened, plan).rows)


def events(rows: list[Row | BadRow]) -> list[EventInput]:
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.event for row in rows if isinstance(row, Row)]


def reasons(rows: list[Row | BadRow]) -> list[tuple[int, str | None, str]]:
    return [
        (row.line, problem.column, problem.reason)
        for row in rows
        if isinstance(row, BadRow)
        for problem in row.problems
    ]


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "events.csv"


def test_columns_say_whose_what_and_when_and_the_rest_are_properties(csv: Path) -> None:
    content = (
        b"external_id,name,at,message_id,total,tags,property:name\n"
        b'7,order,2026-03-01T09:30:00Z,m-1,5.5,"[""a""]",Boots\n8,order,,,,,\n'
    )
    first, second = events(read(csv, content))
    assert first == EventInput(
        "order",
        ProfileRef(external_id="7"),
        "2026-03-01T09:30:00Z",
        "m-1",
        {"total": 5.5, "tags": ["a"], "name": "Boots"},
    )
    assert (second.at, second.properties) == (UNSET, {})
    assert second.message_id is not None


def test_the_name_can_be_said_for_all_and_columns_mapped(csv: Path) -> None:
    content = b"Customer,When,Mail,Sum\n7,01.03.2026 09:30,a@example.com,5\n"
    maps = ("Customer=external_id", "When=at", "Mail=email", "Sum=total")
    (event,) = events(read(csv, content, maps=maps, name="order", at_format="%d.%m.%Y %H:%M"))
    assert event.profile == ProfileRef(external_id="7", email="a@example.com")
    assert (event.name, event.at, event.properties) == ("order", "2026-03-01T09:30:00.000", {"total": 5})


@pytest.mark.parametrize(
    ("written", "at_format", "at"),
    [
        ("1772323200", "seconds", Instant(1_772_323_200_000)),
        ("1772323200.25", "seconds", Instant(1_772_323_200_250)),
        ("1772323200250", "milliseconds", Instant(1_772_323_200_250)),
        ("19970101", "%Y%m%d", "1997-01-01T00:00:00.000"),
        ("2026-03-01 09:30 +0100", "%Y-%m-%d %H:%M %z", "2026-03-01T09:30:00.000+01:00"),
    ],
)
def test_instants_in_other_forms(csv: Path, written: str, at_format: str, at: object) -> None:
    (event,) = events(read(csv, f"external_id,at\n7,{written}\n".encode(), name="e", at_format=at_format))
    assert event.at == at


def test_what_is_wrong_with_a_row_is_told_by_line_and_column(csv: Path) -> None:
    content = b"email,name,at\na@x.org,,1\n,e,1\na@x.org,e,soon\na@x.org,e,99999999999999\n"
    assert reasons(read(csv, content, at_format="seconds")) == [
        (2, None, "does not say what it is called"),
        (3, None, "does not say whose it is"),
        (4, "at", "'soon' is not a number of seconds"),
        (5, "at", "is outside the years 1 to 9999"),
    ]
    assert reasons(read(csv, at_format="%Y"))[0][2] == "does not say what it is called"


def test_a_file_that_cannot_be_meant_is_refused(csv: Path) -> None:
    for content, hint in ((b"name,at\ne,2026\n", "external_id"), (b"email,at\na@x.org,2026\n", "--name")):
        with pytest.raises(InvalidInput) as refused:
            read(csv, content)
        assert hint in (refused.value.hint or "")
    with pytest.raises(InvalidInput, match="both"):
        read(csv, b"email,name,at,occurred_at\na@x.org,e,2026-01-01,2026-01-01\n")


def test_a_message_id_is_derived_from_source_line_and_row(csv: Path) -> None:
    content = b"email,total\na@x.org,5\na@x.org,5\nb@x.org,5\n"
    first = [event.message_id for event in events(read(csv, content, name="e"))]
    assert len(set(first)) == 3, "the same row twice is two events"
    grown = [event.message_id for event in events(read(csv, content + b"c@x.org,5\n", name="e"))]
    assert grown[:3] == first
    assert [event.message_id for event in events(read(csv, content, name="e", source="other"))] != first
    changed = [event.message_id for event in events(read(csv, content.replace(b"b@x.org,5", b"b@x.org,6"), name="e"))]
    assert (changed[:2], changed[2] == first[2]) == (first[:2], False)
    as_text = [event.message_id for event in events(read(csv, content, name="e", types=("total=text",)))]
    assert as_text == first, "how it is read does not matter"


def test_json_flat_and_as_the_api_takes_events(tmp_path: Path) -> None:
    nested = b'{"name": "e", "profile": {"external_id": "7", "anonymous_id": "b"}, "at": "2026-03-01", '
    nested += b'"message_id": "m", "properties": {"name": "Boots", "n": 1}}'
    content = (
        b"\n"
        + nested
        + b"""
{"name": "e", "external_id": 7, "occurred_at": "2026-03-01", "n": null, "list": ["a"]}
{"name": "e", "external_id": "7", "at": 5}
"""
    )
    rows = read(tmp_path / "e.ndjson", content)
    nested, flat = events(rows[:2])
    assert nested == EventInput(
        "e", ProfileRef(external_id="7", anonymous_id="b"), "2026-03-01", "m", {"name": "Boots", "n": 1}
    )
    assert (flat.profile, flat.at, flat.properties) == (ProfileRef(external_id="7"), "2026-03-01", {"list": ["a"]})
    assert reasons(rows) == [(4, "at", "5 is not an ISO 8601 date or time")]


def test_parquet_knows_its_instants(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    table = pa.table({"external_id": [7], "at": pa.array([at], pa.timestamp("us", tz="UTC")), "total": [5.5]})
    pq.write_table(table, tmp_path / "e.parquet")
    (event,) = events(read(tmp_path / "e.parquet", name="e"))
    assert (event.profile, event.at, event.properties) == (ProfileRef(external_id="7"), Instant.of(at), {"total": 5.5})


def test_cells_between_any_run_of_blanks(tmp_path: Path) -> None:
    content = b" customer  date   total\r\n 00001 19970101  11.77\r\n"
    maps = ("customer=external_id", "date=at")
    (event,) = events(read(tmp_path / "e.csv", content, maps=maps, name="e", at_format="%Y%m%d", delimiter=BLANKS))
    assert (event.profile.external_id, event.properties) == ("00001", {"total": 11.77})
