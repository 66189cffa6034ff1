"""The refusals of a route, for the API description: every one is `shapes.SendKitError`."""

from __future__ import annotations

from typing import Any, Final

from coterie.http.sendkit.shapes import SendKitError

_MEANING: Final = {
    401: "`missing_api_key` or `invalid_api_key`.",
    403: "`application_error`: the key's scope does not reach this far.",
    404: "`not_found`: there is nothing with this id.",
    408: "`application_error`: the body did not arrive in time.",
    409: "`conflict`: true of the request, false of the world.",
    413: "`application_error`: the body is larger than the limit.",
    415: "`application_error`: the body is not JSON, or in an encoding we do not read.",
    422: "`validation_error`; `errors` names every problem by its path.",
    500: "`internal_server_error`: we failed; nothing is known to be wrong with the request.",
}

_ALWAYS: Final = (401, 403, 422, 500)  # 422: a query parameter that is not known, on any route
_BODY: Final = (408, 413, 415)


def refusals(*statuses: int, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """Those of every route, those given, and those of reading a body."""
    wanted = {*_ALWAYS, *statuses, *(_BODY if body else ())}
    return {status: {"model": SendKitError, "description": _MEANING[status]} for status in sorted(wanted)}
