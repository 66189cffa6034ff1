"""Greenflash's errors: `{"success": false, "error", "message"}`, with `path` where a field is to blame, and `errors` where there are several.

Its client tries 408, 409, 429 and 5xx again. So nothing is answered 409 here: what contradicts what is stored will still contradict it in a second.
"""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Path, Problem
from coterie.http.answer import answer
from coterie.http.problem_paths import dotted
from coterie.http.problems import HttpProblem

OUTSIDE: Final = "This address is outside segmentation, which is all that Coterie does of this API."

_BAD_REQUEST: Final = frozenset({409, 422})
"""Statuses of ours that are 400 in this dialect."""

_ACCESS: Final = MappingProxyType(
    {
        "key_missing": "Authentication required. Send the header `Authorization: Bearer <key>`.",
        "key_malformed": "Invalid authorization header. It is `Authorization: Bearer <key>`.",
        "key_refused": "Invalid API key",
    }
)
"""Clients tell these apart by how they begin; the last one by the whole of it."""

_THEIRS: Final = MappingProxyType(
    {
        "external_id": "externalUserId",
        "product_id": "productId",
        "version_id": "versionId",
        "at": "createdAt",
        "message_id": "insertId",
    }
)
"""Words of our own model that may be in an error's path, and what this dialect calls them."""


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
        body["errors"] = [{"path": _path(one.path), "message": sentence(one)} for one in problem.problems]
    return answer(body, status)


def sentence(problem: Problem) -> str:
    """What is wrong and what to do about it, as one message."""
    return f"{problem.message} {problem.hint}" if problem.hint else problem.message


def _path(path: Path) -> str:
    """Dotted, in the words of this dialect; names of properties are the caller's own."""
    kept = path.index("properties") if "properties" in path else len(path)
    ours = path[1:kept] if path[0] == "profile" else path[:kept]
    return dotted((*(_THEIRS.get(str(step), step) for step in ours), *path[kept:]))
