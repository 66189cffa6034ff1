"""Bounded decompression: output is produced in pieces, counted, and stopped at the limit.

10 GB of zeros in 10 MB of gzip cost as much as the limit, not as much as they claim. To add an
encoding: a function from compressed bytes to pieces, and its name in `DECODERS`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping

import zstandard

from coterie.errors import BodyTooLarge
from coterie.http.errors import MalformedBody

PIECE = 65_536
MEMBERS_MAX = 1_000
"""Compressed data may be several streams in a row. Empty ones cost the receiver far more than the
sender, so their number is bounded."""

ZSTD_WINDOW_MAX = 8 * 2**20
"""Bytes of the window that a `zstd` content coding may demand, by RFC 9659."""

ZSTD_PIECE = 256
"""Bytes decompressed at once. The binding cannot bound its output, but the format does: four bytes
become at most 128 KiB, so 256 become at most 8 MiB."""

_GZIP, _ZLIB, _RAW = 31, 15, -15


def decompress(data: bytes, encoding: str, limit: int) -> bytes:
    """`data` decompressed. Raises BodyTooLarge above `limit` bytes, MalformedBody when it is
    damaged."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in DECODERS[encoding](data):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            pieces.append(piece)
    except (zlib.error, zstandard.ZstdError) as error:
        raise MalformedBody(f"The body is not valid {encoding}.") from error
    return b"".join(pieces)


def too_large(limit: int, setting: str = "body_bytes_max") -> BodyTooLarge:
    return BodyTooLarge(
        f"The body is larger than {limit:,} bytes ({setting}), which counts after decompression too.",
        hint="Send it in several requests.",
    )


def _inflate(data: bytes, wbits: int, members: int, name: str) -> Iterator[bytes]:
    """Member after member. Input is fed in small pieces, so that the rest after a member is cheap
    to carry over."""
    view = memoryview(data)
    at = 0
    for _ in range(members):
        stream = zlib.decompressobj(wbits)
        while not stream.eof:
            fed = view[at : at + PIECE]
            yield stream.decompress(fed, PIECE)
            taken = len(fed) - len(stream.unconsumed_tail) - len(stream.unused_data)
            if not fed and not stream.eof:
                raise cut_short(name)
            at += taken
        if at == len(view):
            return
    raise MalformedBody(f"The body continues after its {name} data.")


def _zstd(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    at = 0
    for _ in range(MEMBERS_MAX):
        stream = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_MAX).decompressobj()
        while not stream.eof:
            fed = view[at : at + ZSTD_PIECE]
            if not fed:
                raise cut_short("zstd")
            yield stream.decompress(fed)
            at += len(fed) - len(stream.unused_data)
        if at == len(view):
            return
    raise MalformedBody("The body continues after its zstd data.")


def cut_short(name: str) -> MalformedBody:
    return MalformedBody(f"The body ends in the middle of its {name} data.")


def _gzip(data: bytes) -> Iterator[bytes]:
    return _inflate(data, _GZIP, MEMBERS_MAX, "gzip")


def _deflate(data: bytes) -> Iterator[bytes]:
    """The zlib format, as the standard says, or bare deflate, as some clients send."""
    wrapped = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _inflate(data, _ZLIB if wrapped else _RAW, 1, "deflate")


DECODERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "zstd": _zstd,
}
