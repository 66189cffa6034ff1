"""How every route reads a request: the key first, then the query, then the body, and only then
FastAPI.

The order matters. Without a valid key no body is read; a misspelt query parameter is an error and
does not list everything; and the body reaches FastAPI's validation bounded, decompressed and parsed
exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import InvalidInput, Problem
from coterie.http.auth import authorize, needed, state_of
from coterie.http.bodies import JSON, parse_json, read_body, require_media_type
from coterie.settings import Settings

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class EdgeRoute(APIRoute):
    """A route of a dialect. A subclass may set `strict_query` to False, for clients that send
    parameters of their own."""

    strict_query: ClassVar[bool] = True

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        scope = needed(self.dependencies)
        query = query_names(self.dependant)
        shape = _shape_of(self)

        async def edge(request: Request) -> Response:
            if scope is not None:
                request.state.caller = await authorize(request, scope)
            if self.strict_query:
                check_query(request.query_params.multi_items(), query)
            if self.body_field is not None:
                request = await _with_json(request)
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise _with_hints(error, shape) from error

        return edge


async def bytes_of(request: Request) -> bytes:
    """The request's body within the limits of the settings. It is read once, also for routes that
    parse it themselves."""
    state = state_of(request)
    if "body" not in state:
        settings: Settings = request.app.state.server.settings
        state["body"] = await read_body(request, limit=settings.body_bytes_max, wait_for=settings.body_waited_for)
    body: bytes = state["body"]
    return body


async def _with_json(request: Request) -> Request:
    """The request with its body read, so that FastAPI gets our bytes and values from `body()` and
    `json()`."""
    require_media_type(request.headers, (JSON,))
    body = await bytes_of(request)
    return _Parsed(request, body, parse_json(body))


class _Parsed(Request):
    def __init__(self, request: Request, body: bytes, value: object) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes = body
        self._value = value

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> object:
        return self._value


def query_names(dependant: Dependant) -> frozenset[str]:
    """The query parameters of a route, those of its dependencies included."""
    own = frozenset(field.alias for field in dependant.query_params)
    return own.union(*(query_names(dependency) for dependency in dependant.dependencies))


def check_query(sent: Iterable[tuple[str, str]], names: frozenset[str]) -> None:
    """Raises InvalidInput for parameters that are unknown or given twice: to ignore either would be
    to answer another question."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for name, _ in sent:
        if name not in names:
            allowed = f"This address has: {', '.join(sorted(names))}." if names else "This address has none."
            problems.append(Problem("This query parameter is unknown.", (name,), "invalid_input", allowed))
        elif name in seen:
            problems.append(Problem("This query parameter is given more than once.", (name,), "invalid_input"))
        seen.add(name)
    if problems:
        first, *others = problems
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)


def _shape_of(route: APIRoute) -> type[BaseModel] | None:
    annotation = route.body_field.field_info.annotation if route.body_field else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _with_hints(error: RequestValidationError, shape: type[BaseModel] | None) -> RequestValidationError:
    """Give the error of each unknown key at the top of the body a hint with the known keys."""
    if shape is None:
        return error
    hint = f"Known keys: {', '.join(shape.model_fields)}."
    return RequestValidationError([_hinted(item, hint) for item in error.errors()], body=error.body)


def _hinted(item: Mapping[str, Any], hint: str) -> Mapping[str, Any]:
    unknown = item["type"] == "extra_forbidden" and item["loc"][0] == "body" and len(item["loc"]) == 2
    return {**item, "hint": hint} if unknown else item
