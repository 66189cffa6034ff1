"""Rows about to be written: built once as columns, judged before anybody sees them, then published.

Their values become views (`columns/views.py`), one property at a time; their activity is in
`activity/staged.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coterie.index.activity.staged import StagedActivity
from coterie.index.activity.tables import ActivityTables
from coterie.index.bits import Bools, Pids
from coterie.index.columns.views import Views, views_of
from coterie.index.combine import combined
from coterie.index.profiles import Name, NewValues, ProfileColumns
from coterie.index.resolve import ResolvedLeaf, kind_of_leaf, resolve
from coterie.index.sample import in_sample
from coterie.rules.kernel import ChangedAt, Leaf, Lowered, MeasureSubject, MemberOf, Sampled
from coterie.rules.moment import Moment


class Staged:
    """Made by `Index.stage`, made visible by `Index.publish`; asked by the thread that does both.

    `pids` are its rows, in the order in which they were given; `values` the new values of the
    properties that may change. These become views when first asked for: a row or two that nobody
    judges here are written as they are.
    """

    def __init__(
        self,
        profiles: ProfileColumns,
        tables: ActivityTables,
        pids: Pids,
        lives: Bools,
        values: NewValues,
        activity: StagedActivity | None,
    ) -> None:
        self.pids = pids
        self.lives = lives
        self.values = values
        self.activity = activity
        self._profiles = profiles
        self._tables = tables
        self._views: dict[Name, Views] = {}
        self._judged: dict[ResolvedLeaf, Bools] = {}

    def views(self, name: Name) -> Views:
        """The new values of one of the properties that may change, by kind."""
        views = self._views.get(name)
        if views is None:
            column, listed = self.values[name]
            views = self._views[name] = views_of(column, listed, self._profiles.zone)
        return views

    def evaluate(self, rule: Lowered, moment: Moment, members: Callable[[str], Bools]) -> Bools:
        """For each row, whether it will match `rule`. Deleted rows: false.

        `members` gives, for a segment, which of the rows are members of it.
        """

        def leaf_rows(leaf: Leaf) -> Bools:
            if isinstance(leaf, MemberOf):
                return members(leaf.segment) & self.lives
            if isinstance(leaf, Sampled):
                return in_sample(leaf, self.pids) & self.lives
            if isinstance(leaf.property, MeasureSubject):
                return self._tables.judge(leaf, self.pids, moment, self.activity) & self.lives
            return self._judge(resolve(leaf, moment))

        return combined(rule, leaf_rows, self.lives)

    def _judge(self, leaf: ResolvedLeaf) -> Bools:
        judged = self._judged.get(leaf)
        if judged is None:
            judged = self._judged[leaf] = self._judge_anew(leaf)
        return judged

    def _judge_anew(self, leaf: ResolvedLeaf) -> Bools:
        assert isinstance(leaf.property, str | ChangedAt)
        if leaf.property not in self.values:
            return self._profiles.judge(leaf, self.pids)
        kind = kind_of_leaf(leaf)
        verdicts = np.zeros(len(self.pids), dtype=np.bool_)
        for view_kind, view in self.views(leaf.property).items():
            if kind is None or view_kind is kind:
                verdicts |= view.judge(leaf)
        return verdicts
