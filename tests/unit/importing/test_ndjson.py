"""NDJSON: values keep their kinds; every line stands alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.importing.plan import Plan
from coterie.importing.read_ndjson import LINE_BYTES_MAX
from coterie.importing.rows import BadRow, Row
from coterie.model import UNSET
from tests.unit.importing.reading import mapped, problems, properties, read


def ndjson(tmp_path: Path, content: bytes | str, plan: Plan | None = None) -> tuple[list[Row], list[BadRow]]:
    path = tmp_path / "people.ndjson"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, plan)


def test_flat_and_nested_documents_say_the_same(tmp_path: Path) -> None:
    rows, bad = ndjson(
        tmp_path,
        '{"external_id": "a", "plan": "pro", "n": 1, "tags": ["x"], "gone": null}\n'
        '{"external_id": "a", "properties": {"plan": "pro", "n": 1, "tags": ["x"], "gone": null}, "created_at": "x"}\n',
    )
    assert not bad
    assert properties(rows)[0] == properties(rows)[1] == {"plan": "pro", "n": 1, "tags": ["x"], "gone": None}


def test_a_nested_property_may_have_the_name_of_an_identifier(tmp_path: Path) -> None:
    rows, _ = ndjson(tmp_path, '{"external_id": "a", "properties": {"id": "x"}}\n')
    assert rows[0].profile.id is UNSET
    assert rows[0].profile.properties == {"id": "x"}


def test_identifiers_that_are_whole_numbers_are_their_digits(tmp_path: Path) -> None:
    rows, _ = ndjson(tmp_path, '{"external_id": 17}\n{"external_id": 18.0}\n')
    assert [row.profile.external_id for row in rows] == ["17", "18"]


def test_null_identifiers_do_not_identify(tmp_path: Path) -> None:
    rows, bad = ndjson(
        tmp_path,
        '{"external_id": null, "email": "a@example.com"}\n{"external_id": "b", "email": null}\n{"email": null}\n',
    )
    assert rows[0].profile.external_id is UNSET
    assert rows[1].profile.email is None
    assert problems(bad) == [(3, None, "has neither an external id nor an email")]


def test_a_long_whole_number_stays_whole_for_the_workspace_to_refuse(tmp_path: Path) -> None:
    rows, _ = ndjson(tmp_path, '{"external_id": "a", "n": 36893488147419103233}\n')
    assert rows[0].profile.properties["n"] == 36893488147419103233


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b'"text"', "is not a JSON object"),
        (b'{"external_id": "a", "n": NaN}', "NaN is not JSON"),
        (b'{"external_id": "a", "n": -Infinity}', "Infinity is not JSON"),
        (b'{"external_id": "\xff"}', "0xFF"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"external_id": "a", "n": ' + b"9" * 10_000 + b"}", "is not JSON"),
        (b'{"plan": "pro"}', "neither an external id nor an email"),
        (b'{"id": "17"}', "not an id made by Coterie"),
        (b'{"external_id": "' + b"a" * LINE_BYTES_MAX + b'"}', "is longer than"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(tmp_path: Path, line: bytes, says: str) -> None:
    good = b'{"external_id": "good"}'
    rows, bad = ndjson(tmp_path, b"\n".join((good, b"", line, good, b"")))
    assert [row.line for row in rows] == [1, 4]
    assert [row.line for row in bad] == [3]
    assert says in bad[0].problems[0].reason


def test_a_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path) -> None:
    rows, bad = ndjson(tmp_path, b'\xef\xbb\xbf{"external_id": "a"}\r\n{"external_id": "b"}\r\n')
    assert not bad
    assert len(rows) == 2


def test_a_type_makes_text_into_what_it_says(tmp_path: Path) -> None:
    plan = mapped("who=external_id", types=("t=time", "zip=text", "n=number"))
    rows, bad = ndjson(
        tmp_path,
        '{"who": "a", "t": "2026-03-01", "zip": 1234, "n": "5"}\n{"who": "b", "t": true}\n'
        '{"who": "c", "n": "", "zip": true}\n',
        plan,
    )
    assert properties(rows) == [{"t": {"time": "2026-03-01"}, "zip": "1234", "n": 5}, {"n": None, "zip": "true"}]
    assert problems(bad) == [(2, "t", "'True' is not a time (--type t=time)")]
