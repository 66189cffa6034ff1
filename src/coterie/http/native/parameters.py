"""The parameters that routes share: ids in the path (one that is not a UUID is a 404), pages and
instants."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from coterie.clock import zone_named
from coterie.errors import InvalidValue, over_limit
from coterie.http.native.shapes.base import EARLIER, PROFILE_ID, SEGMENT_ID
from coterie.http.native.shapes.conversations import CONVERSATION_ID
from coterie.rules.coerce import read_declared
from coterie.rules.values import EXACT_INTEGER_MAX, Instant, Kind
from coterie.settings import Settings
from coterie.workspace import Workspace

ProfileId: TypeAlias = Annotated[UUID, Path(description="A profile's id.", examples=[PROFILE_ID])]
ConversationId: TypeAlias = Annotated[UUID, Path(description="A conversation's id.", examples=[CONVERSATION_ID])]
SegmentId: TypeAlias = Annotated[UUID, Path(description="A segment's id.", examples=[SEGMENT_ID])]
Cursor: TypeAlias = Annotated[
    str | None, Query(description="The `next` of the previous page; leave it out for the first page.")
]


async def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.server.settings
    return settings


SettingsOfServer: TypeAlias = Annotated[Settings, Depends(settings_of)]


async def limit_of(
    settings: SettingsOfServer,
    limit: Annotated[
        int, Query(ge=1, le=EXACT_INTEGER_MAX, description="The number of items on a page, at most `page_max`.")
    ] = 100,
) -> int:
    """The page size. Raises LimitExceeded above the server's limit."""
    if limit > settings.page_max:
        raise over_limit(
            "The requested page", limit, "items", settings.page_max, "page_max", path=("limit",),
            hint="Ask for fewer and follow `next`.",
        )  # fmt: skip
    return limit


Limit: TypeAlias = Annotated[int, Depends(limit_of)]


_MOMENT = "ISO 8601. Without an offset it is local to the workspace's zone; a date is its first instant there."
AsOf: TypeAlias = Annotated[str | None, Query(description=f"A past instant. {_MOMENT}", examples=[EARLIER])]
From: TypeAlias = Annotated[str, Query(alias="from", description=f"The beginning. {_MOMENT}", examples=[EARLIER])]
To: TypeAlias = Annotated[str | None, Query(description=f"The end; now if left out. {_MOMENT}", examples=[EARLIER])]


def moment_in(written: str, workspace: Workspace, name: str) -> Instant:
    """The instant that a query parameter gives. Raises InvalidValue."""
    try:
        at = read_declared(written, Kind.TIME, zone_named(workspace.zone), (name,))
    except InvalidValue as error:
        plus = " " in written.strip() and "+" not in written
        hint = "A + in an address is a space: write the offset as %2B01:00, or use Z." if plus else error.hint
        raise InvalidValue(error.message, path=(name,), hint=hint) from error
    assert isinstance(at, Instant)
    return at
