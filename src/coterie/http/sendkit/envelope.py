"""SendKit's errors: one flat object, `{"name", "message", "statusCode"}`, with `errors` by path where the input is at fault.

A name goes with a status. What SendKit has no name for (a key that may only read, a body that is too large) is an `application_error` under its
own status.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Problem
from coterie.http.answer import answer
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem

_NAMES: Final = MappingProxyType(
    {
        400: "validation_error",
        401: "invalid_api_key",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        422: "validation_error",
        429: "rate_limit_exceeded",
        500: "internal_server_error",
    }
)

NAMES: Final = ("missing_api_key", *dict.fromkeys(_NAMES.values()), "application_error")

_OURS: Final = MappingProxyType({"external_id": "user_id", "lists": "list_ids"})
"""Words of our own model that may lead an error's path, and what this dialect calls them."""


def answer_problem(_: Request, problem: HttpProblem) -> Response:
    """Any fault in SendKit's envelope. Malformed JSON is a validation error here, not a bad request."""
    name = "missing_api_key" if problem.code == "key_missing" else _NAMES.get(problem.status, "application_error")
    status = 422 if name == "validation_error" else problem.status
    body: dict[str, object] = {"name": name, "message": _summary(problem), "statusCode": status}
    if status == 422:
        body["errors"] = by_path(problem.problems)
    return answer(body, status)


def _summary(problem: HttpProblem) -> str:
    others = len(problem.problems) - 1
    told = sentence(problem.problems[0])
    if not others:
        return told
    return f"{told} (and {others} more error{'s' if others > 1 else ''})"


def sentence(problem: Problem) -> str:
    """What is wrong and what to do about it, as one message."""
    return f"{problem.message} {problem.hint}" if problem.hint else problem.message


def by_path(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """Messages by the path of the field; `body` stands for the whole of it."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        first, *rest = problem.path or ("body",)
        path = dotted((_OURS.get(str(first), first), *rest))
        found.setdefault(path, []).append(sentence(problem))
    return found
