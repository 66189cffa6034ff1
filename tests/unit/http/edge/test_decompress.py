"""Compressed bodies: read exactly, refused when damaged, never larger in memory than the limit."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
import zlib
from collections.abc import Callable

import pytest
import zstandard

from coterie.errors import BodyTooLarge
from coterie.http.decompress import MEMBERS_MAX, decompress
from coterie.http.errors import MalformedBody

LIMIT = 8 * 2**20
TEXT = b'{"name": "Ada", "n": 1}' * 1_000


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def zstd_stream(data: bytes) -> bytes:
    """Without the size in its header, as a client that streams sends it."""
    stream = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return stream.compress(data) + stream.flush()


ENCODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("zstd", zstandard.compress),
    ("zstd", zstd_stream),
]


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(range(256)) * 4_000], ids=["empty", "one", "text", "bytes"])
def test_what_was_compressed_comes_back(encoding: str, encode: Callable[[bytes], bytes], data: bytes) -> None:
    assert decompress(encode(data), encoding, LIMIT) == data


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_the_limit_is_of_decompressed_bytes_and_exact(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    assert len(decompress(encode(b"a" * 1_000), encoding, 1_000)) == 1_000
    with pytest.raises(BodyTooLarge):
        decompress(encode(b"a" * 1_001), encoding, 1_000)


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_a_body_cut_short_anywhere_is_refused_and_never_treated_as_whole(
    encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    whole = encode(TEXT)
    for size in range(len(whole)):
        with pytest.raises(MalformedBody):
            decompress(whole[:size], encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_bytes_that_are_not_compressed_are_refused(encoding: str) -> None:
    with pytest.raises(MalformedBody):
        decompress(b'{"plain": true}', encoding, LIMIT)


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_junk_after_the_data_is_refused(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedBody):
        decompress(encode(TEXT) + b"junk-junk-junk", encoding, LIMIT)


@pytest.mark.parametrize("encode", [gzip.compress, zstd_stream])
def test_several_streams_end_to_end_are_one_body(encode: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if encode is gzip.compress else "zstd"
    assert decompress(encode(b"a") + encode(b"b") + encode(b""), encoding, LIMIT) == b"ab"
    with pytest.raises(MalformedBody):
        decompress(encode(b"a") * (MEMBERS_MAX + 1), encoding, LIMIT)


def test_a_body_of_empty_streams_costs_no_time() -> None:
    for encoding, empty in (("gzip", gzip.compress(b"")), ("zstd", zstd_stream(b""))):
        started = time.perf_counter()
        with pytest.raises(MalformedBody):
            decompress(empty * (LIMIT // len(empty)), encoding, LIMIT)
        assert time.perf_counter() - started < 1


BOMB = """
import resource, sys, time, zlib
from coterie.errors import BodyTooLarge
from coterie.http.decompress import decompress
from tests.unit.http.edge.bombs import gzip_bomb, zstd_bomb
bomb = {"gzip": gzip_bomb, "zstd": zstd_bomb}[sys.argv[1]](10_000)
decompress(zlib.compress(b"x"), "deflate", 10)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
try:
    decompress(bomb, sys.argv[1], 8 * 2**20)
except BodyTooLarge:
    print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused_at_once_without_growing(encoding: str) -> None:
    """10 GB of zeros, in a process of its own so that its memory can be seen."""
    made = subprocess.run(
        [sys.executable, "-c", BOMB, encoding], capture_output=True, text=True, check=True, timeout=60
    )
    seconds, grown = made.stdout.split()
    assert float(seconds) < 1
    kilobytes = int(grown) if sys.platform == "linux" else int(grown) // 1_024
    assert kilobytes < 48 * 1_024
