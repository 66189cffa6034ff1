"""SendKit's lists: `data`, `links` and `meta`, by page number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Query
from starlette.requests import Request

from coterie.http.paging import link

T = TypeVar("T")

PER_PAGE: Final = 25
PER_PAGE_MAX: Final = 100
PAGE_MAX: Final = 1_000_000_000


class Paging:
    """The requested page, and the envelope around its items."""

    def __init__(
        self,
        request: Request,
        page: Annotated[int, Query(ge=1, le=PAGE_MAX, description="The page, counted from 1.")] = 1,
        per_page: Annotated[
            int | None, Query(ge=1, le=PER_PAGE_MAX, description=f"Items on a page. {PER_PAGE} by default.")
        ] = None,
    ) -> None:
        self._request = request
        self._given = per_page
        self.page = page
        self.per_page = per_page or PER_PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    def slice(self, items: Sequence[T]) -> Sequence[T]:
        """The items of a whole list that are on this page."""
        return items[self.offset : self.offset + self.per_page]

    def envelope(self, items: Sequence[object], total: int) -> dict[str, object]:
        """The answer. `items` are those of this page, `total` is the number on all pages.

        A list of no items has one empty page.
        """
        last = max(1, -(-total // self.per_page))
        return {
            "data": list(items),
            "links": {
                "first": self._link(1),
                "last": self._link(last),
                "prev": self._link(self.page - 1) if self.page > 1 else None,
                "next": self._link(self.page + 1) if self.page < last else None,
            },
            "meta": {
                "current_page": self.page,
                "from": self.offset + 1 if items else None,
                "last_page": last,
                "per_page": self.per_page,
                "to": self.offset + len(items) if items else None,
                "total": total,
                "path": link(self._request),
            },
        }

    def _link(self, page: int) -> str:
        """The absolute address of a page, with `per_page` if the request had it."""
        if self._given is None:
            return link(self._request, page=page)
        return link(self._request, per_page=self._given, page=page)


PagingOfRequest = Annotated[Paging, Depends()]
