"""A dialect of the API, as the application mounts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from coterie.http.problems import HttpProblem


@dataclass(frozen=True, slots=True)
class Dialect:
    """One wire format over the same workspaces.

    `prefix` is where its router is mounted. Errors under it are rendered by `answer_problem`, those
    of unknown routes included.
    """

    name: str
    prefix: str
    router: APIRouter
    answer_problem: Callable[[Request, HttpProblem], Response]

    def owns(self, path: str) -> bool:
        return path == self.prefix or path.startswith(f"{self.prefix}/")
