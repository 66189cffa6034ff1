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
from starlette.routing import Match

from coterie import __version__
from coterie.errors import CoterieError, InvalidInput
from coterie.http import docs_page, greenflash, health, native, sendkit, tracking
from coterie.http.description import described
from coterie.http.face import Face, Fault
from coterie.http.fault import fault_of
from coterie.http.metrics import Metrics
from coterie.http.record import Record
from coterie.http.server import Server
from coterie.http.streaming import Streams

FACES: tuple[Face, ...] = (native.FACE, sendkit.FACE, greenflash.FACE, tracking.FACE)

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

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
    app.state.streams = Streams(server.settings.streams_max)
    _describe(app)
    for face in faces:
        app.include_router(face.router, prefix=face.prefix)
    app.include_router(health.router)
    app.include_router(docs_page.router)
    root = _root_face(server, faces)
    if root is not None:  # last, so that every path of our own goes before
        app.include_router(root.router, include_in_schema=False)

    def draw(request: Request, fault: Fault) -> Response:
        """In the envelope of the face under whose prefix the request fell; ours where it fell under none."""
        face = next((face for face in faces if face.owns(request.url.path)), root or native.FACE)
        response = face.answer_fault(request, fault)
        for name, value in fault.headers.items():
            response.headers[name] = value
        return response

    async def caught(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            error = HTTPException(405, headers={"Allow": ", ".join(_methods_at(app, request))})
        fault = fault_of(error)
        if fault is None:
            raise error
        return draw(request, fault)

    for kind in (CoterieError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, caught)
    app.add_middleware(Record, metrics=app.state.metrics, draw=draw)
    return app


def _methods_at(app: FastAPI, request: Request) -> list[str]:
    """What the address takes. Several routes may share it, and the router's own refusal names the methods of the first alone."""
    asked = ({**request.scope, "method": method} for method in METHODS)
    return [scope["method"] for scope in asked if any(route.matches(scope)[0] is Match.FULL for route in app.routes)]


def _describe(app: FastAPI) -> None:
    """Put the error document and the examples into the API description, which is made at the first call."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(plain())
        return app.openapi_schema

    setattr(app, "openapi", openapi)  # noqa: B010 - FastAPI's documented way; an assignment would be an error of types


def _root_face(server: Server, faces: tuple[Face, ...]) -> Face | None:
    """The face that the settings want at the root as well. Raises InvalidInput for one there is not."""
    wanted = server.settings.root_face
    if wanted is None:
        return None
    found = next((face for face in faces if face.name == wanted), None)
    if found is None:
        names = ", ".join(face.name for face in faces)
        raise InvalidInput(f"There is no face called {wanted!r}.", path=("root_face",), hint=f"There are: {names}.")
    return found


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS_MAX
    yield
