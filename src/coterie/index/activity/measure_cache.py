"""Cached answers: for a leaf its rows, packed; for a subject its values.

Of a cached subject another threshold only has to be compared. A verdict is true as of a version of
its tables and a moment. Asked again, only two groups of profiles are judged again: those written
since, and those that crossed an edge of the leaf between the two moments, in either direction.
Where these are too many, or no longer known, everything is measured anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index import bits
from coterie.index.activity.measure_result import MeasureResult
from coterie.index.activity.table import Table
from coterie.index.activity.tables import ActivityTables
from coterie.index.bits import Pids, Words
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import ChangedAt, Followed, IsSet, Measured, MeasureSubject, PropertyLeaf, Source
from coterie.rules.moment import Moment
from coterie.rules.values import Instant

AGAIN_MAX: Final = 4_096
"""Profiles up to which judging them again is faster than measuring everybody; a sixteenth of the
rows where that is more."""

Versions: TypeAlias = tuple[tuple[Source, Table | None, int], ...]


@dataclass(frozen=True, slots=True)
class AsOf:
    """The table versions and the moment of a cached verdict."""

    versions: Versions
    now: Instant
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class CachedVerdicts:
    """The default verdict for profiles without activity, and the rows that differ from it."""

    default: bool
    words: Words
    as_of: AsOf


class MeasureCache:
    """Used by many threads at once; verdicts are never changed, only replaced."""

    def __init__(self, activity: ActivityTables, bytes_max: int) -> None:
        self._activity = activity
        self._bytes_max = bytes_max
        self._verdicts: OrderedDict[PropertyLeaf, CachedVerdicts] = OrderedDict()
        self._results: OrderedDict[MeasureSubject, tuple[MeasureResult, AsOf]] = OrderedDict()
        self._sizes: dict[MeasureSubject, int] = {}
        self._result_bytes = 0
        self._bytes = 0
        self._mutex = threading.Lock()

    def everyone(self, leaf: PropertyLeaf, moment: Moment, rows: int) -> tuple[bool, Words]:
        """The default verdict for profiles without activity, and the rows that differ from it."""
        with self._mutex:
            cached = self._verdicts.get(leaf)
            if cached is not None:
                self._verdicts.move_to_end(leaf)
        current = None if cached is None else self._renewed(leaf, cached, moment, rows)
        if current is None:
            as_of = self._as_of(leaf, moment)
            default, words = self._activity.compared(leaf, self._values(leaf, moment, as_of), moment, rows)
            current = CachedVerdicts(default, words, as_of)
        if current is not cached:
            self._add(leaf, current)
        return current.default, bits.fit(current.words, rows)[: bits.words_for(rows)]

    # --- bringing up to date

    def _renewed(self, leaf: PropertyLeaf, cached: CachedVerdicts, moment: Moment, rows: int) -> CachedVerdicts | None:
        as_of = self._as_of(leaf, moment)
        if as_of == cached.as_of:
            return cached
        again = self._changed(edges(leaf), cached.as_of, as_of)
        if again is None:
            return None
        if not len(again):
            return replace(cached, as_of=as_of)
        words = bits.fit(cached.words, max(rows, int(again[-1]) + 1))
        words = words.copy() if words is cached.words else words
        bits.put(words, again, self._activity.judge(leaf, again, moment, None) != cached.default)
        return CachedVerdicts(cached.default, words, as_of)

    def _changed(self, moving: Iterable[Edge], old: AsOf, new: AsOf) -> Pids | None:
        """The pids whose verdict may have changed, each once; None if too many or not known."""
        if old.zone != new.zone:
            return None
        pids: list[Pids] = []
        most = AGAIN_MAX
        for (_, table, version), (_, now, _) in zip(old.versions, new.versions, strict=True):
            if table is not now or table is None:
                return None
            touched = table.touched_since(version)
            if touched is None:
                return None
            most = max(most, table.count >> 4)
            pids.append(touched)
        if old.now != new.now:
            since, until = min(old.now, new.now), max(old.now, new.now)
            pids.extend(self._activity.crossings(edge, since, until).pid for edge in moving)
        if sum(map(len, pids)) > most:
            return None
        return np.unique(np.concatenate(pids))

    def _as_of(self, leaf: PropertyLeaf, moment: Moment) -> AsOf:
        tables = self._activity.tables
        used = ((source, tables.get(source)) for source in _sources(leaf))
        versions = ((source, table, -1 if table is None else table.version) for source, table in used)
        return AsOf(tuple(versions), moment.now, moment.zone)

    # --- the values of a subject

    def _values(self, leaf: PropertyLeaf, moment: Moment, as_of: AsOf) -> MeasureResult:
        subject = leaf.property
        assert isinstance(subject, MeasureSubject)
        with self._mutex:
            cached = self._results.get(subject)
        if cached is not None:
            result, as_of_then = cached
            # a leaf that does not move by itself has the edges of its subject
            changed = self._changed(edges(IsSet(subject)), as_of_then, as_of)
            if changed is not None and not len(changed):
                return result
        result = self._activity.measure(subject, moment)
        self._add_result(subject, result, as_of)
        return result

    # --- keeping

    def _add(self, leaf: PropertyLeaf, verdicts: CachedVerdicts) -> None:
        with self._mutex:
            self._drop(leaf)
            self._verdicts[leaf] = verdicts
            self._bytes += verdicts.words.nbytes
            while self._bytes > self._bytes_max and self._verdicts:
                self._drop(next(iter(self._verdicts)))

    def _drop(self, leaf: PropertyLeaf) -> None:
        dropped = self._verdicts.pop(leaf, None)
        if dropped is not None:
            self._bytes -= dropped.words.nbytes

    def _add_result(self, subject: MeasureSubject, result: MeasureResult, as_of: AsOf) -> None:
        """Up to a half of the bytes; the latest ones only, for these are being edited."""
        most = self._bytes_max // 2
        with self._mutex:
            self._drop_result(subject)
            self._results[subject] = result, as_of
            self._sizes[subject] = (
                result.bytes()
            )  # once, for a sum over all of them each time would grow with their number
            self._result_bytes += self._sizes[subject]
            while self._results and self._result_bytes > most:
                self._drop_result(next(iter(self._results)))

    def _drop_result(self, subject: MeasureSubject) -> None:
        if self._results.pop(subject, None) is not None:
            self._result_bytes -= self._sizes.pop(subject)

    def clear(self) -> None:
        with self._mutex:
            self._verdicts.clear()
            self._results.clear()
            self._sizes.clear()
            self._bytes = self._result_bytes = 0

    def bytes(self) -> int:
        with self._mutex:
            return self._bytes + self._result_bytes


def _sources(leaf: PropertyLeaf) -> Sequence[Source]:
    match leaf.property:
        case Measured(source=source):
            return (source,)
        case Followed(steps=steps):
            return tuple(dict.fromkeys(step.source for step in steps))
        case str() | ChangedAt():
            raise AssertionError(leaf)
        case _:
            assert_never(leaf.property)
