"""Compression bombs, made cheaply: one compressed megabyte of zeros, over and over."""

from __future__ import annotations

import zlib

import zstandard

MEGABYTE = bytes(2**20)


def gzip_bomb(megabytes: int) -> bytes:
    """About a kilobyte a megabyte. It has no end, which nobody should live to see."""
    stream = zlib.compressobj(9, wbits=31)
    head = stream.compress(b"") + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(MEGABYTE) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + block * megabytes


def zstd_bomb(megabytes: int) -> bytes:
    """Frames of a megabyte, a few dozen bytes each."""
    return zstandard.compress(MEGABYTE) * megabytes
