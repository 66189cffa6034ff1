"""Some rows of a source: places of a table, or staged rows; and several such blocks as one.

Measures use nothing else. A block gives views of its columns (`part.View`), which answer leaves;
joined blocks give numbers, and codes that are equal where the values are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from coterie.index.activity.rows import Row
from coterie.index.activity.table import Places, Table
from coterie.index.bits import Bools, Pids
from coterie.index.columns.coded import CodedView
from coterie.index.columns.ordered import OrderedView, ValueMatcher
from coterie.index.columns.part import View
from coterie.index.columns.views import listed, taken, views_of
from coterie.index.combine import combined
from coterie.index.resolve import ResolvedLeaf, kind_of_leaf, resolve
from coterie.rules.kernel import AT, Leaf, Lowered, MemberOf, Sampled
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value

Integers = npt.NDArray[Any]
Chosen = Bools | Pids

KINDS: Final = (Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.TIME, Kind.LIST)


class Block(Protocol):
    """Some rows. What is looked at is looked up then."""

    def __len__(self) -> int: ...
    @property
    def pids(self) -> Integers: ...
    @property
    def ats(self) -> Integers: ...
    def views(self, name: str) -> Mapping[Kind, View]: ...
    def only(self, chosen: Chosen) -> Block: ...


class TableRows:
    """Rows of a table: a slice of its places, or some of them."""

    def __init__(self, table: Table, places: Places | slice, pids: Integers | None = None) -> None:
        self.table = table
        self.places = places
        self._pids = pids
        self._ats: Integers | None = None

    def __len__(self) -> int:
        return self.places.stop - self.places.start if isinstance(self.places, slice) else len(self.places)

    @property
    def pids(self) -> Integers:
        if self._pids is None:
            self._pids = self.table.pids[self.places]
        return self._pids

    @property
    def ats(self) -> Integers:
        if self._ats is None:
            self._ats = self.table.ats[self.places]
        return self._ats

    @property
    def in_base(self) -> bool:
        """Whether the rows are in the order of their instants."""
        if isinstance(self.places, slice):
            return bool(self.places.stop <= self.table.sorted)
        return bool(not len(self.places) or int(self.places[-1]) < self.table.sorted)

    def listed(self) -> Places:
        """The places one by one."""
        return np.arange(self.places.start, self.places.stop) if isinstance(self.places, slice) else self.places

    def views(self, name: str) -> Mapping[Kind, View]:
        column = self.table.column(name)
        places = self.listed()
        return {kind: part.gather(places) for kind, part in column.parts.items()}

    def only(self, chosen: Chosen) -> TableRows:
        if chosen.dtype == np.bool_:
            chosen = np.flatnonzero(chosen)  # once: picking by booleans that are as they come is several times slower
        return TableRows(self.table, self.listed()[chosen], None if self._pids is None else self._pids[chosen])


class StagedRows:
    """Rows that are not in their table yet: all staged rows, or some, sharing the views of all."""

    def __init__(
        self, table: Table, rows: Sequence[Row], every: StagedRows | None = None, places: Pids | None = None
    ) -> None:
        self.table = table
        self._rows = rows
        self._views: dict[str, Mapping[Kind, View]] = {}
        self._every = every
        self._places = places
        if every is None:
            self.pids: Integers = np.array([row.pid for row in rows], dtype=np.uint32)
            self.ats: Integers = np.array([row.at for row in rows], dtype=np.int64)
        else:
            self.pids, self.ats = every.pids[places], every.ats[places]

    def __len__(self) -> int:
        return len(self.pids)

    def views(self, name: str) -> Mapping[Kind, View]:
        if self._every is not None:
            assert self._places is not None
            every, rows = self._every.views(name), len(self._rows)
            return {kind: taken(view, self._places, rows) for kind, view in every.items()}
        views = self._views.get(name)
        if views is None:
            values = [row.values.get(name) for row in self._rows]
            views = self._views[name] = views_of(self.table.column(name), values, self.table.zone)
        return views

    def only(self, chosen: Chosen) -> StagedRows:
        places: Pids = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else np.asarray(chosen, dtype=np.int64)
        if self._every is None:
            return StagedRows(self.table, self._rows, self, places)
        assert self._places is not None
        return StagedRows(self.table, self._rows, self._every, self._places[places])


def judged(where: Lowered, block: Block, moment: Moment) -> Bools:
    """Which rows of the block meet `where`."""

    def leaf_rows(leaf: Leaf) -> Bools:
        assert not isinstance(leaf, MemberOf | Sampled)  # a row of activity is not a profile
        resolved = resolve(leaf, moment)
        if resolved.property == AT:
            return instants_judged(resolved, block.ats, moment)
        assert isinstance(resolved.property, str)
        return judged_views(resolved, block.views(resolved.property), len(block))

    return combined(where, leaf_rows, np.ones(len(block), dtype=np.bool_))


def judged_views(resolved: ResolvedLeaf, views: Mapping[Kind, View], rows: int) -> Bools:
    """Which of so many rows, with these values, meet a leaf."""
    kind = kind_of_leaf(resolved)
    verdicts = np.zeros(rows, dtype=np.bool_)
    for of, view in views.items():
        if kind is None or of is kind:
            verdicts |= view.judge(resolved)
    return verdicts


def instants_judged(resolved: ResolvedLeaf, ats: Integers, moment: Moment) -> Bools:
    """Which instants meet a leaf."""
    return OrderedView(ValueMatcher(Kind.TIME, moment.zone), ats, np.ones(len(ats), dtype=np.bool_)).judge(resolved)


class Selected:
    """The rows that count, of several blocks."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = [block for block in blocks if len(block)] or list(blocks[:1])
        self._length = sum(map(len, self.blocks))

    def __len__(self) -> int:
        return self._length

    @property
    def pids(self) -> Integers:
        return _joined([block.pids for block in self.blocks])

    @property
    def ats(self) -> Integers:
        return _joined([block.ats for block in self.blocks])

    def only(self, chosen: Bools) -> Selected:
        """The rows that are chosen."""
        if len(self.blocks) == 1:
            return Selected([self.blocks[0].only(chosen)])
        ends = np.cumsum([len(block) for block in self.blocks]).tolist()
        return Selected(
            [block.only(chosen[end - len(block) : end]) for block, end in zip(self.blocks, ends, strict=True)]
        )

    def numbers(self, name: str) -> tuple[npt.NDArray[np.float64], Bools]:
        """The numbers in a column, and which rows have one."""
        parts: list[tuple[npt.NDArray[np.float64], Bools]] = []
        for block in self.blocks:
            view = block.views(name).get(Kind.NUMBER)
            if isinstance(view, OrderedView):
                parts.append((view.values, view.present()))
            else:
                parts.append((np.zeros(len(block)), np.zeros(len(block), dtype=np.bool_)))
        return _joined([numbers for numbers, _ in parts]), _joined([present for _, present in parts])

    def present(self, name: str) -> Bools:
        """Which rows have a value in a column."""
        return _joined([_present(block, name) for block in self.blocks])

    def codes(self, name: str) -> npt.NDArray[np.int64]:
        """A code for each row: zero without a value, equal for equal values of one kind."""
        every = [block.views(name) for block in self.blocks]
        codes = np.zeros(len(self), dtype=np.int64)
        ends = np.cumsum([len(block) for block in self.blocks]).tolist()
        first = 1
        for kind in KINDS:
            if not any(kind in views for views in every):
                continue
            of_kind = _joined(
                [views[kind].present() if kind in views else np.zeros(len(block), dtype=np.bool_)
                 for block, views in zip(self.blocks, every, strict=True)]
            )  # fmt: skip
            views = [
                (views[kind], end - len(block))
                for block, views, end in zip(self.blocks, every, ends, strict=True)
                if kind in views
            ]
            places = np.flatnonzero(of_kind)
            if len(places):
                of_places = _codes(views, places, of_kind)
                codes[places] = of_places + first
                first += int(of_places.max()) + 1
        return codes

    def values(self, name: str, places: Pids) -> list[Value | None]:
        """The values of the rows at `places`."""
        values: list[Value | None] = [None] * len(places)
        for inside, block in self._parts(places):
            for view in block.views(name).values():
                for place, value in zip(inside.tolist(), listed(view, len(inside)), strict=True):
                    if value is not None:
                        values[place] = value
        return values

    def _parts(self, places: Pids) -> Iterator[tuple[Pids, Block]]:
        """The rows at `places` block by block, and where among these they are."""
        start = 0
        for block in self.blocks:
            inside = np.flatnonzero((places >= start) & (places < start + len(block)))
            if len(inside):
                yield inside, block.only(places[inside] - start)
            start += len(block)

    def at(self, place: int) -> Instant:
        return Instant(int(self.ats[place]))

    def judged(self, resolved: ResolvedLeaf, name: str, places: Pids) -> Bools:
        """Which of the rows at `places` have a value that meets a leaf."""
        verdicts = np.zeros(len(places), dtype=np.bool_)
        for inside, block in self._parts(places):
            verdicts[inside] = judged_views(resolved, block.views(name), len(inside))
        return verdicts


def _present(block: Block, name: str) -> Bools:
    present = np.zeros(len(block), dtype=np.bool_)
    for view in block.views(name).values():
        present |= view.present()
    return present


def _codes(views: Sequence[tuple[View, int]], places: Pids, present: Bools) -> npt.NDArray[np.int64]:
    """Codes from 0 for the values at `places`.

    `views` are of one kind, each with the place of its first row.
    """
    if all(isinstance(view, OrderedView) for view, _ in views):
        values = _joined([view.values[view.present()] for view, _ in views if isinstance(view, OrderedView)])
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    coded = [view for view, _ in views if isinstance(view, CodedView)]
    if len(coded) == len(views) and len({id(view.dictionary) for view in coded}) == 1:
        return _joined([view.codes[view.codes != 0] for view in coded]).astype(np.int64)
    code_of: dict[Value | None, int] = {}
    codes: list[int] = []
    for view, _ in views:
        codes.extend(
            code_of.setdefault(view.value(place), len(code_of)) for place in np.flatnonzero(view.present()).tolist()
        )
    assert len(codes) == len(places)
    return np.array(codes, dtype=np.int64)


def _joined(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
