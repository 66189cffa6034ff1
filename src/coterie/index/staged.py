"""Rows about to be written: built once as columns, judged before anybody sees them, then scattered into the index.

`columns_of` turns documents into views, one property at a time: what it does in Python per value is one look-up, so that ten thousand rows of
ten properties take a few dozen milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from coterie.index.bits import Bools, Pids
from coterie.index.coded import CodedView
from coterie.index.codes import code_type
from coterie.index.column import Column
from coterie.index.combine import combined
from coterie.index.crossings import next_crossing_of
from coterie.index.ordered import Meaning, OrderedView
from coterie.index.part import View
from coterie.index.resolve import Asked, kind_asked, resolve
from coterie.index.texts import TextsView
from coterie.rules.kernel import Leaf, Lowered, MemberOf, MovingLeaf
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, Kind, Value, kind_of

if TYPE_CHECKING:
    from coterie.index.index import Index

Views = dict[Kind, View]
_KINDS: dict[type, Kind] = {
    str: Kind.TEXT, float: Kind.NUMBER, int: Kind.NUMBER, bool: Kind.BOOLEAN, Instant: Kind.TIME, tuple: Kind.LIST,
}  # fmt: skip


def views_of(column: Column, values: list[Value | None], zone: ZoneInfo) -> Views:
    """One property's values, by kind."""
    types = set(map(type, values))
    types.discard(type(None))
    kinds = {one: _KINDS.get(one) or _kind_of(one, values) for one in types}
    if len(set(kinds.values())) == 1:
        return {kind: _view(column, kind, values, zone) for kind in kinds.values()}
    return {
        kind: _view(column, kind, [v if v is not None and kinds[type(v)] is kind else None for v in values], zone)
        for kind in sorted(set(kinds.values()))
    }


def _kind_of(one: type, values: list[Value | None]) -> Kind:
    return kind_of(next(value for value in values if value is not None and type(value) is one))


def _view(column: Column, kind: Kind, values: list[Any], zone: ZoneInfo) -> View:
    if kind is Kind.NUMBER or kind is Kind.TIME:
        return _ordered(kind, values, zone)
    dictionary = column.dictionary(kind)
    if dictionary is None:
        return TextsView(values)
    codes = dictionary.encode(values)
    return CodedView(dictionary, np.array(codes, dtype=code_type(len(dictionary) - 1)))


def _ordered(kind: Kind, values: list[Any], zone: ZoneInfo) -> OrderedView:
    meaning = Meaning(kind, zone)
    if kind is Kind.NUMBER:
        numbers = np.array(values, dtype=np.float64)  # None becomes NaN, which no value is
        present = numbers == numbers
        numbers[~present] = 0
        return OrderedView(meaning, numbers, present)
    present = np.array([value is not None for value in values], dtype=np.bool_)
    known = values if present.all() else [0 if value is None else value for value in values]
    return OrderedView(meaning, np.fromiter(known, dtype=np.int64, count=len(values)), present)


class Staged:
    """Made by `Index.stage`, shown by `Index.publish`. `pids` are its rows, in the order they were given.

    `columns` are the properties that may change, with the rows' new values. They become views when first asked for: a row or two that nobody judges here are
    written as they are.
    """

    def __init__(
        self, index: Index, pids: Pids, lives: Bools, columns: Mapping[str, tuple[Column, list[Value | None]]]
    ) -> None:
        self._index = index
        self.pids = pids
        self.lives = lives
        self.columns = columns
        self._views: dict[str, Views] = {}
        self._judged: dict[Asked, Bools] = {}

    def views(self, name: str) -> Views:
        """The new values of one of `columns`, by kind."""
        known = self._views.get(name)
        if known is None:
            column, values = self.columns[name]
            known = self._views[name] = views_of(column, values, self._index.zone)
        return known

    def evaluate(self, rule: Lowered, moment: Moment, members: Callable[[str], Bools]) -> Bools:
        """For each row, whether `rule` holds of it as it will be. Deleted rows: false.

        `members` gives, for a segment, which of the rows are members of it.
        """

        def leaf_rows(leaf: Leaf) -> Bools:
            if isinstance(leaf, MemberOf):
                return members(leaf.segment) & self.lives
            return self._judge(resolve(leaf, moment))

        return combined(rule, leaf_rows, self.lives)

    def _judge(self, leaf: Asked) -> Bools:
        known = self._judged.get(leaf)
        if known is None:
            known = self._judged[leaf] = self._judge_anew(leaf)
        return known

    def _judge_anew(self, leaf: Asked) -> Bools:
        if leaf.property not in self.columns:
            return self._index.judge(leaf, self.pids)
        kind = kind_asked(leaf)
        verdicts = np.zeros(len(self.pids), dtype=np.bool_)
        for of, view in self.views(leaf.property).items():
            if kind is None or of is kind:
                verdicts |= view.judge(leaf)
        return verdicts

    def next_crossing(self, leaf: MovingLeaf, after: Instant) -> Instant | None:
        """The first instant after `after` at which the verdict of `leaf` may change for one of the rows as they will be."""
        name = leaf.property
        view = self.views(name).get(Kind.TIME) if name in self.columns else self._index.times(name, self.pids)
        if view is None:
            return None
        assert isinstance(view, OrderedView)
        return next_crossing_of(leaf, view, after, self._index.zone)
