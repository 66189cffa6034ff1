"""Liveness, readiness and metrics, for orchestrators and monitoring. They need no key and contain
no personal data.

Probes often use HEAD: it has the status of GET, and the HTTP server sends no body.
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


def _status(word: str, description: str) -> dict[str, Any]:
    return {
        "description": description,
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
    summary="Check that the process is alive",
    responses={200: _status("ok", "The process is alive."), **error_responses(ERRORS, (422,))},
)
async def healthz() -> Response:
    return answer({"status": "ok"})


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Check that requests can be answered",
    responses={
        200: _status("ready", "Requests can be answered."),
        503: _status(
            "starting", "Requests cannot be answered: the data directory is being opened, or the server is stopping."
        ),
        **error_responses(ERRORS, (422,)),
    },
)
def readyz(request: Request) -> Response:
    server: Server = request.app.state.server
    return answer({"status": "ready"}) if server.ready() else answer({"status": "starting"}, 503)


@router.head("/metrics", include_in_schema=False)
@router.get(
    "/metrics",
    summary="Get metrics for Prometheus",
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
