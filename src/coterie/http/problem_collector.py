"""Reads a JSON body part by part and collects every problem, so that one answer names them all.

The collector knows what can be wrong; a dialect's `Wording` says it in the sentences its clients
are used to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

from coterie.errors import CoterieError, InvalidInput, Path, Problem
from coterie.model import UNSET, Unset
from coterie.rules.names import unfit_text

Sentence: TypeAlias = tuple[str, str | None]
"""What is wrong, and a hint or None."""


class Wording(Protocol):
    """The sentences of one dialect. Every `path` leads from the body to the value in question."""

    @property
    def code(self) -> str:
        """The code of each problem."""
        ...

    @property
    def problems_max(self) -> int | None:
        """How many problems are reported at most; None for all of them."""
        ...

    def not_an_object(self, path: Path, value: object) -> Sentence: ...

    def unknown_key(self, path: Path, allowed: Iterable[str]) -> Sentence: ...

    def missing(self, path: Path) -> Sentence: ...

    def not_a_choice(self, path: Path, value: object, choices: Iterable[str]) -> Sentence: ...

    def not_text(self, path: Path, value: object, nullable: bool) -> Sentence: ...

    def too_long(self, path: Path, length: int, longest: int) -> Sentence: ...

    def not_unicode(self, path: Path) -> Sentence: ...


class ProblemList:
    """The problems of one request so far, at most `problems_max` of them, each with this `code`."""

    def __init__(self, code: str, problems_max: int | None = None) -> None:
        self._code = code
        self._max = problems_max
        self._problems: list[Problem] = []

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, message: str, path: Path, hint: str | None = None) -> None:
        if self._max is None or len(self._problems) < self._max:
            self._problems.append(Problem(message, path, self._code, hint))

    def add_error(self, error: CoterieError, path: Path) -> None:
        """Add the problems of `error`, all of them at `path`, the place that caused it."""
        for problem in error.problems:
            self.add(problem.message, path, problem.hint)

    def raise_if_any(self) -> None:
        """Raises InvalidInput with every problem."""
        if self._problems:
            first, *others = self._problems
            raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)


class ProblemCollector(ProblemList):
    """A list of problems that reads a body part by part.

    Readers record what is wrong and return None or UNSET.
    """

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording.code, wording.problems_max)
        self._wording = wording

    def mapping(self, value: object, allowed: Iterable[str], path: Path = ()) -> Mapping[str, object] | None:
        """A JSON object whose keys are all `allowed`; None when it is not an object."""
        if not isinstance(value, dict):
            self._add(self._wording.not_an_object(path, value), path)
            return None
        self.known_keys(value, allowed, path)
        return value

    def known_keys(self, body: Mapping[str, object], allowed: Iterable[str], path: Path) -> None:
        """Report each key that is not `allowed`."""
        for key in body:
            if key not in allowed:
                self._add(self._wording.unknown_key((*path, key), allowed), (*path, key))

    def required(self, body: Mapping[str, object], keys: Iterable[str], path: Path) -> None:
        """Report each of `keys` that is missing."""
        for key in keys:
            if key not in body:
                self._add(self._wording.missing((*path, key)), (*path, key))

    def choice(
        self, body: Mapping[str, object], key: str, choices: Iterable[str], path: Path = (), *, required: bool = False
    ) -> str | None:
        """One of `choices`; None when it is absent or wrong."""
        where = (*path, key)
        if key not in body:
            if required:
                self._add(self._wording.missing(where), where)
            return None
        value = body[key]
        if isinstance(value, str) and value in choices:
            return value
        self._add(self._wording.not_a_choice(where, value, choices), where)
        return None

    def text(
        self,
        body: Mapping[str, object],
        key: str,
        *,
        longest: int | None = None,
        required: bool = False,
        nullable: bool = False,
        path: Path = (),
    ) -> str | None | Unset:
        """A string of at most `longest` characters, or null where `nullable`; UNSET when it is
        absent or wrong. A `required` text must not be blank."""
        where = (*path, key)
        value = body.get(key)
        if key not in body:
            if required:
                self._add(self._wording.missing(where), where)
            return UNSET
        if value is None and nullable:
            return None
        if not isinstance(value, str):
            self._add(self._wording.not_text(where, value, nullable), where)
        elif required and not value.strip():
            self._add(self._wording.missing(where), where)
        elif longest is not None and len(value) > longest:
            self._add(self._wording.too_long(where, len(value), longest), where)
        elif unfit_text(value) is not None:
            self._add(self._wording.not_unicode(where), where)
        else:
            return value
        return UNSET

    def _add(self, sentence: Sentence, path: Path) -> None:
        message, hint = sentence
        self.add(message, path, hint)
