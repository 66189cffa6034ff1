"""The routes of the dialect, and the dialect itself."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from coterie.http.dialect import Dialect
from coterie.http.sendkit.envelope import answer_problem
from coterie.http.sendkit.routes import contacts, lists, properties, segments

router = APIRouter(tags=["sendkit"])
for part in (contacts, lists, properties, segments):
    router.include_router(part.routes.router)

DIALECT: Final = Dialect(name="sendkit", prefix="/sendkit", router=router, answer_problem=answer_problem)
