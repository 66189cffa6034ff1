"""How SendKit words what is wrong with a body: "The email field is required." These sentences are
the `errors` of its 422."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from coterie.errors import Path
from coterie.http.problem_collector import ProblemCollector, Sentence
from coterie.http.problem_paths import dotted


class SendKitWording:
    code: Final = "validation_error"
    problems_max: Final = None

    def not_an_object(self, path: Path, value: object) -> Sentence:
        return "The body must be a JSON object." if not path else f"The {dotted(path)} field must be an object.", None

    def unknown_key(self, path: Path, allowed: Iterable[str]) -> Sentence:
        return f"The {dotted(path)} field is not known.", f"Known: {', '.join(allowed)}."

    def missing(self, path: Path) -> Sentence:
        return f"The {dotted(path)} field is required.", None

    def not_a_choice(self, path: Path, value: object, choices: Iterable[str]) -> Sentence:
        return f"The {dotted(path)} field must be one of: {', '.join(choices)}.", None

    def not_text(self, path: Path, value: object, nullable: bool) -> Sentence:
        return f"The {dotted(path)} field must be a string{' or null' if nullable else ''}.", None

    def too_long(self, path: Path, length: int, longest: int) -> Sentence:
        return f"The {dotted(path)} field must not be longer than {longest} characters.", None

    def not_unicode(self, path: Path) -> Sentence:
        return f"The {dotted(path)} field holds a character that is not text.", None


class SendKitProblems(ProblemCollector):
    """The problems of one SendKit request."""

    def __init__(self) -> None:
        super().__init__(SendKitWording())


def php_object(value: object) -> object:
    """`value`, or an empty object for `[]`, as PHP writes one."""
    return {} if isinstance(value, list) and not value else value
