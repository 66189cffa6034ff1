"""What the machinery around a server asks: is it alive, is it ready, how is it doing. No key needed, no personal data given.

Probes often ask with HEAD: it has the status of GET, and the server under us sends no body.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.error_responses import error_responses
from coterie.http.metrics import CONTENT_TYPE, Metrics
from coterie.http.native.envelope import ERRORS
from coterie.http.route import EdgeRoute
from coterie.http.server import Server

router = APIRouter(route_class=EdgeRoute, tags=["server"])


def _status(word: str, what: str) -> dict[str, Any]:
    return {
        "description": what,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"status": {"type": "string", "const": word}},
                    "required": ["status"],
                },
                "example": {"status": word},
            }
        },
    }


@router.head("/healthz", include_in_schema=False)
@router.get(
    "/healthz",
    summary="Is the process alive",
    responses={200: _status("ok", "It is."), **error_responses(ERRORS, (422,))},
)
async def healthz() -> Response:
    return answer({"status": "ok"})


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Can requests be answered",
    responses={
        200: _status("ready", "They can."),
        503: _status("starting", "Not yet: the data directory is being opened, or the server is stopping."),
        **error_responses(ERRORS, (422,)),
    },
)
def readyz(request: Request) -> Response:
    server: Server = request.app.state.server
    return answer({"status": "ready"}) if server.ready() else answer({"status": "starting"}, 503)


@router.head("/metrics", include_in_schema=False)
@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "coterie_profiles 10000.0\n"}},
        },
        **error_responses(ERRORS, (422,)),
    },
)
def metrics(request: Request) -> Response:
    recorded: Metrics = request.app.state.metrics
    return Response(recorded.text(), headers={"Content-Type": CONTENT_TYPE})
