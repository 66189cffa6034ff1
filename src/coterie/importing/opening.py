"""Opening a file: its format from its name, its compression from its first bytes, and how far into it we are.

Names lie and pipes have none, so compression is told by magic bytes: gzip `1f 8b`, Zstandard `28 b5 2f fd`.
"""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from coterie.errors import InvalidInput
from coterie.importing.rows import Numbered, bad

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
}
COMPRESSIONS = (".gz", ".gzip", ".zst", ".zstd")
STDIN = "-"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SPOOLED_IN_MEMORY = 64 * 2**20

Damage = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file. `stream` gives its bytes decompressed; `position` counts bytes of the file itself, out of `size`."""

    name: str
    format: str
    stream: io.BufferedReader
    position: Callable[[], int]
    size: int | None  # None for a pipe


def open_source(name: str, format_: str | None = None) -> Source:
    """Raises InvalidInput when there is no such file, or its format cannot be told."""
    format_ = format_ or format_of(name)
    if name == STDIN:
        return _opened(name, format_, sys.stdin.buffer, None)
    path = Path(name)
    if not path.is_file():
        raise InvalidInput(f"There is no file {name}.")
    return _opened(name, format_, path.open("rb"), path.stat().st_size)


def format_of(name: str) -> str:
    path = Path(name)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        what = "What comes on standard input" if name == STDIN else f"The name {name}"
        raise InvalidInput(f"{what} does not say its format.", hint="Add --format csv, ndjson or parquet.")
    return found


def seekable(source: Source) -> BinaryIO:
    """The bytes of a source as a file that can be read from its end, as Parquet must be: what is compressed, or comes through
    a pipe, goes through a temporary file."""
    if source.size is not None and isinstance(source.stream.raw, io.FileIO):
        return cast(BinaryIO, source.stream)
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY)  # noqa: SIM115 - it goes when the reader does
    while chunk := source.stream.read(2**20):
        spool.write(chunk)
    spool.seek(0)
    return cast(BinaryIO, spool)


def until_damaged(rows: Iterator[Numbered]) -> Iterator[Numbered]:
    """The rows of a compressed file; where it is cut short or damaged, one bad row that says so, and the end."""
    line = 0
    try:
        for row in rows:
            line = row.line
            yield row
    except Damage as damage:
        yield bad(
            line + 1, f"the file is cut short or damaged after this point ({damage})", hint="Fetch or pack it again."
        )


def _opened(name: str, format_: str, file: BinaryIO, size: int | None) -> Source:
    packed = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    magic = packed.peek(4)[:4]
    stream = packed
    if magic.startswith(_GZIP):
        stream = _buffered(gzip.GzipFile(fileobj=cast(BinaryIO, packed)))
    elif magic == _ZSTD:
        stream = _buffered(zstandard.ZstdDecompressor().stream_reader(cast(BinaryIO, packed), read_across_frames=True))
    return Source(name, format_, stream, packed.raw.tell if size is not None else _nowhere, size)


def _buffered(unpacked: object) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, unpacked), buffer_size=2**17)


def _nowhere() -> int:
    return 0
