"""The routes of our own dialect, one file a resource."""

from __future__ import annotations

from fastapi import APIRouter

from coterie.http.native.routes import (
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
    transitions,
)  # fmt: skip

router = APIRouter()
for resource in (
    profiles_batch,
    profiles,
    events,
    conversations,
    properties,
    segments,
    members,
    history,
    questions,
    transitions,
    stream,
    destinations,
    language,
):
    router.include_router(resource.routes.router)
