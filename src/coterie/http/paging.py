"""Pages: the opaque cursor our own lists use over offsets, and addresses of other pages for dialects that link to them."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request

from coterie.errors import InvalidCursor

OFFSET_MAX = 2**53


def cursor_at(offset: int) -> str:
    """An opaque cursor for the page that starts at `offset`."""
    return base64.urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int:
    """The offset of a cursor we made; 0 for None. Raises InvalidCursor."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        offset = int(text[1:20])
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if not 0 <= offset <= OFFSET_MAX or cursor_at(offset) != cursor:
        raise bad_cursor()
    return offset


def bad_cursor() -> InvalidCursor:
    return InvalidCursor(
        "This cursor is not one we gave.", path=("cursor",), hint="Start again without it, then follow `next`."
    )


def next_cursor(offset: int, count: int, total: int) -> str | None:
    """The cursor after a page of `count` items at `offset`, None on the last page."""
    following = offset + count
    return cursor_at(following) if count and following < total else None


def link(request: Request, **query: str | int) -> str:
    """The absolute address of this request with `query` as its whole query string."""
    return str(request.url.replace(query="").include_query_params(**query))
