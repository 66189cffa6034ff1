"""Cursors of lists: `<list>-<number of the last item>`."""

from __future__ import annotations

from coterie.errors import InvalidCursor


def read_cursor(cursor: str | None, name: str) -> int | None:
    """The number of the last item of the page before, from the cursor of the list called `name`.

    None without a cursor. Raises InvalidCursor.
    """
    if cursor is None:
        return None
    prefix, _, number = cursor.partition("-")
    if prefix != name or not number.isascii() or not number.isdigit() or len(number) > 10 or int(number) >= 2**32:
        raise invalid_cursor()
    return int(number)


def invalid_cursor() -> InvalidCursor:
    """The error for a cursor that this list did not make."""
    return InvalidCursor(
        "This is not a cursor of this list.",
        path=("cursor",),
        hint="Send the `next` of this list's previous page unchanged, or no cursor to start again.",
    )
