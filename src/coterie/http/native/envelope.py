"""Our own error envelope: RFC 9457, `application/problem+json`, and what the API description says
of it."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.error_responses import ErrorTable
from coterie.http.native.shapes.base import Problem
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem

MEDIA_TYPE = "application/problem+json"

ERRORS = ErrorTable(
    shape={"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}},
    meanings={
        400: "The body is damaged or not JSON, a header is malformed, or the cursor is not ours.",
        401: "The key is missing, malformed, unknown or revoked.",
        403: "The key's scope does not allow this.",
        404: "The key's workspace has nothing with this id.",
        408: "The body did not arrive in time.",
        409: "Conflict with the current state: the identifier is taken, or the resource is in use.",
        413: "The body is larger than the limit, before or after decompression.",
        415: "The body's media type or encoding is not accepted here.",
        422: "The input is wrong; `path` says where.",
        429: "Too many at once; `code` says of what.",
        500: "The server failed. Its log has the details under `incident`.",
    },
    always=(401, 403, 422, 500),
    with_body=(400, 408, 413, 415),
    details={401: {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}}},
)


def type_of(code: str) -> str:
    """The problem's `type`: a name, not an address; it leads nowhere."""
    return f"urn:coterie:problem:{code}"


def answer_problem(_: Request, problem: HttpProblem) -> Response:
    first = problem.problems[0]
    document: dict[str, object] = {
        "type": type_of(problem.code),
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
        "path": dotted(first.path) if first.path else None,
        "hint": first.hint,
        **problem.extra,
    }
    if len(problem.problems) > 1:
        document["problems"] = [Problem.of(part) for part in problem.problems]
    return answer(document, problem.status, media_type=MEDIA_TYPE)
