"""The outermost layer: every request gets an id, every answer its safe headers, and both are
recorded. No exception passes it.

It is pure ASGI, so that streams stay streams.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import uuid_utils
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coterie.http.logging import frames, log
from coterie.http.metrics import Metrics
from coterie.http.problems import HttpProblem, unexpected

UNMATCHED = "(unmatched)"
REQUEST_ID = "X-Request-Id"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that probes call every few seconds: logged at the level debug."""

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of every answer that does not set them itself, as the docs page does."""


class Record:
    """The middleware. `render` makes the answer to a failure of our own."""

    def __init__(self, app: ASGIApp, metrics: Metrics, render: Callable[[Request, HttpProblem], Response]) -> None:
        self.app = app
        self.metrics = metrics
        self.render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = request_id_of(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = 499  # nobody is left to answer; nginx's status, for logs only
        except Exception as error:
            if status:  # part of an answer is sent; all that is left is to break the connection
                _log_failure(error, request_id)
                raise
            incident = _log_failure(error, request_id)
            request = Request(scope)
            await self.render(request, unexpected(incident))(scope, receive, send_with_headers)
        finally:
            self._finish(scope, status, time.perf_counter() - started)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route = template_of(scope)
        self.metrics.record(scope["method"], route, status, seconds)
        state = scope["state"]
        caller = state.get("caller")
        write = log().debug if route in QUIET else log().info
        write(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 2),
            workspace=caller.key.workspace if caller else None,
            key_id=caller.key.id if caller else None,
            request_id=state["request_id"],
        )


def request_id_of(headers: Headers) -> str:
    """The caller's own request id when it is harmless to repeat, otherwise a new one."""
    sent = headers.get(REQUEST_ID, "")
    return sent if _GOOD_ID.fullmatch(sent) else str(uuid_utils.uuid7())


def template_of(scope: Scope) -> str:
    """The template of the route, such as `/v1/profiles/{profile_id}`, without anybody's
    identifiers."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    return path or UNMATCHED


def _log_failure(error: BaseException, request_id: str) -> str:
    incident = str(uuid_utils.uuid7())
    log().error("failure", incident=incident, request_id=request_id, traceback=frames(error))
    return incident
