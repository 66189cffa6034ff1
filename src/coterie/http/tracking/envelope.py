"""What the dialect answers.

`{"success": true}`, or `{"success": false, "code", "message"}` for a request that is refused whole.

Trackers read `code` and `message`; one that does not find them takes the error for a failure of the
network and tries again. They give up on 400, so every error of the request itself is a 400. Only
401, 403, 404, 405, 408, 429 and 500 keep their status.
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
"""Seconds. Waiting requests are written in a few commits of milliseconds each."""

_KEPT_STATUSES: Final = frozenset({401, 403, 404, 405, 408, 429, 500})

_FIELDS: Final = MappingProxyType(
    {
        "external_id": "userId",
        "anonymous_id": "anonymousId",
        "message_id": "messageId",
        "at": "timestamp",
        "name": "event",
    }
)
"""The dialect's names for the model's fields that may begin a path."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message of a batch that was not stored. `index` is its place in the batch."""

    index: int
    kind: str
    message_id: str | None
    problem: Problem


def answer_problem(_: Request, problem: HttpProblem) -> Response:
    """Any problem in the dialect's envelope."""
    status = problem.status if problem.status in _KEPT_STATUSES else 400
    body: dict[str, object] = {"success": False, "code": problem.code, "message": sentence(problem.problems[0])}
    headers = dict(problem.headers)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="coterie"'
    if status == 429:
        headers["Retry-After"] = str(RETRY_AFTER)
    return answer(body, status, headers)


def accepted(dropped: Sequence[Dropped]) -> dict[str, object]:
    """The answer to an accepted request; it names the dropped messages."""
    if not dropped:
        return {"success": True}
    in_order = sorted(dropped, key=lambda message: message.index)
    return {"success": True, "dropped": [_dropped_to_json(message) for message in in_order]}


def _dropped_to_json(dropped: Dropped) -> dict[str, object]:
    problem = dropped.problem
    body: dict[str, object] = {"index": dropped.index, "code": problem.code, "message": sentence(problem)}
    if dropped.message_id is not None:
        body["messageId"] = dropped.message_id
    return body


def sentence(problem: Problem) -> str:
    """Message, place and hint in one text: a tracker writes nothing else to its log."""
    place = f" (at {dotted(_tracking_path(problem.path))})" if problem.path else ""
    hint = f" {problem.hint}" if problem.hint else ""
    return f"{problem.message}{place}{hint}"


def _tracking_path(path: Path) -> Path:
    if len(path) > 1 and path[0] == "profile":
        path = path[1:]
    return (_FIELDS.get(str(path[0]), path[0]), *path[1:])
