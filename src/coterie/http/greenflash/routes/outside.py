"""Calls of Greenflash's client that share an address with ours and are outside segmentation: the analytics of one user, organization or interaction.

Every other address that is not here is answered so by the envelope.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.auth import needs
from coterie.http.greenflash.envelope import OUTSIDE
from coterie.http.route import EdgeRoute
from coterie.model import Scope


class AnyQueryRoute(EdgeRoute):
    """It answers the same whatever is asked."""

    strict_query = False


router = APIRouter(route_class=AnyQueryRoute, include_in_schema=False)


@router.get("/users/{user_id:path}/analytics", dependencies=[needs(Scope.READ)])
@router.get("/organizations/{organization_id:path}/analytics", dependencies=[needs(Scope.READ)])
def outside() -> Response:
    """404, and why."""
    raise NotFound(OUTSIDE)
