"""Paths of problems: where in the input something is wrong, moved below the part of a request that was read, and written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from coterie.errors import CoterieError, InvalidInput, InvalidRule, Path, Problem


@contextmanager
def inside(*prefix: str | int) -> Iterator[None]:
    """Errors about the input that are raised in here speak of a part of it; `prefix` leads to that part."""
    try:
        yield
    except InvalidInput as error:
        raise _moved(error, prefix) from error


@contextmanager
def rule_at(*prefix: str | int) -> Iterator[None]:
    """The same for what a workspace says of a rule that it was given: only its own complaints are moved, and only where they start in the
    rule and not already in the request."""
    try:
        yield
    except InvalidRule as error:
        if error.path[: len(prefix)] == prefix:
            raise
        raise _moved(error, prefix) from error


def _moved(error: InvalidInput, prefix: Path) -> CoterieError:
    first, *others = error.problems
    path = prefix + first.path
    return type(error)(first.message, path=path, hint=first.hint, others=moved(others, prefix))


def moved(problems: Iterable[Problem], prefix: Path) -> tuple[Problem, ...]:
    return tuple(Problem(item.message, prefix + item.path, item.code, item.hint) for item in problems)


def dotted(path: Path) -> str:
    """`rule.all.0.value`. A key that holds a dot, a quote or nothing is quoted, so that no two paths read the same."""
    return ".".join(_step(step) for step in path)


def _step(step: str | int) -> str:
    text = str(step)
    if isinstance(step, int) or (text and "." not in text and '"' not in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
