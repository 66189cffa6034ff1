"""The paths of problems: moved below the part of a request that was read, and written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from coterie.errors import CoterieError, InvalidInput, InvalidRule, Path, Problem


@contextmanager
def inside(*prefix: str | int) -> Iterator[None]:
    """Place InvalidInput that is raised in here below `prefix`: its path leads into a part of the
    input."""
    try:
        yield
    except InvalidInput as error:
        raise _moved(error, prefix) from error


@contextmanager
def rule_at(*prefix: str | int) -> Iterator[None]:
    """Place InvalidRule that is raised in here below `prefix`, unless its path already begins
    there; no other error is moved."""
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
    """A path as text: `rule.all.0.value`. A key that is empty, or has a dot or a quote in it, is
    quoted, so that no two paths have the same text."""
    return ".".join(_step(step) for step in path)


def _step(step: str | int) -> str:
    text = str(step)
    if isinstance(step, int) or (text and "." not in text and '"' not in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
