"""The collector of problems that the dialects share."""

from __future__ import annotations

import pytest

from coterie.errors import InvalidInput, NotFound, Path
from coterie.http.problem_collector import ProblemCollector


def collected(problems: ProblemCollector) -> list[tuple[str, Path]]:
    with pytest.raises(InvalidInput) as raised:
        problems.raise_if_any()
    return [(problem.message, problem.path) for problem in raised.value.problems]


def test_nothing_is_raised_where_nothing_is_wrong() -> None:
    problems = ProblemCollector("toy")
    assert len(problems) == 0
    problems.raise_if_any()


def test_every_problem_is_reported_at_its_path() -> None:
    problems = ProblemCollector("toy")
    problems.add("wrong", ("rules", 0), "Send another.")
    problems.add_error(NotFound("gone"), ("id",))
    assert len(problems) == 2
    assert collected(problems) == [("wrong", ("rules", 0)), ("gone", ("id",))]


def test_a_dialect_may_bound_how_many_are_reported() -> None:
    problems = ProblemCollector("toy", problems_max=2)
    for place in range(5):
        problems.add("wrong", (place,))
    assert collected(problems) == [("wrong", (0,)), ("wrong", (1,))]
