"""Open a file: format by name, compression by its first bytes, and the position in it.

Names are unreliable and pipes have none, so the magic bytes decide: gzip `1f 8b`, Zstandard
`28 b5 2f fd`.
"""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from coterie.errors import InvalidInput, file_sentence, none_of
from coterie.importing.rows import BadRow, bad

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
_ZSTD_STEP = 2**14  # packed bytes at a time: unpacked they may be thousands of times as many

DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file. `stream` yields decompressed bytes.

    `position` counts bytes of the file itself, out of `size`.
    """

    name: str
    format: str
    stream: io.BufferedReader
    position: Callable[[], int]
    size: int | None  # None for a pipe


def open_source(name: str, format_: str | None = None) -> Source:
    """Raises InvalidInput for a missing file or an unknown format."""
    format_ = format_ or format_of(name)
    if name == STDIN:
        return _opened(name, format_, sys.stdin.buffer, None)
    path = Path(name)
    if not path.is_file():
        raise InvalidInput(none_of("file", name))
    try:
        return _opened(name, format_, path.open("rb"), path.stat().st_size)
    except OSError as error:
        raise InvalidInput(file_sentence(name, "read", error)) from None


def format_of(name: str) -> str:
    path = Path(name)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    format_ = FORMATS.get(path.suffix.lower())
    if format_ is None:
        source = "What comes on standard input" if name == STDIN else f"The name {name}"
        raise InvalidInput(f"{source} does not say its format.", hint="Add --format csv, ndjson or parquet.")
    return format_


def plain_name(name: str) -> str:
    """The name without folder and compression, which survives moving and packing the file."""
    path = Path(name)
    return path.stem if path.suffix.lower() in COMPRESSIONS else path.name


def seekable(source: Source) -> BinaryIO:
    """The bytes of a source as a seekable file, which Parquet needs.

    A compressed file or a pipe goes through a temporary file.
    """
    if source.size is not None and isinstance(source.stream.raw, io.FileIO):
        return cast(BinaryIO, source.stream)
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY)  # noqa: SIM115 - it goes when the reader does
    while chunk := source.stream.read(2**20):
        spool.write(chunk)
    spool.seek(0)
    return cast(BinaryIO, spool)


def cut_short(line: int, damage: Exception) -> BadRow:
    """The bad row that ends a truncated compressed file."""
    return bad(line, f"the file is cut short or damaged from here on ({damage})", hint="Fetch it or pack it again.")


def _opened(name: str, format_: str, file: BinaryIO, size: int | None) -> Source:
    packed = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    magic = packed.peek(4)[:4]
    stream = packed
    if magic.startswith(_GZIP):
        stream = _buffered(gzip.GzipFile(fileobj=cast(BinaryIO, packed)))
    elif magic == _ZSTD:
        stream = _buffered(_Zstd(packed))
    return Source(name, format_, stream, lambda: _position(packed.raw, size), size)


def _buffered(unpacked: object) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, unpacked), buffer_size=2**17)


class _Zstd(io.RawIOBase):
    """Decompressed Zstandard frames.

    The library's own reader takes a truncated file for a complete one; this one does not.
    """

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._frame: zstandard.ZstdDecompressionObj | None = None  # None between frames
        self._rest = b""  # packed bytes after the end of a frame
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            packed = self._rest or self._packed.read(_ZSTD_STEP)
            if not packed:
                if self._frame is not None:
                    raise EOFError("Compressed file ended before the end of a frame")
                return 0
            self._rest = b""
            self._ready = memoryview(self._unpacked(packed))
        taken = min(len(buffer), len(self._ready))
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def _unpacked(self, packed: bytes) -> bytes:
        self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        unpacked = self._frame.decompress(packed)
        if self._frame.eof:
            self._rest, self._frame = self._frame.unused_data, None
        return unpacked


def _position(file: io.RawIOBase, size: int | None) -> int:
    """The bytes read so far; all of them once a reader has closed the file."""
    if size is None:
        return 0
    return size if file.closed else file.tell()
