"""Since when each property of a profile has its value (the column `StoredProfile.changes`).

Only properties that changed after the profile was created are listed, so most profiles need
nothing; any other property has its value since `created_at`. A row written before this was recorded
(schema 1) contains `UNKNOWN`: each of its values counts as changed at its `updated_at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from coterie.store.rows import StoredProfile

UNKNOWN = b"*"


def decode_change_times(stored: StoredProfile, names: Iterable[str]) -> dict[str, int]:
    """Instants by property, where they differ from `created_at`.

    `names` are the properties of the profile: the keys of its document.
    """
    if stored.changes is None:
        return {}
    if stored.changes != UNKNOWN:
        instants: dict[str, int] = orjson.loads(stored.changes)
        return instants
    all_names = [*names]
    if stored.external_id is not None:
        all_names.append("external_id")
    if stored.email is not None:
        all_names.append("email")
    return dict.fromkeys(all_names, stored.updated_at)


def encode_change_times(instants: Mapping[str, int]) -> bytes | None:
    """The stored form. Leave out removed properties, and those unchanged since the creation."""
    return orjson.dumps(instants, default=int, option=orjson.OPT_PASSTHROUGH_SUBCLASS) if instants else None
