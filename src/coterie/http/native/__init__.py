"""Our own dialect, `/v1`: one router a resource, shapes in `schema/`, model objects to JSON and back in `translate.py`.

To add a resource: its shapes in `schema/`, its translation, a file with its router, and a line below. `responses.py` is what the API
description says of errors.
"""

from __future__ import annotations

from fastapi import APIRouter

from coterie.http.dialect import Dialect
from coterie.http.native import (
    conversations,
    destinations,
    events,
    history,
    language,
    members,
    profiles,
    profiles_batch,
    properties,
    questions,
    segments,
    stream,
)  # fmt: skip
from coterie.http.native.envelope import answer_problem

router = APIRouter()
for room in (
    profiles_batch,
    profiles,
    events,
    conversations,
    properties,
    segments,
    members,
    history,
    questions,
    stream,
    destinations,
    language,
):
    router.include_router(room.routes.router)

DIALECT = Dialect(name="native", prefix="/v1", router=router, answer_problem=answer_problem)
