"""Parts and views of many distinct texts, such as email addresses: Arrow arrays in chunks.

A chunk has 65,536 rows. Arrow arrays cannot be changed, so a chunk has an overlay of the rows
written since it was made; a scan judges both. When the overlay has grown, the chunk is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.index import bits
from coterie.index.bits import Bools, Pids
from coterie.index.columns.coded import CodedView
from coterie.index.columns.matching import SMALL_OFFSETS_MAX, Matchable, text_array
from coterie.index.columns.part import Scan, View
from coterie.index.resolve import ResolvedLeaf, kind_of_leaf
from coterie.rules.values import Kind, Value

CHUNK: Final = 65_536
PENDING_MAX: Final = 4_096
"""At this many rows in its overlay a chunk is made anew; at a full chunk while loading."""


class TextsView:
    """The texts of a few rows, made matchable at the first use."""

    __slots__ = ("_matchable", "texts")

    def __init__(self, texts: Sequence[str | None] | None, matchable: Matchable | None = None) -> None:
        self.texts = texts
        self._matchable = matchable

    @property
    def matchable(self) -> Matchable:
        if self._matchable is None:
            assert self.texts is not None
            self._matchable = Matchable.of(self.texts)
        return self._matchable

    def judge(self, leaf: ResolvedLeaf) -> Bools:
        matchable = self.matchable
        return matchable.judge(leaf, 0, len(matchable))

    def present(self) -> Bools:
        if self.texts is not None:
            return np.array([text is not None for text in self.texts], dtype=np.bool_)
        return self.matchable.present()

    def value(self, place: int) -> Value | None:
        return self.texts[place] if self.texts is not None else self.matchable.text(place)


class Texts:
    """The texts of all rows."""

    kind = Kind.TEXT
    block = 2 * CHUNK

    def __init__(self) -> None:
        self.count = 0
        self.length = 0
        self._has = bits.empty(0)
        self._chunks: list[Matchable | None] = []
        self._pending: list[dict[int, str | None]] = []
        self._pending_max = PENDING_MAX

    def scan(self, leaf: ResolvedLeaf) -> Scan | None:
        if kind_of_leaf(leaf) not in (Kind.TEXT, None):
            return None

        def scan(start: int, stop: int) -> Bools:
            verdicts = np.zeros(stop - start, dtype=np.bool_)
            for number in range(start // CHUNK, (stop - 1) // CHUNK + 1):
                base = number * CHUNK
                low, high = max(start, base), min(stop, base + CHUNK)
                self._judge(leaf, number, low - base, high - base, verdicts[low - start : high - start])
            return verdicts

        return scan

    def _judge(self, leaf: ResolvedLeaf, number: int, low: int, high: int, out: Bools) -> None:
        chunk = self._chunks[number]
        if chunk is not None and low < len(chunk):
            top = min(high, len(chunk))
            out[: top - low] = chunk.judge(leaf, low, top)
        pending = self._pending[number]
        if pending:
            pids = np.fromiter(pending, dtype=np.int64, count=len(pending)) - number * CHUNK - low
            verdicts = TextsView(list(pending.values())).judge(leaf)
            inside = (pids >= 0) & (pids < high - low)
            out[pids[inside]] = verdicts[inside]

    def gather(self, pids: Pids) -> TextsView:
        inside = np.flatnonzero(pids < self.length)
        order = inside[np.argsort(pids[inside] >> 16, kind="stable")]
        runs = np.flatnonzero(np.diff(pids[order] >> 16)) + 1
        places: list[Pids] = []
        chunk_texts: list[pa.Array] = []
        for run in np.split(order, runs) if len(order) else ():
            number = int(pids[run[0]]) >> 16
            places.append(run)
            chunk_texts.append(self._take(number, pids[run]))
        texts: list[str | None] = [None] * len(pids)
        for run, run_texts in zip(places, chunk_texts, strict=True):
            for place, text in zip(run.tolist(), run_texts, strict=True):
                texts[place] = text
        return TextsView(texts)

    def _take(self, number: int, pids: Pids) -> list[str | None]:
        """Return the texts of `pids`, which lie in one chunk."""
        pending = self._pending[number]
        chunk = self._chunks[number]
        places = pids - number * CHUNK
        if chunk is None:
            return [pending.get(pid) for pid in pids.tolist()]
        inside = places < len(chunk)
        texts: list[str | None] = chunk.original_array().take(pa.array(np.where(inside, places, 0))).to_pylist()
        for place in np.flatnonzero(~inside).tolist():
            texts[place] = None
        if pending:
            for place, pid in enumerate(pids.tolist()):
                if pid in pending:
                    texts[place] = pending[pid]
        return texts

    def put(self, pids: Pids, view: View) -> None:
        texts: Sequence[Any] = _texts(view, len(pids))
        self._reach(int(pids.max()) + 1)
        present = view.present()
        self.count += int(np.count_nonzero(present)) - int(np.count_nonzero(bits.test(self._has, pids)))
        bits.put(self._has, pids, present)
        numbers = np.unique(pids >> 16).tolist()
        if len(numbers) == 1:
            self._pending[numbers[0]].update(zip(pids.tolist(), texts, strict=True))
        else:
            for pid, text in zip(pids.tolist(), texts, strict=True):
                self._pending[pid >> 16][pid] = text
        for number in numbers:
            if len(self._pending[number]) >= self._pending_max:
                self._merge(number)

    def put_one(self, pid: int, value: Value | None) -> None:
        assert value is None or isinstance(value, str)
        if pid >= self.length:
            if value is None:
                return
            self._reach(pid + 1)
        word, bit = pid >> 6, 1 << (pid & 63)
        old_word = int(self._has[word])
        self.count += (value is not None) - (old_word & bit != 0)
        self._has[word] = old_word | bit if value is not None else old_word & ~bit
        pending = self._pending[pid >> 16]
        pending[pid] = value
        if len(pending) >= self._pending_max:
            self._merge(pid >> 16)

    def _reach(self, length: int) -> None:
        self.length = max(self.length, length)
        self._has = _with_room(self._has, self.length)
        while len(self._chunks) * CHUNK < self.length:
            self._chunks.append(None)
            self._pending.append({})

    def _merge(self, number: int) -> None:
        """Make the chunk anew, with its overlay merged into it."""
        pending, old = self._pending[number], self._chunks[number]
        if not pending:
            return
        places = np.fromiter(pending, dtype=np.int64, count=len(pending)) - number * CHUNK
        order = np.argsort(places)
        texts = list(pending.values())
        written = text_array([texts[place] for place in order.tolist()])
        length = max(int(places.max()) + 1, 0 if old is None else len(old))
        if old is None:
            base = pa.nulls(length, type=written.type)
        else:
            base, written = _same_type(old.original_array(), written)
            base = pa.concat_arrays([base, pa.nulls(length - len(base), type=base.type)])
        mask = np.zeros(length, dtype=np.bool_)
        mask[places] = True
        chunk = Matchable.of_array(pc.replace_with_mask(base, pa.array(mask), written))
        chunk.worth_signing = True  # at the first use: a writer should not wait for it
        self._chunks[number] = chunk
        self._pending[number] = {}

    def clear(self, pids: Pids) -> None:
        pids = pids[bits.test(self._has, pids)]
        if len(pids):
            self.put(pids, TextsView([None] * len(pids)))

    def value(self, pid: int) -> Value | None:
        if pid >= self.length:
            return None
        pending = self._pending[pid >> 16]
        if pid in pending:
            return pending[pid]
        chunk, place = self._chunks[pid >> 16], pid & (CHUNK - 1)
        return chunk.text(place) if chunk is not None and place < len(chunk) else None

    def present(self, pids: Pids) -> Bools:
        return bits.test(self._has, pids)

    def begin_load(self) -> None:
        self._pending_max = CHUNK

    def settle(self) -> None:
        self._pending_max = PENDING_MAX
        for number in range(len(self._chunks)):
            self._merge(number)
            chunk = self._chunks[number]
            if chunk is not None:
                chunk.sign()

    def bytes(self) -> int:
        chunk_bytes = sum(chunk.bytes() for chunk in self._chunks if chunk is not None)
        return chunk_bytes + int(self._has.nbytes) + 200 * sum(len(pending) for pending in self._pending)


def _texts(view: View, rows: int) -> Sequence[Value | None]:
    if isinstance(view, TextsView) and view.texts is not None:
        return view.texts
    if isinstance(view, CodedView):
        values = view.dictionary.values
        return [values[code] for code in view.codes.tolist()]
    return [view.value(place) for place in range(rows)]


def _with_room(words: bits.Words, rows: int) -> bits.Words:
    return words if bits.words_for(rows) <= len(words) else bits.fit(words, max(rows, 2 * 64 * len(words)))


def _same_type(first: pa.Array, second: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return both with 64-bit offsets, if either has them or together they might need them."""
    if first.type == second.type and first.nbytes + second.nbytes < SMALL_OFFSETS_MAX:
        return first, second
    return first.cast(pa.large_string()), second.cast(pa.large_string())
