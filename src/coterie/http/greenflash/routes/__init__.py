"""Every route of the face, and the face itself."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from coterie.http.face import Face
from coterie.http.greenflash.envelope import answer_fault
from coterie.http.greenflash.routes import events, interactions, messages, organizations, outside, segments, users

router = APIRouter(tags=["greenflash"])
for part in (segments, users, organizations, messages, events, interactions, outside):
    router.include_router(part.router)

FACE: Final = Face(name="greenflash", prefix="/greenflash/api/v1", router=router, answer_fault=answer_fault)
