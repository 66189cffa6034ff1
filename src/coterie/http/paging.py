"""Addresses of other pages, for dialects that link to them. Our own cursors are made in
`coterie.answers`."""

from __future__ import annotations

from starlette.requests import Request


def link(request: Request, **query: str | int) -> str:
    """The absolute address of this request with `query` as its whole query string."""
    return str(request.url.replace(query="").include_query_params(**query))
