"""The index agrees with `rules.subjects` on measures and sequences, for random activity.

That holds whatever was written before and at whatever moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from coterie.index import Index, Loaded, Row
from coterie.index.activity import table
from coterie.index.activity import tables as tables_module
from coterie.index.columns import column, texts
from coterie.index.staged import Staged
from coterie.rules.edges import edges
from coterie.rules.kernel import AT, MeasureSubject, PropertyLeaf
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, Instant, Value
from tests.strategies import moments
from tests.unit.index.activity.drawn import (
    ANY,
    COLUMNS,
    MINUTE,
    SOURCES,
    Drawn,
    World,
    changes_to,
    drawn_rows,
    subject_leaves,
)

ALIVE = tuple(range(72))


@pytest.fixture(autouse=True, params=["few", "many"], scope="module")
def _small_bounds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tails are merged and dictionaries overflow after a few rows.

    Profiles are judged in Python in one run and by columns in the other.
    """
    with (
        mock.patch.object(table, "TAIL_MAX", 3),
        mock.patch.object(column, "CODED_MAX", 3),
        mock.patch.object(column, "LOADED_CODES_MAX", 3),
        mock.patch.object(texts, "PENDING_MAX", 3),
        mock.patch.object(tables_module, "MEASURE_SINGLY_MAX", 1_000 if request.param == "few" else 0),
    ):
        yield


def nobody(segment: str) -> BitMap:
    raise LookupError(segment)


def started(drawn: Drawn, moment: Moment) -> tuple[Index, World, list[int]]:
    """An index with this activity, its columns loaded at start or later, in another order."""
    world, numbers = World(), [0]
    for source, pid, at, values in drawn:
        numbers[0] += 1
        world.rows[source][numbers[0]] = Row(numbers[0], pid, at, values)
    index = Index(zone=moment.zone, threads=1)
    index.load([(ALIVE, [{}] * len(ALIVE))])
    for source in SOURCES:
        rows = list(world.rows[source].values())
        middle = len(rows) // 2
        index.load_activity(source, [batch(rows[:middle]), batch(rows[middle:])])
        load_columns(index, source, rows)
    load_columns(index, ANY, [row for source in SOURCES[:2] for row in world.rows[source].values()])
    return index, world, numbers


def batch(rows: list[Row]) -> Loaded:
    """With the first of the columns."""
    return Loaded(
        np.array([row.number for row in rows], dtype=np.int64),
        np.array([row.pid for row in rows], dtype=np.int64),
        np.array([row.at for row in rows], dtype=np.int64),
        {COLUMNS[0]: [row.values.get(COLUMNS[0]) for row in rows]},
    )


def load_columns(index: Index, source: object, rows: list[Row]) -> None:
    rows = rows[::-1]
    values: dict[str, list[Value | None]] = {name: [row.values.get(name) for row in rows] for name in COLUMNS}
    index.load_columns(source, COLUMNS, [(np.array([row.number for row in rows], dtype=np.int64), values)])


def check(index: Index, world: World, leaf: PropertyLeaf, moment: Moment) -> None:
    expected = [pid for pid in ALIVE if world.holds(leaf, pid, moment)]
    assert list(index.select(leaf, moment, nobody)) == expected
    rows = np.arange(80)[::-1].copy()
    assert sorted(rows[index.evaluate(leaf, rows, moment, nobody)].tolist()) == expected
    check_values(index, world, leaf, moment, None)


def check_values(index: Index, world: World, leaf: PropertyLeaf, moment: Moment, staged: Staged | None) -> None:
    assert isinstance(leaf.property, MeasureSubject)
    pids = [70, 0, 1, 2, 3, 63, 64, 71]
    values, present = index.subject_values(leaf.property, pids, moment, staged)
    expected = [world.value(leaf, pid, moment) for pid in pids]
    assert present.tolist() == [value is not None for value in expected]
    assert [value for value, there in zip(values.tolist(), present, strict=True) if there] == [
        value for value in expected if value is not None
    ]


@settings(max_examples=400, deadline=None)
@given(st.lists(subject_leaves(), min_size=1, max_size=4), st.lists(moments(), min_size=1, max_size=3), drawn_rows(30))
def test_loaded_activity_agrees(leaves: list[PropertyLeaf], asked: list[Moment], drawn: Drawn) -> None:
    index, world, _ = started(drawn, asked[0])
    for moment in asked:
        for leaf in leaves:
            check(index, world, leaf, Moment(moment.now, asked[0].zone))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(subject_leaves(), min_size=1, max_size=3),
    moments(),
    drawn_rows(),
    st.lists(st.sampled_from((0, 1, MINUTE, -MINUTE, DAY)), min_size=1, max_size=5),
    st.data(),
)
def test_they_still_agree_after_any_changes_and_before_these_are_published(
    leaves: list[PropertyLeaf], moment: Moment, drawn: Drawn, steps: list[int], data: st.DataObject
) -> None:
    index, world, numbers = started(drawn, moment)
    for ahead in steps:
        for leaf in leaves:
            check(index, world, leaf, moment)
        changes = data.draw(changes_to(world, numbers))
        after = world.copy()
        after.apply(changes)
        staged = index.stage(list(ALIVE), [{}] * len(ALIVE), frozenset(), changes)
        for leaf in leaves:
            holds = staged.evaluate(leaf, moment, lambda _: np.zeros(len(ALIVE), dtype=np.bool_))
            assert np.flatnonzero(holds).tolist() == [pid for pid in ALIVE if after.holds(leaf, pid, moment)]
            check_values(index, after, leaf, moment, staged)
            check_values(index, world, leaf, moment, None)
        index.publish(staged)
        world = after
        moment = Moment(Instant(moment.now + ahead), moment.zone)
    for leaf in leaves:
        check(index, world, leaf, moment)
    for source in SOURCES:
        for pid in (0, 1, 70):
            found = index.activity(source, pid)
            assert sorted(map(sortable, found)) == sorted(map(sortable, world.activity(pid)(source)))
            assert [one.at for one in found] == sorted(one.at for one in found)
        count, first, last = index.event_summary(source)
        ats = [row.at for row in world.rows[source].values()]
        assert (count, first, last) == (len(ats), min(ats, default=None), max(ats, default=None))


def sortable(row: object) -> str:
    at, values = row  # type: ignore[misc]  # an ActivityRow is a pair
    assert isinstance(values, Mapping)
    return repr((at, sorted(values.items())))


@settings(max_examples=200, deadline=None)
@given(
    subject_leaves(),
    moments(),
    drawn_rows(),
    st.sampled_from((1, MINUTE, 3 * MINUTE, DAY, 9 * DAY)),
    st.data(),
)
def test_whoever_time_lets_in_or_out_crossed_an_edge(
    leaf: PropertyLeaf, moment: Moment, drawn: Drawn, ahead: int, data: st.DataObject
) -> None:
    index, world, numbers = started(drawn, moment)
    until = Instant(moment.now + ahead)
    if data.draw(st.booleans()):
        for edge in edges(leaf):
            index.crossings(edge, moment.now, until)
        changes = data.draw(changes_to(world, numbers))
        index.publish(index.stage(list(ALIVE), [{}] * len(ALIVE), frozenset(), changes))
        world.apply(changes)
    crossed: dict[int, set[int]] = {}
    firsts = []
    for edge in edges(leaf):
        instants, pids, places = index.crossings(edge, moment.now, until)
        assert ((instants > moment.now) & (instants <= until)).all()
        first = index.next_crossing(edge, moment.now)
        firsts.append(first)
        assert not len(instants) or (first is not None and first <= instants.min())
        for instant, pid in zip(instants.tolist(), pids.tolist(), strict=True):
            crossed.setdefault(instant, set()).add(pid)
        assert edge.source is not None
        for pid, values in zip(pids.tolist(), index.activity_values(edge.source, places.tolist()), strict=True):
            assert any(values == one.values for one in world.activity(pid)(edge.source))
            assert edge.column == AT or edge.column in values
    before = {pid for pid in ALIVE if world.holds(leaf, pid, moment)}
    for instant in sorted({*crossed, int(until)})[:30]:
        just_before = Moment(Instant(instant - 1), moment.zone)
        if just_before.now >= moment.now:
            assert {pid for pid in ALIVE if world.holds(leaf, pid, just_before)} == before
        after = {pid for pid in ALIVE if world.holds(leaf, pid, Moment(Instant(instant), moment.zone))}
        assert before ^ after <= crossed.get(instant, set())
        before = after
    if all(first is None or first > until for first in firsts):
        assert not crossed
