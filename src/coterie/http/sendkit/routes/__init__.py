"""Every route of the face, and the face itself."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from coterie.http.face import Face
from coterie.http.sendkit.envelope import answer_fault
from coterie.http.sendkit.routes import contacts, lists, properties, segments

router = APIRouter(tags=["sendkit"])
for part in (contacts, lists, properties, segments):
    router.include_router(part.router)

FACE: Final = Face(name="sendkit", prefix="/sendkit", router=router, answer_fault=answer_fault)
