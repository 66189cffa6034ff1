"""From anything that was raised to a `HttpProblem`. One table of statuses, for every dialect.

No input may lead to a 5xx: what reaches `unexpected` is our own failure, and its message is kept from the caller and from the logs (it
may quote personal data); an incident id joins the two.
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
    """Anything that went wrong with a request, ready to be drawn in a dialect's own envelope.

    `code` is stable (`coterie.errors`, `http.errors`, and here `not_found`, `method_not_allowed`, `internal_error`); `status` is the one
    our own API gives, which a dialect may map to another. `problems` has at least one. `headers` must be sent along.
    """

    status: int
    code: str
    message: str
    problems: tuple[Problem, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)  # further members: users, incident, required_scope


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
"""The status of each class of error; a class that is not named has its nearest ancestor's."""


def problem_of(error: Exception) -> HttpProblem | None:
    """The fault `error` means, None when it is not one the caller made."""
    match error:
        case CoterieError():
            return _of_coterie(error)
        case RequestValidationError():
            return _of_validation(error)
        case HTTPException():
            return _of_routing(error)
        case _:
            return None


def unexpected(incident: str) -> HttpProblem:
    message = "Something failed on our side; nothing is known to be wrong with the request."
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
    """RFC 6750: no error code when no credentials were sent at all."""
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
            code, message = "method_not_allowed", "This address does not take that method."
        case _:
            code, message = "invalid_request", str(error.detail)
    headers = dict(error.headers or {})
    hint = f"It takes {headers['Allow']}." if "Allow" in headers else None
    return HttpProblem(error.status_code, code, message, (Problem(message, (), code, hint),), headers)


def _of_validation(error: RequestValidationError) -> HttpProblem:
    found = error.errors()
    if any(item["loc"][0] == "path" for item in found):
        message = "There is nothing with this id."
        return HttpProblem(404, "not_found", message, (Problem(message, (), "not_found"),))
    problems = problems_of(found)
    status = 400 if all(item["loc"][0] == "header" for item in found) else 422
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


def problems_of(found: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Pydantic's errors as problems. The first part of each `loc` (body, query, header) is dropped from the path."""
    return tuple(
        Problem(
            _PHRASES.get(item["type"]) or _plain(item["msg"]),
            tuple(item["loc"][1:]),
            "invalid_input",
            item.get("hint"),
        )
        for item in found
    )


def _plain(message: str) -> str:
    """Pydantic's words for a person who sent JSON: what "this" must be, and no `Input`."""
    return f"{_SUBJECT.sub('This must ', message)}."
