"""Collects the problems of a body, so that one answer names them all.

Each dialect reads bodies in a subclass and words the problems as its clients expect.
"""

from __future__ import annotations

from coterie.errors import CoterieError, InvalidInput, Path, Problem


class ProblemCollector:
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
