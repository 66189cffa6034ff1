"""The error responses of a route, for the API description: every one is `shapes.GreenflashError`."""

from __future__ import annotations

from typing import Final

from coterie.http.error_responses import ErrorTable, Responses, error_responses
from coterie.http.greenflash.shapes import GreenflashError

ERRORS: Final = ErrorTable(
    shape={"model": GreenflashError},
    meanings={
        400: "The request is wrong, or contradicts what is stored; `path` says where.",
        401: "`Authentication required ...`, `Invalid authorization header ...` or `Invalid API key`.",
        403: "The key does not reach as far as this asks, or the workspace has as many segments as it may.",
        404: "There is nothing with this id.",
        408: "The body did not arrive in time.",
        413: "The body is larger than the limit.",
        415: "The body is not JSON, or in an encoding that is not read here.",
        500: "We failed; nothing is known to be wrong with the request.",
        # Without this one FastAPI describes a 422 of its own, which is never answered here.
        "4XX": "Any other error.",
    },
    always=(400, 401, 403, 500, "4XX"),  # 400: a query parameter that is not known, on any route
    with_body=(408, 413, 415),
)


def refusals(*statuses: int, body: bool = False) -> Responses:
    """Those of every route, those given, and those of reading a body."""
    return error_responses(ERRORS, (*ERRORS.always, *statuses, *(ERRORS.with_body if body else ())))
