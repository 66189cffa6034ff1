"""A face: one dialect of the API, as the application mounts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import Problem


@dataclass(frozen=True, slots=True)
class Fault:
    """Anything that went wrong with a request, ready to be drawn in a face's own envelope.

    `code` is stable (`coterie.errors`, `http.errors`, and here `not_found`, `method_not_allowed`, `internal_error`); `status` is the one
    our own API gives, which a dialect may map to another. `problems` has at least one. `headers` must be sent along.
    """

    status: int
    code: str
    message: str
    problems: tuple[Problem, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)  # further members: users, incident, required_scope


@dataclass(frozen=True, slots=True)
class Face:
    """`prefix` is where it is mounted and decides whose envelope an error gets, an unknown route's included."""

    name: str
    prefix: str
    router: APIRouter
    answer_fault: Callable[[Request, Fault], Response]

    def owns(self, path: str) -> bool:
        return path == self.prefix or path.startswith(f"{self.prefix}/")
