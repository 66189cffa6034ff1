"""Answers to bodies with many items: the outcome of each, in their order, and the count of each
outcome.

Below `/v1/events` and `/v1/conversations` an identifier that the workspace refuses is a member of
`profile`; `of_profile` and `rejections_of_profile` place it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from coterie.errors import CoterieError, IdentityConflict, Path, Suppressed
from coterie.http.native.shapes.base import Problem
from coterie.http.native.shapes.shape import Answer, Json
from coterie.model import Rejected

T = TypeVar("T")
R = TypeVar("R")

IDENTIFIERS = frozenset({"id", "external_id", "email", "anonymous_id"})

CODES_OF_PROFILES = frozenset({Suppressed.code, IdentityConflict.code})
"""Codes that always speak of a profile."""


def joined(items: Sequence[T | Rejected], results: Sequence[R | Rejected]) -> list[R | Rejected]:
    """The outcomes of all items in their order; `results` are those of the items that could be
    read."""
    remaining = iter(results)
    return [item if isinstance(item, Rejected) else next(remaining) for item in items]


def batch_answer(
    results: Sequence[R | Rejected], shape: type[Answer], outcomes: Iterable[StrEnum], absent: Mapping[str, object]
) -> Json:
    """The outcomes, and the count of each. A result has the shape `shape`; a rejected item has
    `absent` in place of it."""
    counts = {str(outcome): 0 for outcome in outcomes} | {"refused": 0}
    items: list[Json] = []
    for index, result in enumerate(results):
        if isinstance(result, Rejected):
            problems = [Problem.of(problem) for problem in result.problems]
            item: Json = {**absent, "outcome": "refused", "problems": problems}
        else:
            item = {**shape.of(result), "problems": []}
        counts[str(item["outcome"])] += 1
        items.append({"index": index, **item})
    return {"counts": counts, "items": items}


@contextmanager
def of_profile(names: frozenset[str] = IDENTIFIERS) -> Iterator[None]:
    """Place errors about identifiers below `profile`: those about `names`, and every one with a
    code that speaks of profiles."""
    try:
        yield
    except CoterieError as error:
        error.path = _placed(error.path, error.code, names)
        raise


def rejections_of_profile(
    results: Sequence[R | Rejected], names: Sequence[frozenset[str]] | None = None
) -> list[R | Rejected]:
    """The same for the rejected items of a batch; `names` are given for each item."""
    return [
        Rejected(tuple(replace(problem, path=_placed(problem.path, problem.code, own)) for problem in result.problems))
        if isinstance(result, Rejected)
        else result
        for result, own in zip(results, names or [IDENTIFIERS] * len(results), strict=True)
    ]


def _placed(path: Path, code: str, names: frozenset[str]) -> Path:
    """The path in the body, for one that begins with an identifier of a profile."""
    return ("profile", *path) if path and path[0] in (IDENTIFIERS if code in CODES_OF_PROFILES else names) else path
