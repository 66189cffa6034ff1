"""Greenflash's errors: `{"success": false, "error", "message"}`.

`path` names the field to blame, and `errors` lists them all where there are several. Greenflash's
client repeats a request after 408, 409, 429 and 5xx. So this dialect never answers 409: a conflict
with stored data will still be one a second later.
"""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Path
from coterie.http.answer import answer
from coterie.http.error_responses import ErrorTable
from coterie.http.greenflash.shapes import GreenflashError
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem, sentence

ERRORS: Final = ErrorTable(
    shape={"model": GreenflashError},
    meanings={
        400: "The request is wrong or conflicts with stored data; `path` says where.",
        401: "`Authentication required ...`, `Invalid authorization header ...` or `Invalid API key`.",
        403: "The key's scope does not allow this, or the workspace has as many segments as it may.",
        404: "The key's workspace has nothing with this id.",
        408: "The body did not arrive in time.",
        413: "The body is larger than the limit.",
        415: "The body is not JSON, or its encoding is not accepted here.",
        500: "The server failed. The request may be correct.",
        # Without this one FastAPI describes a 422 of its own, which this dialect never answers.
        "4XX": "Any other error.",
    },
    always=(400, 401, 403, 500, "4XX"),  # 400: any route may get an unknown query parameter
    with_body=(408, 413, 415),
)

OUTSIDE: Final = "This address is outside segmentation, the only part of this API that Coterie implements."

_BAD_REQUEST: Final = frozenset({409, 422})
"""Statuses of other dialects that are 400 here."""

_ACCESS: Final = MappingProxyType(
    {
        "key_missing": "Authentication required. Send the header `Authorization: Bearer <key>`.",
        "key_malformed": "Invalid authorization header. It is `Authorization: Bearer <key>`.",
        "key_refused": "Invalid API key",
    }
)
"""Clients distinguish these by how they begin, the last one by the whole text."""

_FIELDS: Final = MappingProxyType(
    {
        "external_id": "externalUserId",
        "product_id": "productId",
        "version_id": "versionId",
        "at": "createdAt",
        "message_id": "insertId",
    }
)
"""The dialect's names for the model's fields that may be in a path."""


def answer_problem(request: Request, problem: HttpProblem) -> Response:
    status = 400 if problem.status in _BAD_REQUEST else problem.status
    first, *others = problem.problems
    message = _ACCESS.get(problem.code) or sentence(first)
    if status == 404 and "endpoint" not in request.scope:
        message = OUTSIDE
    body: dict[str, object] = {"success": False, "error": HTTPStatus(status).phrase, "message": message}
    if first.path:
        body["path"] = _path(first.path)
    if others:
        body["errors"] = [{"path": _path(part.path), "message": sentence(part)} for part in problem.problems]
    return answer(body, status)


def _path(path: Path) -> str:
    """Dotted, in the dialect's names; the names of properties are the caller's own."""
    end = path.index("properties") if "properties" in path else len(path)
    fields = path[1:end] if path[0] == "profile" else path[:end]
    return dotted((*(_FIELDS.get(str(step), step) for step in fields), *path[end:]))
