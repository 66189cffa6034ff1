"""The collector of problems, with the wording of a toy dialect."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from coterie.errors import InvalidInput, NotFound, Path
from coterie.http.problem_collector import ProblemCollector, Sentence
from coterie.model import UNSET


class ToyWording:
    code = "toy"

    def __init__(self, problems_max: int | None = None) -> None:
        self.problems_max = problems_max

    def not_an_object(self, path: Path, value: object) -> Sentence:
        return "no object", None

    def unknown_key(self, path: Path, allowed: Iterable[str]) -> Sentence:
        return "unknown", f"one of {', '.join(allowed)}"

    def missing(self, path: Path) -> Sentence:
        return "missing", None

    def not_a_choice(self, path: Path, value: object, choices: Iterable[str]) -> Sentence:
        return "no choice", None

    def not_text(self, path: Path, value: object, nullable: bool) -> Sentence:
        return f"no text, nullable: {nullable}", None

    def too_long(self, path: Path, length: int, longest: int) -> Sentence:
        return f"{length} > {longest}", None

    def not_unicode(self, path: Path) -> Sentence:
        return "no Unicode", None


def collected(problems: ProblemCollector) -> list[tuple[str, Path]]:
    with pytest.raises(InvalidInput) as raised:
        problems.raise_if_any()
    return [(problem.message, problem.path) for problem in raised.value.problems]


def test_nothing_is_raised_where_nothing_is_wrong() -> None:
    problems = ProblemCollector(ToyWording())
    body = problems.mapping({"name": "ann", "kind": "a"}, ("name", "kind"))
    assert body is not None
    assert problems.text(body, "name", required=True) == "ann"
    assert problems.choice(body, "kind", ("a", "b"), required=True) == "a"
    assert problems.text(body, "note") is UNSET
    problems.raise_if_any()


def test_every_problem_is_reported_at_its_path_in_the_wording_of_the_dialect() -> None:
    problems = ProblemCollector(ToyWording())
    body = {"size": 1, "name": 5, "null": None, "blank": " ", "long": "abc", "half": "\ud800", "kind": "c"}
    assert problems.mapping([], (), ("rules", 0)) is None
    problems.known_keys({"siz": 1}, ("size",), ())
    problems.required(body, ("other",), ("in",))
    assert problems.text(body, "name") is UNSET
    assert problems.text(body, "null", nullable=True) is None
    assert problems.text(body, "null") is UNSET
    assert problems.text(body, "blank", required=True) is UNSET
    assert problems.text(body, "long", longest=2) is UNSET
    assert problems.text(body, "half") is UNSET
    assert problems.text(body, "absent", required=True) is UNSET
    assert problems.choice(body, "kind", ("a", "b")) is None
    assert problems.choice(body, "absent", ("a", "b")) is None
    assert problems.choice(body, "absent", ("a", "b"), required=True) is None
    problems.add_error(NotFound("gone"), ("id",))
    assert len(problems) == 12
    assert collected(problems) == [
        ("no object", ("rules", 0)),
        ("unknown", ("siz",)),
        ("missing", ("in", "other")),
        ("no text, nullable: False", ("name",)),
        ("no text, nullable: False", ("null",)),
        ("missing", ("blank",)),
        ("3 > 2", ("long",)),
        ("no Unicode", ("half",)),
        ("missing", ("absent",)),
        ("no choice", ("kind",)),
        ("missing", ("absent",)),
        ("gone", ("id",)),
    ]


def test_a_dialect_may_bound_how_many_are_reported() -> None:
    problems = ProblemCollector(ToyWording(problems_max=2))
    for place in range(5):
        problems.add("wrong", (place,))
    assert collected(problems) == [("wrong", (0,)), ("wrong", (1,))]
