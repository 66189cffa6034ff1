"""Opening a file: its format from its name, its compression from its first bytes, and how far into it we are.

Names lie and pipes have none, so compression is told by magic bytes: gzip `1f 8b`, Zstandard `28 b5 2f fd`.
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

from coterie.errors import InvalidInput
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
    try:
        return _opened(name, format_, path.open("rb"), path.stat().st_size)
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}.") from None


def format_of(name: str) -> str:
    path = Path(name)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        what = "What comes on standard input" if name == STDIN else f"The name {name}"
        raise InvalidInput(f"{what} does not say its format.", hint="Add --format csv, ndjson or parquet.")
    return found


def plain_name(name: str) -> str:
    """The name of a file without its folder and its compression: what stays the same when it is moved or packed."""
    path = Path(name)
    return path.stem if path.suffix.lower() in COMPRESSIONS else path.name


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


def cut_short(line: int, damage: Exception) -> BadRow:
    """What is said of a compressed file that does not go on: a bad row, the last."""
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
    """Zstandard frames unpacked. The library's own reader takes a file that is cut short for one that has ended; this one does not."""

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
    """How far the file has been read. A reader that is done with it has closed it."""
    if size is None:
        return 0
    return size if file.closed else file.tell()
