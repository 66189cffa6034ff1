"""The public ids that the store itself gives: to workspaces and to keys."""

from __future__ import annotations

import uuid_utils


def new_id(now: int) -> str:
    """A UUIDv7 whose time is `now`."""
    return str(uuid_utils.uuid7(nanoseconds=now * 1_000_000))
