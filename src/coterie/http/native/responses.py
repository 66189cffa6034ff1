"""What the API description says of refusals: the errors each operation can give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coterie.http.native.problem import MEDIA_TYPE

WHAT: Mapping[int, str] = {
    400: "The body is damaged or not JSON, a header is malformed, or the cursor is not ours.",
    401: "No key, a malformed one, or one that is not known (any more).",
    403: "The key does not reach as far as this asks.",
    404: "There is nothing with this id in the key's workspace.",
    408: "The body did not arrive in time.",
    409: "True of the input, false of the world: the identifier is another's, the thing is in use.",
    413: "The body is larger than the limit, before or after decompression.",
    415: "The body is of a type or in an encoding that is not read here.",
    422: "The input is wrong; `path` says where.",
    429: "Too much of it at once; `code` says of what.",
    500: "We failed. `incident` is in the server's log too.",
}
READS = (401, 403, 422, 500)
WRITES = (*READS, 400, 408, 413, 415)

Documented = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Documented:
    """The errors with these statuses, for a route's `responses`."""
    return {status: _refusal(status) for status in sorted(set(statuses))}


def _refusal(status: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "description": WHAT[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    if status == 401:
        document["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    return document
