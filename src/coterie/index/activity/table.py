"""A table: the rows of one source, as columns over places.

The places up to `sorted` are the base: in the order of their instants, so that a window is a slice.
After them comes the tail, the rows written since, in the order of arrival; it is scanned as it is,
and a dictionary finds its rows by profile. When the tail has grown, it is sorted into the base:
only the base after the tail's earliest instant moves, which is nothing at all where rows arrive in
order. Removed rows are marked `dead`, and left behind when places move.

Columns are those of profiles (`column.py`), with places for pids.

It is long because whatever moves places has to keep all of this true at once, and is to be read
beside it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from coterie.index.activity.rows import Integers, Loaded, Row
from coterie.index.bits import Bools, Pids
from coterie.index.columns.cache import LeafCache
from coterie.index.columns.column import WRITE_SINGLY_MAX, Column
from coterie.index.columns.part import grown
from coterie.index.columns.views import listed, views_of
from coterie.rules.kernel import Source
from coterie.rules.values import Instant, Value

Places = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

TAIL_MAX: Final = 65_536
"""Rows of the tail at which it is sorted into the base; a sixty-fourth of the base where that is
more."""
DEAD_MIN: Final = 3
"""Dead rows up to which a table keeps them, whatever their share."""
DEAD_MAX: Final = 1 / 4
"""The share of dead rows above which the table drops them."""
TOUCHED_MAX: Final = 65_536
WHERE_BYTES_MAX: Final = 32 * 2**20

_LOW_HALF: Final = np.uint64(2**32 - 1)
_HALF: Final = np.uint64(32)


class Table:
    """Read by many at once or written by one, as the index's lock has it."""

    def __init__(self, source: Source, zone: ZoneInfo, names: Iterable[str] = ()) -> None:
        self.source = source
        self.zone = zone
        self.columns = {name: Column(name, zone) for name in names}
        self.numbers: Integers = np.zeros(0, dtype=np.uint32)
        self.pids: Integers = np.zeros(0, dtype=np.uint32)
        self.ats: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.dead: Bools = np.zeros(0, dtype=np.bool_)
        self.dead_count = 0
        self.count = 0
        self.sorted = 0
        self.tail: dict[int, list[int]] = {}
        self.version = 0
        self.people = 0  # the largest pid there ever was
        self.where = LeafCache(WHERE_BYTES_MAX)
        self._keys: Keys | None = None
        self._counts: tuple[Pids, Pids] | None = None
        self._recent: tuple[int, Pids, Places] | None = None
        self._mutex = threading.Lock()
        self._touched: deque[Pids] = deque()
        self._touched_count = 0

    # --- reading

    def keys(self) -> Keys:
        """The base by profile: pid and place, 32 bits each, in order.

        A profile's places are together, by instant.
        """
        with self._mutex:
            if self._keys is None:
                self._keys = np.sort(_keys(self.pids[: self.sorted], 0))
            return self._keys

    def keys_of(self, places: Places | slice) -> Keys:
        """The keys of some places, in order. Most of the table, as every row of it is read."""
        keys = self.keys()
        if isinstance(places, slice):
            if places.stop - places.start == self.sorted:
                return keys
            inside = (keys & _LOW_HALF) - np.uint64(places.start)  # what lies before wraps round to the far end
            chosen: Keys = keys[inside < places.stop - places.start]
            return chosen
        mask = np.zeros(self.count, dtype=np.bool_)
        mask[places] = True
        keys = keys[mask[(keys & _LOW_HALF).astype(np.int64)]]
        tail = places[places >= self.sorted]
        if not len(tail):
            return keys
        added = np.sort(self.pids[tail].astype(np.uint64) << _HALF | tail.astype(np.uint64))
        return np.sort(np.concatenate((keys, added)), kind="stable")  # two runs in order: one pass

    def counts(self) -> tuple[Pids, Pids]:
        """The pids of the base, and how many rows each has there, the dead included."""
        keys = self.keys()
        with self._mutex:
            if self._counts is None:
                pids = (keys >> _HALF).astype(np.uint32)
                starts = np.flatnonzero(pids[1:] != pids[:-1]) + 1 if len(pids) else np.zeros(0, dtype=np.int64)
                starts = np.concatenate((np.zeros(min(1, len(pids)), dtype=np.int64), starts))
                counts = np.diff(starts, append=len(pids)).astype(np.uint32)
                self._counts = pids[starts].astype(np.int64), counts.astype(np.int64)
            return self._counts

    def places_of(self, pid: int) -> list[int]:
        """One profile's places."""
        places: list[int] = []
        if self.sorted:
            keys = self.keys()
            first, last = keys.searchsorted(np.array((pid << 32, (pid + 1) << 32), dtype=np.uint64)).tolist()
            if first < last:
                places = (keys[first:last] & _LOW_HALF).tolist()
                if self.dead_count:
                    places = [place for place in places if not self.dead[place]]
        return places + self.tail.get(pid, []) if pid in self.tail else places

    def places_of_many(self, pids: Pids) -> Places:
        """The places of several distinct profiles, in any order.

        The latest answer is cached, for one batch asks many subjects of the same profiles.
        """
        recent = self._recent
        if recent is not None and recent[0] == self.version and np.array_equal(recent[1], pids):
            return recent[2]
        places = [np.zeros(0, dtype=np.int64)]
        if self.sorted:
            keys = self.keys()
            ends = pids.astype(np.uint64)
            first = keys.searchsorted(ends << _HALF)
            lengths = keys.searchsorted((ends + np.uint64(1)) << _HALF) - first
            after = np.cumsum(lengths)
            steps = np.arange(int(after[-1]) if len(after) else 0) + np.repeat(first - after + lengths, lengths)
            places.append((keys[steps] & _LOW_HALF).astype(np.int64))
        if self.tail:
            places.append(self._in_tail(pids))
        living = self.living(np.concatenate(places))
        self._recent = self.version, pids, living
        return living

    def _in_tail(self, pids: Pids) -> Places:
        if len(pids) * 4 < len(self.tail):
            places = [place for pid in pids.tolist() for place in self.tail.get(pid, ())]
            return np.array(places, dtype=np.int64)
        return self.sorted + np.flatnonzero(np.isin(self.pids[self.sorted : self.count], pids))

    def slice_between(self, low: int, high: int) -> tuple[int, int]:
        """The base's places with instants from `low` to `high`: first, and one after the last."""
        base = self.ats[: self.sorted]
        first = int(base.searchsorted(low, "left"))
        return first, max(first, int(base.searchsorted(high, "right")))

    def tail_between(self, low: int, high: int) -> Places:
        """The tail's places with an instant from `low` to `high`."""
        if self.sorted == self.count:
            return np.zeros(0, dtype=np.int64)
        ats = self.ats[self.sorted : self.count]
        inside = (ats >= low) & (ats <= high)
        if self.dead_count:
            inside &= ~self.dead[self.sorted : self.count]
        return self.sorted + np.flatnonzero(inside)

    def living(self, places: Places) -> Places:
        """Those of `places` whose rows have not been removed."""
        return places[~self.dead[places]] if self.dead_count else places

    def column(self, name: str) -> Column:
        """The column with this name. LookupError if it is not loaded and there are rows."""
        column = self.columns.get(name)
        if column is None:
            if self.count > self.dead_count:
                raise LookupError(f"The column {name!r} of {self.source} is not loaded: see `Index.missing`.")
            column = Column(name, self.zone)
        return column

    def touched_since(self, version: int) -> Pids | None:
        """The pids whose rows changed after `version`, each once; None if no longer known."""
        behind = self.version - version
        if behind > len(self._touched):
            return None
        latest = [self._touched[-1 - step] for step in range(behind)]
        return np.unique(np.concatenate(latest)) if latest else np.zeros(0, dtype=np.int64)

    def values_at(self, places: Sequence[int]) -> list[dict[str, Value]]:
        """The values of the rows at some places, of the columns in memory."""
        documents: list[dict[str, Value]] = [{} for _ in places]
        rows = np.array(places, dtype=np.int64)
        for name, column in self.columns.items():
            for part in column.parts.values():
                for values, value in zip(documents, listed(part.gather(rows), len(rows)), strict=True):
                    if value is not None:
                        values[name] = value
        return documents

    def summary(self) -> tuple[int, Instant | None, Instant | None]:
        """How many rows there are, and the first and last instant."""
        alive = self.count - self.dead_count
        if not alive:
            return 0, None, None
        ats = self.ats[: self.count]
        if self.dead_count:
            ats = ats[~self.dead[: self.count]]
        return alive, Instant(ats.min()), Instant(ats.max())

    # --- writing

    def load(self, batches: Iterable[Loaded]) -> None:
        """Load many rows at once, into an empty table."""
        parts: list[Loaded] = []
        for batch in batches:
            if len(batch.numbers):
                first = sum(len(part.numbers) for part in parts)
                parts.append(Loaded(batch.numbers, batch.pids, batch.ats, {}))
                self._load_columns(np.arange(first, first + len(batch.numbers)), batch.columns)
        self.numbers = _joined([part.numbers for part in parts], np.uint32)
        self.pids = _joined([part.pids for part in parts], np.uint32)
        self.ats = _joined([part.ats for part in parts], np.int64)
        self.count = len(self.numbers)
        self.dead = np.zeros(self.count, dtype=np.bool_)
        self.people = int(self.pids.max()) if self.count else 0
        if (self.ats[1:] < self.ats[:-1]).any():
            self._rearrange(0, np.argsort(self.ats, kind="stable"))
        self.sorted = self.count
        for column in self.columns.values():
            column.settle()
        self._everything_touched()
        self.keys()  # now, and not when the first write waits for it

    def load_columns(
        self, names: Iterable[str], batches: Iterable[tuple[Integers, Mapping[str, list[Value | None]]]]
    ) -> None:
        """Load columns that are not in memory yet, for the rows of the table.

        Numbers that the table does not have are ignored.
        """
        new = {name for name in names if name not in self.columns}
        living = self.living(np.arange(self.count))
        living = living[np.argsort(self.numbers[living], kind="stable")]
        numbers_here = self.numbers[living].astype(np.int64)
        for numbers, columns in batches:
            wanted = np.asarray(numbers, dtype=np.int64)
            nearest = np.minimum(numbers_here.searchsorted(wanted), max(len(numbers_here) - 1, 0))
            here = numbers_here[nearest] == wanted if len(numbers_here) else np.zeros(len(wanted), dtype=np.bool_)
            chosen = {name: values for name, values in columns.items() if name in new}
            if not here.all():
                present = np.flatnonzero(here).tolist()
                chosen = {name: [values[place] for place in present] for name, values in chosen.items()}
            self._load_columns(living[nearest[here]], chosen)
        for name in new:
            self.columns.setdefault(name, Column(name, self.zone)).settle()
        self._everything_touched()

    def _load_columns(self, places: Places, columns: Mapping[str, list[Value | None]]) -> None:
        for name, values in columns.items():
            column = self.columns.get(name)
            if column is None:
                column = self.columns[name] = Column(name, self.zone)
            if not column.parts:
                column.begin_load()
            views = views_of(column, values, self.zone)
            if views and len(places):
                column.write(places, views)

    def remove(self, removed: Iterable[tuple[int, int]]) -> None:
        """Remove the rows with these (number, pid)."""
        of_pid: dict[int, set[int]] = {}
        for number, pid in removed:
            of_pid.setdefault(pid, set()).add(number)
        for pid, numbers in of_pid.items():
            for place in self.places_of(pid):
                if int(self.numbers[place]) in numbers:
                    self._kill(place, pid)
        self._note(np.fromiter(of_pid, dtype=np.int64, count=len(of_pid)))

    def _kill(self, place: int, pid: int) -> None:
        self.dead[place] = True
        self.dead_count += 1
        if place >= self.sorted:
            self.tail[pid].remove(place)
            if not self.tail[pid]:
                del self.tail[pid]

    def append(self, rows: Sequence[Row]) -> None:
        """Append rows to the tail."""
        first = self.count
        self._reach(first + len(rows))
        self.count += len(rows)
        for place, row in enumerate(rows, first):
            self.tail.setdefault(row.pid, []).append(place)
        if len(rows) <= WRITE_SINGLY_MAX:
            for place, row in enumerate(rows, first):
                self.numbers[place], self.pids[place], self.ats[place] = row.number, row.pid, row.at
        else:
            new = slice(first, self.count)
            self.numbers[new] = [row.number for row in rows]
            self.pids[new] = [row.pid for row in rows]
            self.ats[new] = [row.at for row in rows]
        self._append_values(np.arange(first, self.count), [row.values for row in rows])
        pids = {row.pid for row in rows}
        self.people = max(self.people, *pids)
        self._note(np.array(sorted(pids), dtype=np.int64))

    def _append_values(self, places: Places, documents: Sequence[Mapping[str, Value]]) -> None:
        for name, column in self.columns.items():
            values = [document.get(name) for document in documents]
            if len(places) > WRITE_SINGLY_MAX:
                views = views_of(column, values, self.zone)
                if views:
                    column.write(places, views)
            elif any(value is not None for value in values):
                column.write_few(places, values)

    def _reach(self, length: int) -> None:
        if length > len(self.numbers):
            self.numbers, self.pids = grown(self.numbers, length), grown(self.pids, length)
            self.ats, self.dead = grown(self.ats, length), grown(self.dead, length)

    def tidy(self) -> None:
        """Sort the tail into the base when it has grown; drop the dead when they are many."""
        if self.dead_count > max(DEAD_MIN, DEAD_MAX * self.count):
            self._merge(0)
        elif self.count - self.sorted > max(TAIL_MAX, self.sorted >> 6):
            self._merge(int(self.ats[: self.sorted].searchsorted(self.ats[self.sorted : self.count].min(), "right")))

    def _merge(self, first: int) -> None:
        """Put the living rows from place `first` on in the order of their instants.

        What is in order already is not sorted again.
        """
        base = self.living(np.arange(first, self.sorted))
        tail = self.living(np.arange(self.sorted, self.count))
        tail = tail[np.argsort(self.ats[tail], kind="stable")]
        order = np.insert(base, self.ats[base].searchsorted(self.ats[tail], "right"), tail)
        keys = None if self._keys is None else self._merged_keys(self._keys, first, order)
        if len(order) != self.count - first or not bool((order == np.arange(first, self.count)).all()):
            self._rearrange(first, order)
        self._keys = keys
        self._counts = self._recent = None
        self.sorted = self.count
        self.tail = {}

    def _merged_keys(self, keys: Keys, first: int, order: Places) -> Keys:
        """The keys as they will be when the places from `first` on are those at `order`.

        The base's rows stay in their order.
        """
        came = order[order >= self.sorted]
        if first == self.sorted:
            base, to = keys, np.arange(first, first + len(order))  # only the tail moves
        else:
            places = np.full(self.count, -1, dtype=np.int64)
            places[:first] = np.arange(first)
            places[order] = np.arange(first, first + len(order))
            moved = places[(keys & _LOW_HALF).astype(np.int64)]
            stays = moved >= 0
            base, to = (keys >> _HALF << _HALF)[stays] | moved[stays].astype(np.uint64), places[came]
        added = np.sort(self.pids[came].astype(np.uint64) << _HALF | to.astype(np.uint64))
        return np.sort(np.concatenate((base, added)), kind="stable")  # two runs in order: one pass

    def _rearrange(self, first: int, order: Places) -> None:
        """The rows from place `first` on become those that were at `order`."""
        old, self.count = self.count, first + len(order)
        for array in (self.numbers, self.pids, self.ats, self.dead):
            array[first : self.count] = array[order]
        self.dead[self.count : old] = False
        self.dead_count = int(np.count_nonzero(self.dead[: self.count]))
        for column in self.columns.values():
            column.rearrange(first, order)
        self.where.clear()

    def _note(self, pids: Pids) -> None:
        self.version += 1
        self._touched.append(pids)
        self._touched_count += len(pids)
        while self._touched_count > max(TOUCHED_MAX, self.count >> 6):
            self._touched_count -= len(self._touched.popleft())

    def _everything_touched(self) -> None:
        self.version += 1
        self._touched.clear()
        self._touched_count = 0
        self._keys = self._counts = self._recent = None
        self.where.clear()

    def forget(self) -> None:
        """Drop every cached answer."""
        self.where.clear()
        self._counts = self._recent = None
        for column in self.columns.values():
            column.forget()

    def bytes(self) -> int:
        arrays = (self.numbers, self.pids, self.ats, self.dead)
        own = sum(array.nbytes for array in arrays) + (0 if self._keys is None else self._keys.nbytes)
        own += 0 if self._counts is None else sum(array.nbytes for array in self._counts)
        return own + 100 * len(self.tail) + self.where.bytes() + sum(column.bytes() for column in self.columns.values())


def _keys(pids: Integers, first: int) -> Keys:
    """A key for each row, whose places start at `first`."""
    keys: Keys = pids.astype(np.uint64) << _HALF
    keys |= np.arange(first, first + len(pids), dtype=np.uint64)
    return keys


def _joined(arrays: Sequence[Integers], kind: type[np.generic]) -> Integers:
    return np.concatenate([np.zeros(0, dtype=kind), *arrays]).astype(kind, copy=False)
