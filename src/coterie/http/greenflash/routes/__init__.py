"""Every route of the dialect, and the dialect itself."""

from __future__ import annotations

from typing import ClassVar, Final

from fastapi import APIRouter
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.auth import needs
from coterie.http.dialect import Dialect
from coterie.http.greenflash.envelope import OUTSIDE, answer_problem
from coterie.http.greenflash.routes import events, interactions, messages, organizations, segments, users
from coterie.http.route import EdgeRoute
from coterie.model import Scope


class AnyQueryRoute(EdgeRoute):
    """Answers the same whatever the query parameters."""

    strict_query: ClassVar[bool] = False


outside = APIRouter(route_class=AnyQueryRoute, include_in_schema=False)


@outside.get("/users/{user_id:path}/analytics", dependencies=[needs(Scope.READ)])
@outside.get("/organizations/{organization_id:path}/analytics", dependencies=[needs(Scope.READ)])
def answer_outside() -> Response:
    """Calls outside segmentation whose addresses a route of the dialect would match.

    The envelope answers all others.
    """
    raise NotFound(OUTSIDE)


router = APIRouter(tags=["greenflash"])
for resource in (segments, users, organizations, messages, events, interactions):
    router.include_router(resource.routes.router)
router.include_router(outside)

DIALECT: Final = Dialect(name="greenflash", prefix="/greenflash/api/v1", router=router, answer_problem=answer_problem)
