"""From anything that is raised to an `HttpProblem`, with one table of statuses for all dialects.

No input may lead to a 5xx: what reaches `unexpected` is a failure of our own. Its message is
withheld from the caller and from the logs, since it may quote personal data; an incident id links
the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from coterie import errors
from coterie.errors import CoterieError, Problem
from coterie.http import errors as edge


@dataclass(frozen=True, slots=True)
class HttpProblem:
    """What went wrong with a request, for a dialect to render in its own envelope.

    `code` is stable (`coterie.errors`, `http.errors`, and here `not_found`, `method_not_allowed`,
    `internal_error`). `status` is that of our own API, which a dialect may map to another.
    `problems` has at least one item. `headers` must be sent; `extra` has further members of our own
    envelope.
    """

    status: int
    code: str
    message: str
    problems: tuple[Problem, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)


STATUS: Mapping[type[CoterieError], int] = {
    edge.KeyMalformed: 401,
    edge.MalformedBody: 400,
    edge.UnsupportedMediaType: 415,
    edge.BodyTooSlow: 408,
    edge.InvalidHeader: 400,
    edge.Overloaded: 429,
    edge.TooManyStreams: 429,
    errors.KeyMissing: 401,
    errors.KeyRefused: 401,
    errors.ScopeMissing: 403,
    errors.AccessRefused: 403,
    errors.InvalidCursor: 400,
    errors.BodyTooLarge: 413,
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.IdempotencyConflict: 422,
    errors.Conflict: 409,
}
"""The status of each class of error; a class that is not listed has that of its nearest
ancestor."""


def problem_of(error: Exception) -> HttpProblem | None:
    """The problem that `error` stands for; None when it is a failure of our own."""
    match error:
        case CoterieError():
            return _of_coterie(error)
        case RequestValidationError():
            return _of_validation(error)
        case HTTPException():
            return _of_routing(error)
        case _:
            return None


def sentence(problem: Problem) -> str:
    """The message of a problem, with its hint."""
    return f"{problem.message} {problem.hint}" if problem.hint else problem.message


def unexpected(incident: str) -> HttpProblem:
    message = "The server failed; nothing is known to be wrong with the request."
    hint = f"The server's log has the details under incident {incident}."
    problem = Problem(message, (), "internal_error", hint)
    return HttpProblem(500, "internal_error", message, (problem,), extra={"incident": incident})


def _of_coterie(error: CoterieError) -> HttpProblem | None:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if status is None:
        return None
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(error)
    extra: dict[str, object] = {}
    if isinstance(error, errors.SegmentInUse | errors.PropertyInUse):
        extra["users"] = [{"id": key, "name": name} for key, name in error.users]
    return HttpProblem(status, error.code, error.message, error.problems, headers, extra)


def _challenge(error: CoterieError) -> str:
    """The WWW-Authenticate header, by RFC 6750: without an error code when no credentials were
    sent."""
    match error:
        case errors.KeyMissing():
            return 'Bearer realm="coterie"'
        case edge.KeyMalformed():
            return 'Bearer realm="coterie", error="invalid_request"'
        case _:
            return 'Bearer realm="coterie", error="invalid_token"'


def _of_routing(error: HTTPException) -> HttpProblem:
    match error.status_code:
        case 404:
            code, message = "not_found", "There is nothing at this address."
        case 405:
            code, message = "method_not_allowed", "This address does not accept this method."
        case _:
            code, message = "invalid_request", str(error.detail)
    headers = dict(error.headers or {})
    hint = f"It accepts {headers['Allow']}." if "Allow" in headers else None
    return HttpProblem(error.status_code, code, message, (Problem(message, (), code, hint),), headers)


def _of_validation(error: RequestValidationError) -> HttpProblem:
    items = error.errors()
    if any(item["loc"][0] == "path" for item in items):
        message = "There is nothing with this id."
        return HttpProblem(404, "not_found", message, (Problem(message, (), "not_found"),))
    problems = problems_of(items)
    status = 400 if all(item["loc"][0] == "header" for item in items) else 422
    return HttpProblem(status, problems[0].code, problems[0].message, problems)


_PHRASES = {
    "missing": "This is required.",
    "extra_forbidden": "This key is not known.",
    "string_type": "This must be a text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "bool_type": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "none_required": "This must be null.",
}


_SUBJECT = re.compile(r"^(Input|Value|String|List|Dictionary|Object) should ")


def problems_of(items: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Pydantic's errors as problems. The path leaves out the first part of each `loc`: body, query
    or header."""
    return tuple(
        Problem(
            _PHRASES.get(item["type"]) or _plain(item["msg"]),
            tuple(item["loc"][1:]),
            "invalid_input",
            item.get("hint"),
        )
        for item in items
    )


def _plain(message: str) -> str:
    """Pydantic's message, worded for someone who sent JSON: "This must ..." for "Input should
    ..."."""
    return f"{_SUBJECT.sub('This must ', message)}."
