"""The error responses of a route, for the API description: every one is `shapes.SendKitError`."""

from __future__ import annotations

from typing import Final

from coterie.http.error_responses import ErrorTable, Responses, error_responses
from coterie.http.sendkit.shapes import SendKitError

ERRORS: Final = ErrorTable(
    shape={"model": SendKitError},
    meanings={
        401: "`missing_api_key` or `invalid_api_key`.",
        403: "`application_error`: the key's scope does not reach this far.",
        404: "`not_found`: there is nothing with this id.",
        408: "`application_error`: the body did not arrive in time.",
        409: "`conflict`: conflict with the current state: the identifier is taken, or the resource is in use.",
        413: "`application_error`: the body is larger than the limit.",
        415: "`application_error`: the body is not JSON, or in an encoding we do not read.",
        422: "`validation_error`; `errors` names every problem by its path.",
        500: "`internal_server_error`: we failed; nothing is known to be wrong with the request.",
    },
    always=(401, 403, 422, 500),  # 422: a query parameter that is not known, on any route
    with_body=(408, 413, 415),
)


def refusals(*statuses: int, body: bool = False) -> Responses:
    """Those of every route, those given, and those of reading a body."""
    return error_responses(ERRORS, (*ERRORS.always, *statuses, *(ERRORS.with_body if body else ())))
