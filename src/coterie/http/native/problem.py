"""Our own error envelope: RFC 9457, `application/problem+json`."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Problem
from coterie.http.answer import answer
from coterie.http.face import Fault
from coterie.http.fault import dotted

MEDIA_TYPE = "application/problem+json"


def type_of(code: str) -> str:
    """The problem's `type`: a name, not an address; it leads nowhere."""
    return f"urn:coterie:problem:{code}"


def answer_fault(_: Request, fault: Fault) -> Response:
    first = fault.problems[0]
    document: dict[str, object] = {
        "type": type_of(fault.code),
        "title": HTTPStatus(fault.status).phrase,
        "status": fault.status,
        "detail": fault.message,
        "code": fault.code,
        "path": dotted(first.path) if first.path else None,
        "hint": first.hint,
        **fault.extra,
    }
    if len(fault.problems) > 1:
        document["problems"] = [problem_out(problem) for problem in fault.problems]
    return answer(document, fault.status, media_type=MEDIA_TYPE)


def problem_out(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "detail": problem.message,
        "path": dotted(problem.path) if problem.path else None,
        "hint": problem.hint,
    }
