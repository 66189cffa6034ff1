"""Greenflash's lists: bare arrays, with the address of the following page in a `Link` header while there is more.

Segments are asked for by `page` and `pageSize`, everything else by `limit` and `offset` or `page`. Numbers may arrive as `1.0`.
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
    """`1.0` is 1: the client's numbers are floating ones."""
    if isinstance(raw, str):
        whole, dot, fraction = raw.partition(".")
        if dot and fraction.strip("0") == "":
            return whole
    return raw


Size = Annotated[
    int | None,
    BeforeValidator(_whole),
    Query(ge=1, le=PAGE_SIZE_MAX, description=f"Items on a page; {PAGE_SIZE} unless given."),
]
Number = Annotated[int | None, BeforeValidator(_whole), Query(ge=1, le=PLACE_MAX, description="The page, from 1.")]
Offset = Annotated[
    int | None,
    BeforeValidator(_whole),
    Query(ge=0, le=PLACE_MAX, description="Items to pass over. Goes before `page`."),
]


class Paging:
    """The page that was asked for, and the answer around what is on it."""

    def __init__(self, request: Request, limit: Size = None, offset: Offset = None, page: Number = None) -> None:
        self._request = request
        self._by_offset = offset is not None
        self._size_name = "limit"
        self.limit = limit or PAGE_SIZE
        self.offset = offset if offset is not None else ((page or 1) - 1) * self.limit

    def answer(self, items: Sequence[object], total: int) -> Response:
        """`items` are those on the page, `total` how many there are on all pages."""
        headers: dict[str, str] = {}
        if self.offset + len(items) < total and items:
            headers["Link"] = f'<{self._next()}>; rel="next"'
        return answer(list(items), headers=headers)

    def _next(self) -> str:
        """The same question about the following page."""
        following = self.offset + self.limit
        place = {"offset": following} if self._by_offset else {"page": following // self.limit + 1}
        own = {"limit", "offset", "page", "pageSize"}
        asked = {name: value for name, value in self._request.query_params.items() if name not in own}
        return link(self._request, **asked, **{self._size_name: self.limit}, **place)


class SegmentPaging(Paging):
    """The same for segments, whose size of a page goes by another name."""

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
