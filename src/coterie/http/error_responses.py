"""The errors of a route in the API description.

A dialect hands in an `ErrorTable`: how its errors look, and what each status means there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Status: TypeAlias = int | str
"""A number, or a range such as `4XX`."""

Responses: TypeAlias = dict[Status, dict[str, Any]]

METHODS_WITH_BODY = frozenset({"PATCH", "POST", "PUT"})


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The errors of one dialect.

    `shape` is the part of FastAPI's `responses` that all errors have in common (`{"model": ...}` or
    `{"content": ...}`), `details` what single statuses have besides. Every route can answer
    `always`, and every route that reads a body `with_body`.
    """

    shape: Mapping[str, Any]
    meanings: Mapping[Status, str]
    always: tuple[Status, ...] = ()
    with_body: tuple[Status, ...] = ()
    details: Mapping[Status, Mapping[str, Any]] = field(default_factory=dict)

    def of_route(self, method: str, refuses: Iterable[Status] = ()) -> Responses:
        """The errors of a route with this method that answers `refuses` as well."""
        body = self.with_body if method in METHODS_WITH_BODY else ()
        return error_responses(self, (*self.always, *body, *refuses))


def error_responses(table: ErrorTable, statuses: Iterable[Status]) -> Responses:
    """These statuses, and no others, for a route's `responses`."""
    return {
        status: {"description": table.meanings[status], **table.shape, **table.details.get(status, {})}
        for status in sorted(set(statuses), key=str)
    }
