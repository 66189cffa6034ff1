"""Every case of `spec/`, against every engine and through every door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coterie.errors import InvalidInput, Problem
from coterie.rules.check import check, find_cycle
from coterie.rules.nodes import Not
from coterie.rules.read import read_rule
from coterie.rules.values import Instant, Kind, Value
from coterie.rules.write import write_rule
from tests.conformance.cases import Case, Fault, every_case
from tests.conformance.engines import ENGINES
from tests.conformance.inputs import DOORS, Door
from tests.conformance.worlds import LIMITS, Catalogue, world_of

_CASES = every_case()
_EVALUATED = [case for case in _CASES if case.members is not None]
_REFUSED = [case for case in _CASES if case.refused and case.send is None]
_WARNED = [case for case in _CASES if case.warned is not None]
_CIRCLES = [case for case in _CASES if case.cycle is not None]
_STORED = [case for case in _CASES if case.stored is not None]
_TURNED_AWAY = [case for case in _CASES if case.refused and case.send is not None]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", _EVALUATED, ids=repr)
def test_members(case: Case, engine: str) -> None:
    world = world_of(case)
    rule = read_rule(case.rule, LIMITS)
    assert case.members is not None
    members, others = ENGINES[engine].members([rule, Not(rule)], world.profiles, world.moment, world.segments)
    assert members == set(case.members)
    assert others == world.profiles.keys() - case.members, "inside a not"


@pytest.mark.parametrize("case", _EVALUATED, ids=repr)
def test_the_rule_survives_being_written(case: Case) -> None:
    rule = read_rule(case.rule, LIMITS)
    written = write_rule(rule)
    assert read_rule(written, LIMITS) == rule
    assert write_rule(read_rule(written, LIMITS)) == written


@pytest.mark.parametrize("case", _REFUSED, ids=repr)
def test_refused_rules(case: Case) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(read_rule(case.rule, LIMITS), Catalogue(world_of(case)))
    _all_told(case.refused, refusal.value.problems)


@pytest.mark.parametrize("case", _WARNED, ids=repr)
def test_warnings(case: Case) -> None:
    warnings = check(read_rule(case.rule, LIMITS), Catalogue(world_of(case)))
    _all_told(case.warned, warnings)
    assert len(warnings) == len(case.warned or ())


@pytest.mark.parametrize("case", _CIRCLES, ids=repr)
def test_circles(case: Case) -> None:
    world = world_of(case)
    assert case.saved_as is not None
    circle = find_cycle(case.saved_as, read_rule(case.rule, LIMITS), world.rule_of)
    if not case.cycle:
        assert circle is None
    else:
        assert circle == (*case.cycle, case.saved_as)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", _STORED, ids=repr)
def test_stored(case: Case, door: str) -> None:
    assert case.send is not None
    assert case.stored is not None
    stored = _through(DOORS[door], case)
    assert {name: _told(stored.get(name)) for name in case.send} == {
        name: _expected(value) for name, value in case.stored.items()
    }


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", _TURNED_AWAY, ids=repr)
def test_turned_away(case: Case, door: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _through(DOORS[door], case)
    _all_told(case.refused, refusal.value.problems)


def _through(door: Door, case: Case) -> Mapping[str, Value]:
    assert case.send is not None
    declared = {name: Kind(kind) for name, kind in case.declared.items()}
    return door(case.send, declared, ZoneInfo(case.zone))


def _told(value: Value | None) -> tuple[type, str] | None:
    """The value with its type, so that 1.0 is not taken for True, 0.0 for -0.0, nor an instant for a number."""
    if value is None:
        return None
    return type(value), value.iso() if isinstance(value, Instant) else repr(value)


def _expected(written: Any) -> tuple[type, str] | None:
    if isinstance(written, dict):
        return Instant, written["time"]
    return _told(tuple(written) if isinstance(written, list) else written)


def _all_told(expected: Iterable[Fault] | None, problems: Iterable[Problem]) -> None:
    told = list(problems)
    for fault in expected or ():
        assert any(_is(fault, problem) for problem in told), f"{fault} is not among {told}"


def _is(fault: Fault, problem: Problem) -> bool:
    words = f"{problem.message} {problem.hint or ''}".lower()
    return (
        (fault.code is None or fault.code == problem.code)
        and (fault.path is None or fault.path == problem.path)
        and (fault.says is None or fault.says.lower() in words)
    )
