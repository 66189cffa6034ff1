"""Public ids: UUIDv7, which sort by the time of their creation."""

from __future__ import annotations

import uuid_utils


def new_id(now: int) -> str:
    """A UUIDv7 with the time `now`, in milliseconds."""
    return str(uuid_utils.uuid7(nanoseconds=now * 1_000_000))
