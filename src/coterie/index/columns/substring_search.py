"""Substring search in many texts at once, over their bytes instead of text by text.

Arrow stores the texts of an array one after the other in one buffer. The four rarest neighbouring
bytes of the pattern are one 32-bit word, which is compared with the buffer read as words, four
times, each time shifted by a byte. The few places left are checked singly. Shorter patterns are
compared byte by byte. A place that runs over the end of its text does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from coterie.index.bits import Bools, Octets

Places = npt.NDArray[np.int64]

BYTES: Final = 2**20
"""Bytes compared at a time.

Fewer would stay in nearer caches, but threads would then pass the interpreter's lock too often.
"""
SAMPLE: Final = 4_096
WORD: Final = 4


def containing(texts: pa.Array, pattern: str) -> Bools:
    """Return whether each text contains `pattern`, which is not empty. Null contains nothing."""
    wanted = np.frombuffer(pattern.encode(), dtype=np.uint8)
    offsets, data = buffers(texts)
    contains = np.zeros(len(texts), dtype=np.bool_)
    if len(offsets) < 2:
        return contains
    first, last = int(offsets[0]), int(offsets[-1])
    search = _by_word if len(wanted) >= WORD else _by_byte
    rarity = np.bincount(data[first : min(first + SAMPLE, last)], minlength=256)[wanted]
    for start in range(first, last - len(wanted) + 1, BYTES):
        stop = min(start + BYTES + len(wanted) - 1, last)
        ends = np.array((start, stop), dtype=offsets.dtype)  # of one type, else NumPy converts all offsets
        row, beyond = np.searchsorted(offsets, ends, side="right").tolist()
        begins = offsets[row - 1 : beyond + 1]  # of the texts in reach: few enough to stay in the first-level cache
        for run in search(data[start:stop], wanted, rarity):
            places = (run + start).astype(offsets.dtype)
            rows = np.searchsorted(begins, places, side="right")
            contains[rows[places + len(wanted) <= begins[rows]] + (row - 2)] = True
    return contains


def buffers(texts: pa.Array) -> tuple[npt.NDArray[Any], Octets]:
    """Return where each text begins, with the end of the last, and the bytes."""
    _, offsets, data = texts.buffers()
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    if offsets is None or data is None:
        return np.zeros(0, dtype=width), np.zeros(0, dtype=np.uint8)
    begins = np.frombuffer(offsets, dtype=width)[texts.offset : texts.offset + len(texts) + 1]
    return begins, np.frombuffer(data, dtype=np.uint8)


def _by_word(data: Octets, wanted: Octets, rarity: npt.NDArray[np.int64]) -> Iterator[Places]:
    """Yield the places in `data` where the pattern begins, in four runs."""
    commonness = np.log1p(rarity)
    windows = np.convolve(commonness, np.ones(WORD), mode="valid")
    at = int(np.argmin(windows))
    word = wanted[at : at + WORD].copy().view(np.uint32)[0]
    rest = [place for place in range(len(wanted)) if not at <= place < at + WORD]
    length = len(data) - len(wanted) + 1  # places where the pattern may begin
    for shift in range(min(WORD, length)):
        words = data[at + shift : at + shift + (length - shift + WORD - 1) // WORD * WORD]
        words = words[: len(words) // WORD * WORD].view(np.uint32)
        places = np.flatnonzero(words == word) * WORD + shift
        places = places[places < length]
        for place in rest:
            if not len(places):
                break
            places = places[data[places + place] == wanted[place]]
        if len(places):
            yield places


def _by_byte(data: Octets, wanted: Octets, rarity: npt.NDArray[np.int64]) -> Iterator[Places]:
    """Do the same for a pattern shorter than a word, in one run."""
    length = len(data) - len(wanted) + 1
    order = np.argsort(rarity, kind="stable").tolist()
    matches: Bools = data[order[0] : order[0] + length] == wanted[order[0]]
    for place in order[1:]:
        matches &= data[place : place + length] == wanted[place]
    places = np.flatnonzero(matches)
    if len(places):
        yield places
