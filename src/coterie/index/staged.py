"""Rows about to be written: built once as columns, judged before anybody sees them, then scattered into the index.

Their values become views (`views.py`), one property at a time; their happenings are in `activity/staged.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from coterie.index.activity.staged import StagedActivity
from coterie.index.bits import Bools, Pids
from coterie.index.columns.column import Column
from coterie.index.columns.views import Views, views_of
from coterie.index.combine import combined
from coterie.index.resolve import Asked, kind_asked, resolve
from coterie.rules.kernel import (
    ChangedAt,
    Leaf,
    Lowered,
    MeasureSubject,
    MemberOf,
    Sampled,
)
from coterie.rules.moment import Moment
from coterie.rules.values import Value

if TYPE_CHECKING:
    from coterie.index.index import Index

Name = str | ChangedAt


class Staged:
    """Made by `Index.stage`, shown by `Index.publish`. `pids` are its rows, in the order they were given.

    `columns` are the properties that may change, with the rows' new values. They become views when first asked for: a row or two that nobody judges here are
    written as they are.
    """

    def __init__(
        self, index: Index, pids: Pids, lives: Bools, columns: Mapping[Name, tuple[Column, list[Value | None]]]
    ) -> None:
        self.happenings: StagedActivity | None = None
        self._index = index
        self.pids = pids
        self.lives = lives
        self.columns = columns
        self._views: dict[Name, Views] = {}
        self._judged: dict[Asked, Bools] = {}

    def views(self, name: Name) -> Views:
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
            if isinstance(leaf, Sampled) or isinstance(leaf.property, MeasureSubject):
                return self._index.judge(leaf, self.pids, moment, self.happenings) & self.lives
            return self._judge(resolve(leaf, moment), moment)

        return combined(rule, leaf_rows, self.lives)

    def _judge(self, leaf: Asked, moment: Moment) -> Bools:
        known = self._judged.get(leaf)
        if known is None:
            known = self._judged[leaf] = self._judge_anew(leaf, moment)
        return known

    def _judge_anew(self, leaf: Asked, moment: Moment) -> Bools:
        assert isinstance(leaf.property, str | ChangedAt)
        if leaf.property not in self.columns:
            return self._index.judge_asked(leaf, self.pids)
        kind = kind_asked(leaf)
        verdicts = np.zeros(len(self.pids), dtype=np.bool_)
        for of, view in self.views(leaf.property).items():
            if kind is None or of is kind:
                verdicts |= view.judge(leaf)
        return verdicts
