"""Parquet carries its types; nothing is guessed and nothing is lost."""

from __future__ import annotations

import decimal
import gzip
import io
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import InvalidInput
from coterie.exporting.as_parquet import MIXED
from coterie.importing.plan import Plan
from coterie.rules.values import Kind
from tests.unit.importing.reading import mapped, problems, properties, read, reading

EMAILS = ["a@example.com", "b@example.com"]


def parquet(tmp_path: Path, **columns: Any) -> Path:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"email": EMAILS, **columns}), path)
    return path


@pytest.mark.parametrize(
    ("column", "kind", "first"),
    [
        (pa.array([1, None], pa.int8()), Kind.NUMBER, 1),
        (pa.array([2**64 - 1, None], pa.uint64()), Kind.NUMBER, 2**64 - 1),
        (pa.array([0.5, float("nan")]), Kind.NUMBER, 0.5),
        (pa.array([0.5, None], pa.float32()), Kind.NUMBER, 0.5),
        (pa.array([decimal.Decimal("12.50"), None]), Kind.NUMBER, 12.5),
        (pa.array([decimal.Decimal("9007199254740993"), None]), Kind.NUMBER, 9007199254740993),
        (pa.array([True, None]), Kind.BOOLEAN, True),
        (pa.array(["x", None]), Kind.TEXT, "x"),
        (pa.array(["x", None], pa.large_string()), Kind.TEXT, "x"),
        (pa.array(["x", None]).dictionary_encode(), Kind.TEXT, "x"),
        (pa.array([["x", "y"], None]), Kind.LIST, ["x", "y"]),
        (pa.array([[], None], pa.large_list(pa.large_string())), Kind.LIST, []),
        (
            pa.array([datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            Kind.TIME,
            {"time": 1772357400000},
        ),
        (pa.array([-1, None], pa.timestamp("ns", "Europe/Berlin")), Kind.TIME, {"time": -1}),
        (pa.array([1_500, None], pa.timestamp("s", "UTC")), Kind.TIME, {"time": 1_500_000}),
        (
            pa.array([datetime(2026, 3, 1, 9, 30), None], pa.timestamp("ns")),  # noqa: DTZ001 - without a zone on purpose
            Kind.TIME,
            {"time": "2026-03-01T09:30:00.000"},
        ),
        (pa.array([date(2026, 3, 1), None]), Kind.TIME, {"time": "2026-03-01"}),
        (pa.array([date(2026, 3, 1), None], pa.date64()), Kind.TIME, {"time": "2026-03-01"}),
    ],
)
def test_every_type_that_has_a_kind(tmp_path: Path, column: pa.Array, kind: Kind, first: object) -> None:
    path = parquet(tmp_path, value=column)
    assert reading(path).columns[1].kind is kind
    rows, bad = read(path)
    assert not bad
    assert properties(rows) == [{"value": first}, {}]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{"street": "x"}, None]),
        pa.array([[1, 2], None]),
        pa.array([[["x"]], None]),
        pa.array([b"bytes", None]),
        pa.array([time(9, 30), None]),
        pa.array([timedelta(days=1), None]),
        pa.array([[("k", "v")], None], pa.map_(pa.string(), pa.string())),
    ],
)
def test_what_no_kind_can_hold_is_refused_by_name_before_it_starts(tmp_path: Path, column: pa.Array) -> None:
    path = parquet(tmp_path, address=column)
    with pytest.raises(InvalidInput, match=r"'address' is .*, which no kind of property can hold"):
        read(path)
    rows, _ = read(path, mapped(skip=("address",)))
    assert properties(rows) == [{}, {}]


def test_a_column_of_several_kinds_says_each_value_s_own(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    schema = pa.schema([pa.field("email", pa.string()), pa.field("v", pa.string(), metadata=MIXED)])
    pq.write_table(pa.table({"email": EMAILS, "v": ["42", '{"time": "2026-03-01T00:00:00Z"}']}, schema=schema), path)
    rows, _ = read(path)
    assert properties(rows) == [{"v": 42}, {"v": {"time": "2026-03-01T00:00:00Z"}}]


def test_whole_number_identifiers_are_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"external_id": [17, 18]}), path)
    rows, _ = read(path)
    assert [row.profile.external_id for row in rows] == ["17", "18"]


def test_null_cells_remove_when_asked(tmp_path: Path) -> None:
    rows, _ = read(parquet(tmp_path, plan=pa.array(["pro", None])), Plan(empty_removes=True))
    assert properties(rows) == [{"plan": "pro"}, {"plan": None}]


def test_types_make_text_into_what_they_say(tmp_path: Path) -> None:
    rows, bad = read(
        parquet(tmp_path, n=pa.array(["5", "five"]), zip=[1234, 5]), mapped(types=("n=number", "zip=text"))
    )
    assert properties(rows) == [{"n": 5, "zip": "1234"}]
    assert problems(bad) == [(2, "n", "'five' is not a number (--type n=number)")]


def test_bad_rows_are_numbered_from_one(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"email": ["a@example.com", None, "c@example.com"]}), path)
    rows, bad = read(path)
    assert [row.line for row in rows] == [1, 3]
    assert problems(bad) == [(2, None, "has neither an external id nor an email")]


def test_a_pipe_or_a_packed_file_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = parquet(tmp_path, n=[1, 2]).read_bytes()
    packed = tmp_path / "people.parquet.gz"
    packed.write_bytes(gzip.compress(content))
    assert properties(read(packed)[0]) == [{"n": 1}, {"n": 2}]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert properties(read(Path("-"), format_="parquet")[0]) == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_what_is_not_parquet_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.parquet"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="is not a Parquet file"):
        read(path)


def test_a_file_without_an_identifier_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"name": ["Ada"]}), path)
    with pytest.raises(InvalidInput, match="external id or the email"):
        read(path)
