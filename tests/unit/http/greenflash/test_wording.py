"""How the parts of a segment are read, and the sentences for what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.errors import InvalidInput, Path
from coterie.http.greenflash.wording import PROBLEMS_MAX, Problems


def reported(problems: Problems) -> list[tuple[str, str | None, Path]]:
    with pytest.raises(InvalidInput) as raised:
        problems.raise_if_any()
    return [(problem.message, problem.hint, problem.path) for problem in raised.value.problems]


def test_a_right_document_is_read_without_problems() -> None:
    problems = Problems()
    body = problems.mapping({"name": "ann", "kind": "a", "null": None}, ("name", "kind", "null"))
    assert body is not None
    assert problems.text(body, "name", 3) == "ann"
    assert problems.text(body, "null") is None
    assert problems.text(body, "absent") is None
    assert problems.choice(body, "kind", ("a", "b"), ()) == "a"
    assert problems.choice(body, "absent", ("a", "b"), ()) is None
    problems.required(body, ("name", "null"))
    problems.raise_if_any()


@pytest.mark.parametrize(
    ("path", "name"), [((), "The body"), (("filters",), "`filters`"), (("filters", "rules", 0), "A rule")]
)
def test_what_is_not_an_object(path: Path, name: str) -> None:
    problems = Problems()
    assert problems.mapping([], (), path) is None
    assert reported(problems) == [(f"{name} must be an object, not a list.", None, path)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "`name` must be a string, not the number 5."),
        ("abc", "`name` has 3 characters; the limit is 2."),
        ("\ud800", "`name` holds a character that is not text."),
        ("\0", "`name` holds a character that is not text."),
    ],
)
def test_wrong_texts(value: Any, message: str) -> None:
    problems = Problems()
    assert problems.text({"name": value}, "name", 2) is None
    assert reported(problems) == [(message, None, ("name",))]


def test_every_problem_is_reported_at_its_path() -> None:
    problems = Problems()
    problems.known_keys({"siz": 1}, ("size", "kind"), ("in",))
    problems.required({}, ("other",), ("in",))
    assert problems.choice({"kind": "c"}, "kind", ("a", "b"), ("in",)) is None
    assert reported(problems) == [
        ("The key 'siz' is not known.", "Known keys: size, kind.", ("in", "siz")),
        ("`other` is required.", None, ("in", "other")),
        ("`kind` cannot be the text 'c'.", "It is one of: a, b.", ("in", "kind")),
    ]


def test_the_number_of_problems_is_bounded() -> None:
    problems = Problems()
    problems.required({}, map(str, range(PROBLEMS_MAX + 5)))
    assert len(problems) == PROBLEMS_MAX
