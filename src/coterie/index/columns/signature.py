"""A signature of every text: 64 bits, one set for each pair of neighbouring bytes in it.

A text that contains a pattern has all the bits of the pattern's pairs, so the other texts need not
be read: eight bytes a text instead of all of them. Short texts have few bits set, so that few are
read in vain; a long text may have every bit set, and then its signature rules nothing out.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Bools, Octets, Words

FIRST, SECOND = np.uint8(167), np.uint8(59)
"""Odd multipliers: the six high bits of the sum spread the pairs of letters over all 64 bits."""
STEP: Final = 2**20


def signatures(begins: npt.NDArray[Any], data: Octets) -> Words:
    """Return the signatures of the texts that begin at `begins` in `data`.

    The last entry of `begins` is the end of the last text.
    """
    begins = begins.astype(np.int64)
    signed = np.zeros(max(0, len(begins) - 1), dtype=np.uint64)
    lengths = np.diff(begins)
    row = 0
    while row < len(signed):
        stop = max(row + 1, int(np.searchsorted(begins, begins[row] + STEP, side="right")) - 1)
        rows = row + np.flatnonzero(lengths[row:stop] > 1)
        if len(rows):
            signed[rows] = _signed(begins[rows], lengths[rows], data)
        row = stop
    return signed


def _signed(begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], data: Octets) -> Words:
    """Return the signatures of texts of at least two bytes.

    Other texts may lie between them: they have no pair of their own.
    """
    start = int(begins[0])
    pairs = _bits(data[start : int(begins[-1] + lengths[-1])])
    edges = np.empty(2 * len(begins), dtype=np.int64)
    edges[::2] = begins - start
    edges[1::2] = edges[::2] + lengths - 1  # the pair that straddles the end is not the text's
    ends_data = edges[-1] >= len(pairs)
    signed: Words = np.bitwise_or.reduceat(pairs, edges[:-1] if ends_data else edges)[::2]
    return signed


def _bits(data: Octets) -> Words:
    """Return the bit of each pair of neighbours."""
    places = (data[:-1] * FIRST + data[1:] * SECOND) >> np.uint8(2)
    bits: Words = np.uint64(1) << places.astype(np.uint64)
    return bits


def mask_of(pattern: bytes) -> np.uint64:
    """Return the bits that every text that contains `pattern` has."""
    if len(pattern) < 2:
        return np.uint64(0)
    return np.uint64(np.bitwise_or.reduce(_bits(np.frombuffer(pattern, dtype=np.uint8))))


def may_contain(signed: Words, mask: np.uint64) -> Bools:
    """Return which texts have all bits of `mask`."""
    may: Bools = (signed & mask) == mask
    return may
