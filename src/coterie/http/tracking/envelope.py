"""What the dialect answers: `{"success": true}`, and `{"success": false, "code", "message"}` for what is refused as a whole.

Trackers read `code` and `message`, and one that misses them takes the refusal for a failure of the network and tries again. They give up on 400, so
whatever is wrong with a request itself is that; 401, 403, 404, 405, 408, 429 and 500 are what they are everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Path, Problem
from coterie.http.answer import answer
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem

RETRY_AFTER: Final = 1
"""Seconds. What waits is written in a few commits, each of milliseconds."""

_AS_THEY_ARE: Final = frozenset({401, 403, 404, 405, 408, 429, 500})

_THEIRS: Final = MappingProxyType(
    {
        "external_id": "userId",
        "anonymous_id": "anonymousId",
        "message_id": "messageId",
        "at": "timestamp",
        "name": "event",
    }
)
"""Words of our own model that may lead an error's path, and what this dialect calls them."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message of a batch that was not stored. `index` is its place in the batch."""

    index: int
    kind: str
    message_id: str | None
    problem: Problem


def answer_problem(_: Request, problem: HttpProblem) -> Response:
    """Any fault in the dialect's envelope."""
    status = problem.status if problem.status in _AS_THEY_ARE else 400
    body: dict[str, object] = {"success": False, "code": problem.code, "message": sentence(problem.problems[0])}
    headers = dict(problem.headers)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="coterie"'
    if status == 429:
        headers["Retry-After"] = str(RETRY_AFTER)
    return answer(body, status, headers)


def accepted(dropped: Sequence[Dropped]) -> dict[str, object]:
    """The answer to a request that was taken in; what was dropped of it is named."""
    if not dropped:
        return {"success": True}
    return {"success": True, "dropped": [_shown(one) for one in sorted(dropped, key=lambda one: one.index)]}


def _shown(dropped: Dropped) -> dict[str, object]:
    problem = dropped.problem
    shown: dict[str, object] = {"index": dropped.index, "code": problem.code, "message": sentence(problem)}
    if dropped.message_id is not None:
        shown["messageId"] = dropped.message_id
    return shown


def sentence(problem: Problem) -> str:
    """What is wrong, where, and what to do about it, as one message: that is all a tracker writes to its log."""
    where = f" (at {dotted(_theirs(problem.path))})" if problem.path else ""
    how = f" {problem.hint}" if problem.hint else ""
    return f"{problem.message}{where}{how}"


def _theirs(path: Path) -> Path:
    if len(path) > 1 and path[0] == "profile":
        path = path[1:]
    return (_THEIRS.get(str(path[0]), path[0]), *path[1:])
