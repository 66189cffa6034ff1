"""SendKit's errors: one flat object, `{"name", "message", "statusCode"}`, with `errors` by path where the input is at fault.

A name goes with a status. What SendKit has no name for (a key that may only read, a body that is too large) is an `application_error` under its
own status.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Problem
from coterie.http.answer import answer
from coterie.http.error_responses import ErrorTable
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem
from coterie.http.sendkit import examples

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


class SendKitError(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.ERROR_SHOWN]})

    name: Literal[NAMES]  # type: ignore[valid-type]  # made from the table of names
    message: str
    statusCode: int  # noqa: N815 - the wire's own spelling
    errors: dict[str, list[str]] | None = Field(None, description="By path, on 422.")


ERRORS: Final = ErrorTable(
    shape={"model": SendKitError},
    meanings={
        401: "`missing_api_key` or `invalid_api_key`.",
        403: "`application_error`: the key lacks the scope that the request needs.",
        404: "`not_found`: nothing has this id.",
        408: "`application_error`: the body did not arrive in time.",
        409: "`conflict`: the identifier is taken, or the resource is in use.",
        413: "`application_error`: the body is larger than the limit.",
        415: "`application_error`: the body is not JSON, or has an encoding that is not supported.",
        422: "`validation_error`; `errors` names every problem by its path.",
        500: "`internal_server_error`: the server failed; nothing is known to be wrong with the request.",
    },
    always=(401, 403, 422, 500),  # 422: a query parameter that is not known, on any route
    with_body=(408, 413, 415),
)

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
