"""Every route of the dialect, and the dialect itself."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from coterie.http.dialect import Dialect
from coterie.http.greenflash.envelope import answer_problem
from coterie.http.greenflash.routes import events, interactions, messages, organizations, outside, segments, users

router = APIRouter(tags=["greenflash"])
for part in (segments, users, organizations, messages, events, interactions, outside):
    router.include_router(part.router)

DIALECT: Final = Dialect(name="greenflash", prefix="/greenflash/api/v1", router=router, answer_problem=answer_problem)
