"""The application: the dialects and what they share. A new dialect is one line in `DIALECTS`."""

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
from coterie.http.dialect import Dialect
from coterie.http.metrics import Metrics
from coterie.http.problems import HttpProblem, problem_of
from coterie.http.record import Record
from coterie.http.server import Server
from coterie.http.streaming import Streams

DIALECTS: tuple[Dialect, ...] = (native.DIALECT, sendkit.DIALECT, greenflash.DIALECT, tracking.DIALECT)

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

THREADS_MAX = 128
"""Requests inside the core at once. Writers wait there for their shared commit, so there are more
than processors."""


def create_app(server: Server, dialects: tuple[Dialect, ...] = DIALECTS) -> FastAPI:
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
    for dialect in dialects:
        app.include_router(dialect.router, prefix=dialect.prefix)
    app.include_router(health.router)
    app.include_router(docs_page.router)
    root = _root_dialect(server, dialects)
    if root is not None:  # last, so that our own paths take precedence
        app.include_router(root.router, include_in_schema=False)

    def render(request: Request, problem: HttpProblem) -> Response:
        """The problem in the envelope of the dialect that owns the path; without an owner, in that
        of the root dialect, else in ours."""
        owner = next((dialect for dialect in dialects if dialect.owns(request.url.path)), root or native.DIALECT)
        response = owner.answer_problem(request, problem)
        for name, value in problem.headers.items():
            response.headers[name] = value
        return response

    async def caught(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            error = HTTPException(405, headers={"Allow": ", ".join(_methods_at(app, request))})
        problem = problem_of(error)
        if problem is None:
            raise error
        return render(request, problem)

    for kind in (CoterieError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, caught)
    app.add_middleware(Record, metrics=app.state.metrics, render=render)
    return app


def _methods_at(app: FastAPI, request: Request) -> list[str]:
    """The methods of the address. Several routes may share it, but the router's own 405 names only
    those of the first."""
    scopes = ({**request.scope, "method": method} for method in METHODS)
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in app.routes)]


def _describe(app: FastAPI) -> None:
    """Complete the API description, which is made at the first call, with what FastAPI cannot
    know."""
    of_fastapi = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(of_fastapi())
        return app.openapi_schema

    setattr(app, "openapi", openapi)  # noqa: B010 - FastAPI's documented way; an assignment would be an error of types


def _root_dialect(server: Server, dialects: tuple[Dialect, ...]) -> Dialect | None:
    """The dialect that the settings mount at the root as well, or None. Raises InvalidInput for an
    unknown name."""
    name = server.settings.root_dialect
    if name is None:
        return None
    root = next((dialect for dialect in dialects if dialect.name == name), None)
    if root is None:
        names = ", ".join(dialect.name for dialect in dialects)
        raise InvalidInput(f"There is no dialect called {name!r}.", path=("root_dialect",), hint=f"There are: {names}.")
    return root


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS_MAX
    yield
