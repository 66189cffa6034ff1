"""Our own error envelope: RFC 9457, `application/problem+json`."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Problem
from coterie.http.answer import answer
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem

MEDIA_TYPE = "application/problem+json"


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
        document["problems"] = [problem_out(part) for part in problem.problems]
    return answer(document, problem.status, media_type=MEDIA_TYPE)


def problem_out(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "detail": problem.message,
        "path": dotted(problem.path) if problem.path else None,
        "hint": problem.hint,
    }
