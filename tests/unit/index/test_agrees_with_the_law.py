"""The index gives the answer of the law (`rules.evaluate`), for random rules, profiles and moments.

That holds whatever was written before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from coterie.index import Index
from coterie.index.columns import column, texts
from coterie.rules.edges import edges
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import Anniversary, Lowered, MovingLeaf, TimeAround, TimeInCalendar
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import PropertyCondition, Rule
from coterie.rules.values import DAY, Instant, Value
from tests.strategies import PROPERTIES, moments, profiles, property_conditions, rules, values

Document = Mapping[str, Value]
MEMBERS = {"segment-1": BitMap([0, 2, 3]), "segment-2": BitMap([1, 2, 70])}
PIDS = st.sampled_from((0, 1, 2, 3, 4, 63, 64, 70))


@dataclass
class ProfileDocument:
    """A profile as the law looks at it."""

    pid: int
    document: Document

    def value(self, name: str) -> Value | None:
        return self.document.get(name)

    def is_member(self, segment_id: str) -> bool:
        return self.pid in MEMBERS[segment_id]


def by_law(rule: Rule, world: Mapping[int, Document], moment: Moment) -> BitMap:
    return BitMap([pid for pid, document in world.items() if evaluate(rule, ProfileDocument(pid, document), moment)])


@pytest.fixture(autouse=True, scope="module")
def _small_bounds() -> Iterator[None]:
    """Dictionaries overflow and overlays are merged after a few values, so that tests get there."""
    with (
        mock.patch.object(column, "CODED_MAX", 3),
        mock.patch.object(column, "LOADED_CODES_MAX", 3),
        mock.patch.object(texts, "PENDING_MAX", 3),
    ):
        yield


def among(pids: Sequence[int]) -> Callable[[str], np.ndarray]:
    return lambda segment: np.array([pid in MEMBERS[segment] for pid in pids])


def loaded(world: Mapping[int, Document], moment: Moment) -> Index:
    index = Index(zone=moment.zone)
    index.load([(list(world), list(world.values()))])
    return index


def check(index: Index, rule: Rule, lowered: Lowered, world: Mapping[int, Document], moment: Moment) -> None:
    expected = by_law(rule, world, moment)
    assert index.select(lowered, moment, MEMBERS.__getitem__) == expected
    assert index.counts([lowered], moment, MEMBERS.__getitem__) == [len(expected)]
    everyone = index.evaluate(lowered, None, moment, MEMBERS.__getitem__)
    assert np.flatnonzero(everyone).tolist() == list(expected)
    rows = np.arange(0, 80)
    assert rows[index.evaluate(lowered, rows, moment, MEMBERS.__getitem__)].tolist() == list(expected)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(rules(), moments()), min_size=1, max_size=4), st.dictionaries(PIDS, profiles(), max_size=8))
def test_a_loaded_index_agrees(asked: list[tuple[Rule, Moment]], world: dict[int, Document]) -> None:
    zone = asked[0][1].zone
    index = loaded(world, asked[0][1])
    for rule, at in asked:
        moment = Moment(at.now, zone)
        check(index, rule, lower(rule, zone), world, moment)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(property_conditions(), min_size=10, max_size=10), moments(), st.lists(values(), min_size=60, max_size=60)
)
def test_every_condition_agrees_on_values_of_every_kind(
    asked: list[PropertyCondition], moment: Moment, drawn: list[Value]
) -> None:
    """One property, many values at once: operands and values meet often, at the edge and folded."""
    world = {
        pid: {"plan": value} for pid, value in enumerate([*drawn, *(operand for one in asked for operand in met(one))])
    }
    index = loaded(world, moment)
    staged = Index(zone=moment.zone).stage(list(world), list(world.values()))
    for condition in asked:
        rule = replace(condition, property="plan")
        lowered = lower(rule, moment.zone)
        expected = by_law(rule, world, moment)
        assert index.select(lowered, moment, MEMBERS.__getitem__) == expected
        assert BitMap(np.flatnonzero(staged.evaluate(lowered, moment, among(list(world)))).tolist()) == expected


def met(condition: PropertyCondition) -> list[Value]:
    """Values that the condition's operand is, or turns on."""
    operand = condition.operand
    if isinstance(operand, str | float | bool | Instant):
        return [operand]
    if isinstance(operand, tuple):
        return [part for part in operand if isinstance(part, str | float | Instant)]
    return []


@settings(max_examples=120, deadline=None)
@given(
    rules(),
    moments(),
    st.dictionaries(PIDS, profiles(), max_size=6),
    st.lists(st.dictionaries(PIDS, profiles() | st.none(), min_size=1, max_size=6), min_size=1, max_size=6),
)
def test_it_still_agrees_after_any_writes_with_a_warm_cache(
    rule: Rule, moment: Moment, world: dict[int, Document], writes: list[dict[int, Document | None]]
) -> None:
    index = loaded(world, moment)
    lowered = lower(rule, moment.zone)
    check(index, rule, lowered, world, moment)
    for write in writes:
        staged = index.stage(list(write), list(write.values()))
        expected = by_law(rule, {pid: new for pid, new in write.items() if new is not None}, moment)
        holds = staged.evaluate(lowered, moment, among(list(write)))
        assert BitMap(staged.pids[holds].tolist()) == expected
        check(index, rule, lowered, world, moment)  # what is staged is not visible
        index.publish(staged)
        for pid, new in write.items():
            if new is None:
                world.pop(pid, None)
            else:
                world[pid] = new
        check(index, rule, lowered, world, moment)
    assert index.alive == len(world)
    assert index.alive_pids() == BitMap(list(world))
    for name in PROPERTIES:
        for pid in range(80):
            assert index.value(name, pid) == world.get(pid, {}).get(name)
            assert type(index.value(name, pid)) is type(world.get(pid, {}).get(name))


@settings(max_examples=80, deadline=None)
@given(rules(), moments(), st.dictionaries(PIDS, profiles(), min_size=1, max_size=6), st.data())
def test_only_what_is_named_as_changed_has_to_be_looked_at(
    rule: Rule, moment: Moment, world: dict[int, Document], data: st.DataObject
) -> None:
    index = loaded(world, moment)
    name = data.draw(st.sampled_from(PROPERTIES))
    pids = data.draw(st.lists(st.sampled_from(sorted(world)), min_size=1, unique=True))
    written: dict[int, Document] = {}
    for pid in pids:
        others = {other: value for other, value in world[pid].items() if other != name}
        value = data.draw(profiles()).get(name)
        written[pid] = others if value is None else {**others, name: value}
    staged = index.stage(pids, list(written.values()), {name})
    lowered = lower(rule, moment.zone)
    holds = staged.evaluate(lowered, moment, among(pids))
    assert BitMap(staged.pids[holds].tolist()) == by_law(rule, written, moment)
    index.publish(staged)
    world.update(written)
    check(index, rule, lowered, world, moment)


@settings(max_examples=120, deadline=None)
@given(
    rules(segments=()),
    moments(),
    st.dictionaries(PIDS, profiles(), min_size=1, max_size=6),
    st.dictionaries(PIDS, profiles() | st.none(), max_size=4),
    st.sampled_from((1, 1000, DAY, 3 * DAY, 40 * DAY)),
    st.booleans(),
)
def test_whoever_a_moving_leaf_lets_in_or_out_was_named_as_crossing(
    rule: Rule, moment: Moment, world: dict[int, Document], write: dict[int, Document | None], ahead: int, warm: bool
) -> None:
    index = loaded(world, moment)
    moving = [
        leaf for leaf in leaves(lower(rule, moment.zone)) if isinstance(leaf, TimeAround | TimeInCalendar | Anniversary)
    ]
    until = Instant(moment.now + ahead)
    if warm:
        for leaf in moving:
            for edge in edges(leaf):
                index.crossings(edge, moment.now, until)
    if write:
        index.publish(index.stage(list(write), list(write.values())))
    for leaf in moving:
        check_crossings(index, leaf, moment, until)


def check_crossings(index: Index, leaf: MovingLeaf, moment: Moment, until: Instant) -> None:
    """Between two named instants no verdict changes, and at each only those of named profiles."""
    crossings = [index.crossings(edge, moment.now, until) for edge in edges(leaf)]
    at = np.concatenate([of_edge.at for of_edge in crossings])
    pids = np.concatenate([of_edge.pid for of_edge in crossings])
    assert ((at > moment.now) & (at <= until)).all()
    next_of_each = [index.next_crossing(edge, moment.now) for edge in edges(leaf)]
    for of_edge, next_of_edge in zip(crossings, next_of_each, strict=True):
        assert (of_edge.pid == of_edge.place).all()
        assert not len(of_edge.at) or (next_of_edge is not None and next_of_edge <= of_edge.at.min())
    first = min((next_of_edge for next_of_edge in next_of_each if next_of_edge is not None), default=None)
    instants = sorted({*at.tolist(), int(until)})
    before = index.select(leaf, moment, MEMBERS.__getitem__)
    for instant in instants[:40]:
        named = BitMap(pids[at == instant].tolist())
        just_before = index.select(leaf, Moment(Instant(instant - 1), moment.zone), MEMBERS.__getitem__)
        after = index.select(leaf, Moment(Instant(instant), moment.zone), MEMBERS.__getitem__)
        assert just_before == before
        assert (before ^ after) <= named
        before = after
    if first is None or first > until:
        assert not len(at)
