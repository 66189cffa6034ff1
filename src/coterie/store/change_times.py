"""Since when a profile has the value it has, property by property: what `StoredProfile.changes` says.

Only what changed after the profile was made is named, so that most profiles need nothing. What is not named has its value since `created_at`. A file
from before anybody noted it (schema 1) says `UNKNOWN`: everything the profile had then counts as having changed at its `updated_at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from coterie.store.rows import StoredProfile

UNKNOWN = b"*"


def decode_change_times(stored: StoredProfile, held: Iterable[str]) -> dict[str, int]:
    """Instants by name, as far as they are not `created_at`. `held` are the names of the properties it has: the keys of its document."""
    if stored.changes is None:
        return {}
    if stored.changes != UNKNOWN:
        known: dict[str, int] = orjson.loads(stored.changes)
        return known
    names = [*held]
    if stored.external_id is not None:
        names.append("external_id")
    if stored.email is not None:
        names.append("email")
    return dict.fromkeys(names, stored.updated_at)


def encode_change_times(changes: Mapping[str, int]) -> bytes | None:
    """What to store. Leave out what the profile no longer has, and what it has had since it was made."""
    return orjson.dumps(changes, default=int, option=orjson.OPT_PASSTHROUGH_SUBCLASS) if changes else None
