"""SendKit's errors: one flat object, `{"name", "message", "statusCode"}`, with `errors` on 422.

Each status has its name. A status without one in SendKit (403, 413) is an `application_error`.
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
from coterie.http.problems import HttpProblem, sentence
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
    model_config = ConfigDict(json_schema_extra={"examples": [examples.ERROR_ANSWER]})

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

_FIELD_NAMES: Final = MappingProxyType({"external_id": "user_id", "lists": "list_ids"})
"""First steps of an error's path in our model, and their names in this dialect."""


def answer_problem(_: Request, problem: HttpProblem) -> Response:
    """A problem in SendKit's envelope. Malformed JSON is a validation error here."""
    name = "missing_api_key" if problem.code == "key_missing" else _NAMES.get(problem.status, "application_error")
    status = 422 if name == "validation_error" else problem.status
    body: dict[str, object] = {"name": name, "message": _summary(problem), "statusCode": status}
    if status == 422:
        body["errors"] = by_path(problem.problems)
    return answer(body, status)


def _summary(problem: HttpProblem) -> str:
    first, *others = problem.problems
    if not others:
        return sentence(first)
    return f"{sentence(first)} (and {len(others)} more error{'s' if len(others) > 1 else ''})"


def by_path(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """Messages by the path of the field. `body` stands for the whole body."""
    messages: dict[str, list[str]] = {}
    for problem in problems:
        first, *rest = problem.path or ("body",)
        path = dotted((_FIELD_NAMES.get(str(first), first), *rest))
        messages.setdefault(path, []).append(sentence(problem))
    return messages
