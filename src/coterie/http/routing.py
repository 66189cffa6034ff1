"""Routes declared in a line or two: path, summary, scope, the shape of the answer, error statuses.

    routes = Routes(ERRORS, prefix="/segments", tags=["segments"])

    @routes.post("", "Create a segment", scope=Scope.WRITE, answers=Segment, refuses=(409,))
    def create_segment(body: NewSegment, workspace: WorkspaceOfKey) -> Response: ...

The check of the key and the API description (answers, errors, examples) follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

from fastapi import APIRouter
from starlette.responses import Response

from coterie.http.auth import needs
from coterie.http.bodies import JSON
from coterie.http.error_responses import ErrorTable, Status
from coterie.http.route import EdgeRoute
from coterie.model import Scope

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Declaration(TypedDict, total=False):
    """What a route may declare besides path, summary and scope."""

    status: int
    """The status of the answer; 200 unless given."""
    answers: Any
    """The shape of the answer."""
    example: Any
    """An example of the answer, where its shape has none."""
    says: str
    """The meaning of the answer."""
    refuses: Iterable[Status]
    """Error statuses beyond those of every route of the dialect."""
    responses: Mapping[Status, Mapping[str, Any]]
    """Further answers, as FastAPI's `responses`."""
    response_class: type[Response]
    tags: Sequence[str]
    openapi_extra: dict[str, Any]


class Routes:
    """The routes of one resource of a dialect. `router` is what the dialect includes."""

    def __init__(
        self,
        errors: ErrorTable,
        *,
        prefix: str = "",
        tags: Sequence[str] = (),
        route_class: type[EdgeRoute] = EdgeRoute,
    ) -> None:
        self.router = APIRouter(route_class=route_class, prefix=prefix, tags=list(tags))
        self._errors = errors

    def get(
        self, path: str, summary: str, *, scope: Scope, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        return self._declare("GET", path, summary, scope, declaration)

    def post(
        self, path: str, summary: str, *, scope: Scope, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        return self._declare("POST", path, summary, scope, declaration)

    def put(
        self, path: str, summary: str, *, scope: Scope, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        return self._declare("PUT", path, summary, scope, declaration)

    def patch(
        self, path: str, summary: str, *, scope: Scope, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        return self._declare("PATCH", path, summary, scope, declaration)

    def delete(
        self, path: str, summary: str, *, scope: Scope, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        """A route that answers 204 unless its declaration says otherwise."""
        return self._declare("DELETE", path, summary, scope, {"status": 204, **declaration})

    def _declare(
        self, method: str, path: str, summary: str, scope: Scope, declaration: Declaration
    ) -> Callable[[Endpoint], Endpoint]:
        responses: dict[Status, dict[str, Any]] = self._errors.of_route(method, declaration.get("refuses", ()))
        responses |= {status: dict(answer) for status, answer in declaration.get("responses", {}).items()}
        status = declaration.get("status", 200)
        if "example" in declaration:
            responses.setdefault(status, {})["content"] = {JSON: {"example": declaration["example"]}}
        optional: dict[str, Any] = {
            name: declaration[name] for name in ("response_class", "openapi_extra") if name in declaration
        }
        return self.router.api_route(
            path,
            methods=[method],
            summary=summary,
            status_code=status,
            dependencies=[needs(scope)],
            response_model=declaration.get("answers"),
            response_description=declaration.get("says", "Successful Response"),
            responses=responses,
            tags=list(declaration.get("tags", ())),
            **optional,
        )
