"""Formats by name, compression by first bytes, and files that end too soon."""

from __future__ import annotations

import gzip
import io
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from coterie.errors import InvalidInput
from coterie.importing.opening import format_of, open_source
from tests.unit.importing.reading import read

CONTENT = b"email,n\n" + b"".join(b"p%d@example.com,%d\n" % (n, n) for n in range(2_000))


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("people.csv", "csv"),
        ("people.CSV.GZ", "csv"),
        ("a.b.tsv.zst", "csv"),
        ("x.jsonl", "ndjson"),
        ("x.ndjson.gz", "ndjson"),
        ("x.parquet", "parquet"),
    ],
)
def test_the_name_says_the_format(name: str, format_: str) -> None:
    assert format_of(name) == format_


@pytest.mark.parametrize("name", ["people", "people.gz", "people.xlsx", "-"])
def test_a_name_that_does_not_say_is_asked_about(name: str) -> None:
    with pytest.raises(InvalidInput, match="does not say its format"):
        format_of(name)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no file"):
        open_source(str(tmp_path / "nobody.csv"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_compression_is_told_by_the_first_bytes_not_by_the_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(pack(CONTENT))
    rows, bad = read(path)
    assert not bad
    assert len(rows) == 2_000
    assert rows[-1].line == 2_001


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_files_packed_one_after_another_are_read_to_the_end(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(pack(CONTENT[:100]) + pack(CONTENT[100:]))
    rows, bad = read(path)
    assert (len(rows), len(bad)) == (2_000, 0)


@pytest.mark.parametrize("name", ["people.csv", "people.ndjson"])
@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_packed_file_cut_short_gives_what_it_has_and_says_so(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    numbers = random.Random(1)
    emails = [b"%x@example.com" % numbers.getrandbits(256) for _ in range(20_000)]
    lines = [b"email", *emails] if name.endswith("csv") else [b'{"email": "%s"}' % email for email in emails]
    packed = pack(b"\n".join(lines))
    path = tmp_path / name
    path.write_bytes(packed[: len(packed) // 2])
    rows, bad = read(path)
    assert 5_000 < len(rows) < 15_000
    assert len(bad) == 1
    assert "cut short or damaged" in bad[0].problems[0].reason
    assert bad[0].line == rows[-1].line + 1


def test_a_file_that_cannot_be_unpacked_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(CONTENT)[:12])
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        read(path)


def test_standard_input_is_a_file_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(CONTENT))))
    rows, _ = read(Path("-"), format_="csv")
    assert len(rows) == 2_000


def test_the_position_is_that_of_the_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(CONTENT))
    source = open_source(str(path))
    assert source.size == path.stat().st_size
    source.stream.read()
    assert source.position() == source.size
