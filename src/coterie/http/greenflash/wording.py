"""Reads a JSON document part by part and words what is wrong with it.

Segments are read this way, because their rules depend on one another and on the workspace. All
other bodies are checked by their shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from coterie.errors import Path, limit_sentence
from coterie.http.problem_collector import ProblemCollector
from coterie.rules.names import unfit_text
from coterie.rules.operands import describe_json

PROBLEMS_MAX: Final = 100


class Problems(ProblemCollector):
    """The problems of one segment. Readers report what is wrong and return None."""

    def __init__(self) -> None:
        super().__init__("invalid_input", PROBLEMS_MAX)

    def mapping(self, value: object, allowed: Iterable[str], path: Path = ()) -> Mapping[str, object] | None:
        """A JSON object whose keys are all `allowed`; None when it is not an object."""
        if not isinstance(value, dict):
            self.add(f"{_name(path)} must be an object, not {describe_json(value)}.", path)
            return None
        self.known_keys(value, allowed, path)
        return value

    def known_keys(self, body: Mapping[str, object], allowed: Iterable[str], path: Path) -> None:
        """Report each key that is not `allowed`."""
        for key in body:
            if key not in allowed:
                self.add(f"The key {key[:60]!r} is not known.", (*path, key), f"Known keys: {', '.join(allowed)}.")

    def required(self, body: Mapping[str, object], keys: Iterable[str], path: Path = ()) -> None:
        """Report each of `keys` that is missing."""
        for key in keys:
            if key not in body:
                self.add(f"`{key}` is required.", (*path, key))

    def choice(self, body: Mapping[str, object], key: str, choices: Iterable[str], path: Path) -> str | None:
        """One of `choices`; None when it is absent or wrong."""
        if key not in body:
            return None
        value = body[key]
        if isinstance(value, str) and value in choices:
            return value
        self.add(f"`{key}` cannot be {describe_json(value)}.", (*path, key), f"It is one of: {', '.join(choices)}.")
        return None

    def text(self, body: Mapping[str, object], key: str, longest: int | None = None) -> str | None:
        """A string of at most `longest` characters; None when it is null, absent or wrong."""
        value = body.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(f"`{key}` must be a string, not {describe_json(value)}.", (key,))
        elif longest is not None and len(value) > longest:
            self.add(limit_sentence(f"`{key}`", len(value), "characters", longest), (key,))
        elif unfit_text(value) is not None:
            self.add(f"`{key}` holds a character that is not text.", (key,))
        else:
            return value
        return None


def _name(path: Path) -> str:
    return f"`{path[-1]}`" if path and isinstance(path[-1], str) else "A rule" if path else "The body"
