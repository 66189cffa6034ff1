"""The cases themselves: enough, well named, the same in every YAML, and covering what matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.rules.nodes import PropertyCondition
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from tests.conformance.cases import CASES, Case, case_files, every_case
from tests.conformance.documents import readings
from tests.conformance.worlds import LIMITS, world_of

CASES_MIN = 400
_SENTENCE = re.compile(r"[A-Z0-9]\S*( \S+){3,}\.")


def test_there_are_enough() -> None:
    assert len(every_case()) >= CASES_MIN


def test_every_name_is_a_sentence() -> None:
    assert [case for case in every_case() if not _SENTENCE.fullmatch(case.name)] == []


def test_every_name_is_unique() -> None:
    names = Counter(case.name for case in every_case())
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("file", case_files(), ids=lambda file: str(file.relative_to(CASES)))
def test_every_yaml_reads_the_same(file: Path) -> None:
    new, old = readings(file)
    assert repr(new) == repr(old)  # by their texts, since NaN equals nothing


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_meets_a_missing_value(operator: str) -> None:
    verdicts = {
        label in members
        for case, condition, members in _alone(operator)
        for label, profile in world_of(case).profiles.items()
        if condition.property not in profile.values
    }
    assert verdicts == {OPERATORS[operator].complement_of is not None}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_seen_to_hold_and_not_to_hold(operator: str) -> None:
    seen = {label in members for case, _, members in _alone(operator) for label in case.profile_labels()}
    assert seen == {True, False}


def _alone(operator: str) -> Iterator[tuple[Case, PropertyCondition, frozenset[str]]]:
    """The evaluated cases whose whole rule is one condition with this operator."""
    for case in every_case():
        if case.members is not None and isinstance(case.rule, dict) and case.rule.get("operator") == operator:
            rule = read_rule(case.rule, LIMITS)
            if isinstance(rule, PropertyCondition):
                yield case, rule, case.members
