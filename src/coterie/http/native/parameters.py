"""The parameters routes share: ids in the path (one that is no UUID is a 404), and pages."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from coterie.errors import LimitExceeded
from coterie.http.native.schema.base import PROFILE_ID, SEGMENT_ID
from coterie.settings import Settings

INTEGER_MAX = 2**53

ProfileId: TypeAlias = Annotated[UUID, Path(description="A profile's id.", examples=[PROFILE_ID])]
SegmentId: TypeAlias = Annotated[UUID, Path(description="A segment's id.", examples=[SEGMENT_ID])]
Cursor: TypeAlias = Annotated[str | None, Query(description="`next` of the page before; absent for the first page.")]


async def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.server.settings
    return settings


SettingsOfServer: TypeAlias = Annotated[Settings, Depends(settings_of)]


async def limit_of(
    settings: SettingsOfServer,
    limit: Annotated[int, Query(ge=1, le=INTEGER_MAX, description="Items on a page, at most `page_max`.")] = 100,
) -> int:
    """The page size, within the server's limit."""
    if limit > settings.page_max:
        raise LimitExceeded(
            f"A page holds at most {settings.page_max:,} items (page_max).",
            path=("limit",),
            hint="Ask for fewer and follow `next`.",
        )
    return limit


Limit: TypeAlias = Annotated[int, Depends(limit_of)]
