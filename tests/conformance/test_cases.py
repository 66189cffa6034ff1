"""Every case of `spec/`, against every engine and every input."""

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
from tests.conformance.cases import Case, Expected, every_case
from tests.conformance.engines import ENGINES
from tests.conformance.inputs import INPUTS, Input
from tests.conformance.worlds import LIMITS, Catalogue, world_of

_CASES = every_case()
_EVALUATED = [case for case in _CASES if case.members is not None]
_REFUSED = [case for case in _CASES if case.refused and case.send is None]
_WARNED = [case for case in _CASES if case.warned is not None]
_CYCLES = [case for case in _CASES if case.cycle is not None]
_STORED = [case for case in _CASES if case.stored is not None]
_REFUSED_ON_INPUT = [case for case in _CASES if case.refused and case.send is not None]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", _EVALUATED, ids=repr)
def test_members(case: Case, engine: str) -> None:
    world = world_of(case)
    rule = read_rule(case.rule, LIMITS)
    assert case.members is not None
    members, complement = ENGINES[engine].members([rule, Not(rule)], world.profiles, world.moment, world.segments)
    assert members == set(case.members)
    assert complement == world.profiles.keys() - case.members, "inside a not"


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
    _reports(case.refused, refusal.value.problems)


@pytest.mark.parametrize("case", _WARNED, ids=repr)
def test_warnings(case: Case) -> None:
    warnings = check(read_rule(case.rule, LIMITS), Catalogue(world_of(case)))
    _reports(case.warned, warnings)
    assert len(warnings) == len(case.warned or ())


@pytest.mark.parametrize("case", _CYCLES, ids=repr)
def test_cycles(case: Case) -> None:
    world = world_of(case)
    assert case.saved_as is not None
    cycle = find_cycle(case.saved_as, read_rule(case.rule, LIMITS), world.rule_of)
    if not case.cycle:
        assert cycle is None
    else:
        assert cycle == (*case.cycle, case.saved_as)


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("case", _STORED, ids=repr)
def test_stored(case: Case, name: str) -> None:
    assert case.send is not None
    assert case.stored is not None
    stored = _through(INPUTS[name], case)
    assert {key: _typed(stored.get(key)) for key in case.send} == {
        key: _typed_expected(value) for key, value in case.stored.items()
    }


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("case", _REFUSED_ON_INPUT, ids=repr)
def test_refused_on_input(case: Case, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _through(INPUTS[name], case)
    _reports(case.refused, refusal.value.problems)


def _through(read: Input, case: Case) -> Mapping[str, Value]:
    assert case.send is not None
    declared = {name: Kind(kind) for name, kind in case.declared.items()}
    return read(case.send, declared, ZoneInfo(case.zone))


def _typed(value: Value | None) -> tuple[type, str] | None:
    """The value with its type, which tells 1.0 from True and an instant from a number."""
    if value is None:
        return None
    return type(value), value.iso() if isinstance(value, Instant) else repr(value)


def _typed_expected(written: Any) -> tuple[type, str] | None:
    if isinstance(written, dict):
        return Instant, written["time"]
    return _typed(tuple(written) if isinstance(written, list) else written)


def _reports(expected: Iterable[Expected] | None, problems: Iterable[Problem]) -> None:
    reported = list(problems)
    for problem_expected in expected or ():
        assert any(_is(problem_expected, problem) for problem in reported), (
            f"{problem_expected} is not among {reported}"
        )


def _is(expected: Expected, problem: Problem) -> bool:
    words = f"{problem.message} {problem.hint or ''}".lower()
    return (
        (expected.code is None or expected.code == problem.code)
        and (expected.path is None or expected.path == problem.path)
        and (expected.says is None or expected.says.lower() in words)
    )
