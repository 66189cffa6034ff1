"""How Greenflash words what is wrong with a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from coterie.errors import Path
from coterie.http.problem_collector import ProblemCollector, Sentence
from coterie.model import Unset
from coterie.rules.operands import describe_json


class GreenflashWording:
    code: Final = "invalid_input"
    problems_max: Final = 100

    def not_an_object(self, path: Path, value: object) -> Sentence:
        return f"{_name(path)} must be an object, not {describe_json(value)}.", None

    def unknown_key(self, path: Path, allowed: Iterable[str]) -> Sentence:
        return f"The key {str(path[-1])[:60]!r} is not known.", f"Known keys: {', '.join(allowed)}."

    def missing(self, path: Path) -> Sentence:
        return f"`{path[-1]}` is required.", None

    def not_a_choice(self, path: Path, value: object, choices: Iterable[str]) -> Sentence:
        return f"`{path[-1]}` cannot be {describe_json(value)}.", f"It is one of: {', '.join(choices)}."

    def not_text(self, path: Path, value: object, nullable: bool) -> Sentence:
        return f"`{path[-1]}` must be a string, not {describe_json(value)}.", None

    def too_long(self, path: Path, length: int, longest: int) -> Sentence:
        return f"`{path[-1]}` has {length:,} characters; at most {longest} are allowed.", None

    def not_unicode(self, path: Path) -> Sentence:
        return f"`{path[-1]}` holds a character that is not text.", None


def _name(path: Path) -> str:
    return f"`{path[-1]}`" if path and isinstance(path[-1], str) else "A rule" if path else "The body"


class GreenflashProblems(ProblemCollector):
    """The problems of one Greenflash request."""

    def __init__(self) -> None:
        super().__init__(GreenflashWording())

    def text_or_none(self, body: Mapping[str, object], key: str, longest: int | None = None) -> str | None:
        """A string; None when it is null, absent or wrong."""
        value = self.text(body, key, longest=longest, nullable=True)
        return None if isinstance(value, Unset) else value
