"""Greenflash's lists: bare arrays, with a `Link` header to the next page while there is one.

Segments are paged by `page` and `pageSize`, everything else by `limit` and `offset` or `page`.
Numbers may arrive as `1.0`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.paging import link

PAGE_SIZE: Final = 50
PAGE_SIZE_MAX: Final = 100
PLACE_MAX: Final = 1_000_000_000


def _whole(raw: object) -> object:
    """`1.0` as `1`: the client sends floating-point numbers."""
    if isinstance(raw, str):
        whole, dot, fraction = raw.partition(".")
        if dot and fraction.strip("0") == "":
            return whole
    return raw


Size = Annotated[
    int | None,
    BeforeValidator(_whole),
    Query(ge=1, le=PAGE_SIZE_MAX, description=f"Items on a page. Default: {PAGE_SIZE}."),
]
Number = Annotated[
    int | None, BeforeValidator(_whole), Query(ge=1, le=PLACE_MAX, description="The page, counted from 1.")
]
Offset = Annotated[
    int | None,
    BeforeValidator(_whole),
    Query(ge=0, le=PLACE_MAX, description="Items to skip. Overrides `page`."),
]


class Paging:
    """The page that a request asks for, and its answer."""

    def __init__(self, request: Request, limit: Size = None, offset: Offset = None, page: Number = None) -> None:
        self._request = request
        self._by_offset = offset is not None
        self._size_name = "limit"
        self.limit = limit or PAGE_SIZE
        self.offset = offset if offset is not None else ((page or 1) - 1) * self.limit

    def answer(self, items: Sequence[object], total: int) -> Response:
        """`items` are those on this page, `total` is the number on all pages."""
        headers: dict[str, str] = {}
        if self.offset + len(items) < total and items:
            headers["Link"] = f'<{self._next()}>; rel="next"'
        return answer(list(items), headers=headers)

    def _next(self) -> str:
        """The address of the next page."""
        following = self.offset + self.limit
        place = {"offset": following} if self._by_offset else {"page": following // self.limit + 1}
        paging = {"limit", "offset", "page", "pageSize"}
        filters = {name: value for name, value in self._request.query_params.items() if name not in paging}
        return link(self._request, **filters, **{self._size_name: self.limit}, **place)


class SegmentPaging(Paging):
    """Paging of segments, with `pageSize` for the size of a page."""

    def __init__(
        self,
        request: Request,
        page: Number = None,
        page_size: Annotated[Size, Query(alias="pageSize")] = None,
        limit: Size = None,
    ) -> None:
        super().__init__(request, page_size or limit, None, page)
        self._size_name = "pageSize"


PagingOfRequest = Annotated[Paging, Depends()]
SegmentPagingOfRequest = Annotated[SegmentPaging, Depends()]
