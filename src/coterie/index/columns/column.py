"""A column: one property of all profiles, as one part per kind of value.

A profile has a value in at most one part. A column counts its versions and remembers, within
bounds, which rows each version touched: judging those rows again brings the result of an earlier
version up to date.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Bools, Pids
from coterie.index.columns.coded import Coded, CodedView
from coterie.index.columns.dictionary import Booleans, Dictionary, Lists, TextDictionary
from coterie.index.columns.order import TimeOrder
from coterie.index.columns.ordered import Ordered
from coterie.index.columns.part import Part, View
from coterie.index.columns.texts import Texts
from coterie.index.resolve import ResolvedLeaf, kind_of_leaf
from coterie.rules.kernel import ChangedAt
from coterie.rules.values import Kind, Value, kind_of

WRITE_SINGLY_MAX: Final = 3
"""Up to this many rows, writing value by value is faster than setting up views."""
CODED_MAX: Final = 65_536
"""Up to this many distinct texts, a column is always coded; beyond, only while there are several
profiles per text.
"""
PROFILES_PER_TEXT: Final = 4
TOUCHED_MAX: Final = 65_536
"""How many touched rows are remembered; a sixteenth of the column where that is more."""
LOADED_CODES_MAX: Final = 2**18
"""While loading, the decision waits for this many codes or the end, because profiles still to come
may share the texts so far.
"""

_DICTIONARIES: Final = {Kind.TEXT: TextDictionary, Kind.LIST: Lists, Kind.BOOLEAN: Booleans}


class Column:
    """One property of all profiles."""

    def __init__(self, name: str | ChangedAt, zone: ZoneInfo) -> None:
        self.name = name
        self.parts: dict[Kind, Part] = {}
        self.version = 0
        self.order: TimeOrder | None = None  # made when a crossing is first asked for
        self._zone = zone
        self._touched: deque[Pids] = deque()  # the rows of the latest versions
        self._touched_count = 0
        self._check_at = CODED_MAX  # the size at which a dictionary is next checked
        self._loading = False

    # --- reading

    def parts_for(self, leaf: ResolvedLeaf) -> list[Part]:
        """Return the parts in which some value may match `leaf`."""
        kind = kind_of_leaf(leaf)
        if kind is None:
            return list(self.parts.values())
        part = self.parts.get(kind)
        return [] if part is None else [part]

    def judge(self, leaf: ResolvedLeaf, pids: Pids) -> Bools:
        verdicts = np.zeros(len(pids), dtype=np.bool_)
        for part in self.parts_for(leaf):
            verdicts |= part.gather(pids).judge(leaf)
        return verdicts

    def value(self, pid: int) -> Value | None:
        for part in self.parts.values():
            value = part.value(pid)
            if value is not None:
                return value
        return None

    def any_present(self, pids: Pids) -> bool:
        if len(pids) == 1:
            return self.value(pids.item()) is not None
        return any(bool(part.present(pids).any()) for part in self.parts.values())

    def touched_since(self, version: int) -> Pids | None:
        """Return the rows touched after `version`, each once; None when they are forgotten."""
        behind = self.version - version
        if behind > len(self._touched):
            return None
        latest = [self._touched[-1 - step] for step in range(behind)]
        return latest[0] if behind == 1 else np.unique(np.concatenate(latest))

    # --- writing

    def dictionary(self, kind: Kind) -> Dictionary | None:
        """Return the dictionary for values of `kind`, maybe a new one; None if not coded."""
        part = self.parts.get(kind)
        if part is None:
            return _DICTIONARIES[kind]()
        return part.dictionary if isinstance(part, Coded) else None

    def _new_part(self, kind: Kind, dictionary: Dictionary | None = None) -> Part:
        part: Coded | Ordered = Ordered(kind, self._zone)
        if kind in _DICTIONARIES:
            part = Coded(dictionary or _DICTIONARIES[kind]())
        if self._loading:
            part.begin_load()
        return part

    def write(self, pids: Pids, views: Mapping[Kind, View]) -> None:
        """Set the rows to the values in `views`, and remove any other values they have."""
        for kind, part in self.parts.items():
            if kind not in views:
                part.clear(pids)
        for kind, view in views.items():
            if kind not in self.parts:
                self.parts[kind] = self._new_part(kind, view.dictionary if isinstance(view, CodedView) else None)
            part = self.parts[kind]
            part.put(pids, view)
            self._limit_codes(part)
        if not self._loading:
            self._record_write(pids)

    def write_few(self, pids: Pids, values: Sequence[Value | None]) -> None:
        """Do the same as `write` for a few rows, value by value."""
        for pid, value in zip(pids.tolist(), values, strict=True):
            kind = None if value is None else kind_of(value)
            if kind is not None and kind not in self.parts:
                self.parts[kind] = self._new_part(kind)
            for part_kind, part in self.parts.items():
                part.put_one(pid, value if part_kind is kind else None)
        for part in list(self.parts.values()):
            self._limit_codes(part)
        if not self._loading:
            self._record_write(pids)

    def _record_write(self, pids: Pids) -> None:
        self.version += 1
        self._touched.append(pids)
        self._touched_count += len(pids)
        bound = max(TOUCHED_MAX, max((part.length for part in self.parts.values()), default=0) // 16)
        while self._touched_count > bound:
            self._touched_count -= len(self._touched.popleft())
        if self.order is not None:
            self.order.mark_written(pids)

    def _limit_codes(self, part: Part) -> None:
        """Drop the values that no profile has any more, once a dictionary has grown large.

        If it is still large, stop coding texts.
        """
        if not isinstance(part, Coded) or len(part.dictionary) <= self._check_at:
            return
        part.compact()
        size = len(part.dictionary)
        self._check_at = max(2 * size, CODED_MAX)
        if part.kind is Kind.TEXT and size > CODED_MAX and size * PROFILES_PER_TEXT > part.count:
            self.parts[Kind.TEXT] = self._uncoded(part)

    def _uncoded(self, part: Coded) -> Texts:
        texts = Texts()
        texts.begin_load()
        step = 65_536
        for start in range(0, part.length, step):
            pids = np.arange(start, min(start + step, part.length))
            texts.put(pids, CodedView(part.dictionary, part.codes[pids]))
        if not self._loading:
            texts.settle()
        return texts

    def begin_load(self) -> None:
        self._loading = True
        self._check_at = LOADED_CODES_MAX
        for part in self.parts.values():
            part.begin_load()

    def settle(self) -> None:
        """End a bulk load."""
        self._loading = False
        self._check_at = CODED_MAX
        for part in list(self.parts.values()):
            self._limit_codes(part)
        for part in self.parts.values():
            part.settle()
        self._touch_all()

    def rearrange(self, first: int, rows: Pids) -> None:
        """Move the rows `rows` to `first` and onwards, and clear what follows them.

        Only for tables of activity, whose row numbers are positions.
        """
        end = first + len(rows)
        for part in self.parts.values():
            view, old = part.gather(rows), part.length
            if len(rows):
                part.put(np.arange(first, end), view)
            if old > end:
                part.clear(np.arange(end, old))
        self._touch_all()

    def _touch_all(self) -> None:
        self.version += 1
        self._touched.clear()
        self._touched_count = 0
        self.order = None

    def forget(self) -> None:
        """Drop the truth tables cached for earlier leaves."""
        for part in self.parts.values():
            if isinstance(part, Coded):
                part.dictionary.forget()

    def bytes(self) -> int:
        return sum(part.bytes() for part in self.parts.values()) + (0 if self.order is None else self.order.bytes())
