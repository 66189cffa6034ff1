"""The application: the faces, what they share, and nothing else. A new dialect is one line in `FACES`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from coterie import __version__
from coterie.errors import CoterieError
from coterie.http import docs_page, health, native, sendkit
from coterie.http.description import described
from coterie.http.face import Face, Fault
from coterie.http.fault import fault_of
from coterie.http.metrics import Metrics
from coterie.http.record import Record
from coterie.http.server import Server

FACES: tuple[Face, ...] = (native.FACE, sendkit.FACE)

THREADS_MAX = 128
"""Requests inside the core at once. Writers wait there for their shared commit, so this is more than there are processors."""


def create_app(server: Server, faces: tuple[Face, ...] = FACES) -> FastAPI:
    app = FastAPI(
        title="Coterie",
        version=__version__,
        summary="Audience segmentation: rules in, live and explained membership out.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.server = server
    app.state.metrics = Metrics(server)
    _describe(app)
    for face in faces:
        app.include_router(face.router, prefix=face.prefix)
    app.include_router(health.router)
    app.include_router(docs_page.router)

    def draw(request: Request, fault: Fault) -> Response:
        """In the envelope of the face under whose prefix the request fell; ours where it fell under none."""
        face = next((face for face in faces if face.owns(request.url.path)), native.FACE)
        response = face.answer_fault(request, fault)
        for name, value in fault.headers.items():
            response.headers[name] = value
        return response

    async def caught(request: Request, error: Exception) -> Response:
        fault = fault_of(error)
        if fault is None:
            raise error
        return draw(request, fault)

    for kind in (CoterieError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, caught)
    app.add_middleware(Record, metrics=app.state.metrics, draw=draw)
    return app


def _describe(app: FastAPI) -> None:
    """Put the error document and the examples into the API description, which is made at the first call."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(plain())
        return app.openapi_schema

    setattr(app, "openapi", openapi)  # noqa: B010 - FastAPI's documented way; an assignment would be an error of types


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS_MAX
    yield
