"""What each format writes, byte for byte where it matters."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import Conflict
from coterie.exporting import Column, write_csv, write_ndjson, write_parquet
from coterie.exporting.as_parquet import MIXED
from coterie.model import Profile
from coterie.rules.values import Instant, Kind

AT = Instant(1_772_357_400_000)
ADA = Profile(
    "01990000-0000-7000-8000-000000000001",
    "c-1",
    "ada@example.com",
    {"plan": "pro", "mrr": 42.0, "rate": 0.1, "active": True, "seen": AT, "tags": ("x", 'y"'), "odd": 'a,"b"\r\nc'},
    AT,
    AT,
)
GRACE = Profile("01990000-0000-7000-8000-000000000002", None, "grace@example.com", {"mixed": 1.0, "plan": ""}, AT, AT)
COLUMNS = (
    Column("active", Kind.BOOLEAN),
    Column("mixed", None),
    Column("mrr", Kind.NUMBER),
    Column("odd", Kind.TEXT),
    Column("plan", Kind.TEXT),
    Column("property:x", Kind.TEXT),
    Column("rate", Kind.NUMBER),
    Column("seen", Kind.TIME),
    Column("tags", Kind.LIST),
)


def test_csv_has_a_header_and_a_line_a_profile() -> None:
    written = b"".join(write_csv([[ADA], [GRACE]], COLUMNS)).decode()
    assert written == (
        "id,external_id,email,created_at,updated_at,active,mixed,mrr,odd,plan,property:property:x,rate,seen,tags\r\n"
        f"{ADA.id},c-1,ada@example.com,{AT.iso()},{AT.iso()},true,,42,"
        f'"a,""b""\r\nc",pro,,0.1,{AT.iso()},"[""x"",""y\\""""]"\r\n'
        f"{GRACE.id},,grace@example.com,{AT.iso()},{AT.iso()},,1,,,,,,,\r\n"
    )


def test_a_text_with_a_bare_line_end_is_quoted() -> None:
    for odd in ("a\rb", "a\nb"):
        profile = Profile("i", "e", None, {"odd": odd}, AT, AT)
        assert f'"{odd}"'.encode() in b"".join(write_csv([[profile]], [Column("odd", Kind.TEXT)]))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_is_an_integer_up_to_and_with_the_last_exact_one(sign: int) -> None:
    def written(number: float) -> tuple[str, str]:
        profile = Profile("i", "e", None, {"n": float(number)}, AT, AT)
        line = b"".join(write_csv([[profile]], [Column("n", Kind.NUMBER)])).decode().splitlines()[1]
        document = b"".join(write_ndjson([[profile]])).decode()
        return line.rsplit(",", 1)[1], document[document.index('"n":') + 4 :].split("}")[0]

    last = sign * 2**53
    assert written(last) == (str(last), str(last))
    assert written(last + 2 * sign) == (f"{last + 2 * sign}.0", f"{last + 2 * sign}.0")


def test_ndjson_loses_nothing() -> None:
    lines = b"".join(write_ndjson([[ADA], [], [GRACE]])).splitlines()
    assert json.loads(lines[0]) == {
        "id": ADA.id,
        "external_id": "c-1",
        "email": "ada@example.com",
        "properties": {
            "plan": "pro",
            "mrr": 42,
            "rate": 0.1,
            "active": True,
            "seen": {"time": AT.iso()},
            "tags": ["x", 'y"'],
            "odd": 'a,"b"\r\nc',
        },
        "created_at": AT.iso(),
        "updated_at": AT.iso(),
    }
    assert json.loads(lines[1])["properties"] == {"mixed": 1, "plan": ""}


def test_parquet_is_typed_and_says_which_columns_hold_several_kinds() -> None:
    table = pq.read_table(io.BytesIO(b"".join(write_parquet([[ADA], [], [GRACE]], COLUMNS))))
    assert table.schema.field("seen").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("tags").type == pa.list_(pa.string())
    assert table.schema.field("mixed").metadata == MIXED
    assert table.column("mixed").to_pylist() == [None, "1"]
    assert table.column("mrr").to_pylist() == [42.0, None]
    assert table.column("plan").to_pylist() == ["pro", ""]
    assert table.column("email").to_pylist() == ["ada@example.com", "grace@example.com"]


def test_a_value_of_another_kind_than_its_parquet_column_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(Conflict, match="was number when the export began; a text arrived"):
        b"".join(write_parquet([[ADA]], [Column("plan", Kind.NUMBER)]))


def test_an_export_of_nobody_is_a_whole_file() -> None:
    assert b"".join(write_csv([], [])) == b"id,external_id,email,created_at,updated_at\r\n"
    assert b"".join(write_ndjson([])) == b""
    assert pq.read_table(io.BytesIO(b"".join(write_parquet([], COLUMNS)))).num_rows == 0


@pytest.mark.parametrize("write", [write_csv, write_ndjson, write_parquet])
def test_batches_are_taken_one_at_a_time(write: object) -> None:
    taken = []

    def batches() -> Iterator[list[Profile]]:
        for number in range(3):
            taken.append(number)
            yield [ADA]

    chunks = write(batches(), COLUMNS)  # type: ignore[operator]  # a writer
    next(chunks)
    assert len(taken) <= 1
    assert b"".join(chunks)
    assert taken == [0, 1, 2]
