"""NDJSON: one JSON document a line, as the API accepts profiles.

Nothing is lost: a time is tagged `{"time": ...}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson

from coterie.exporting.cells import json_value
from coterie.exporting.columns import Column
from coterie.model import Profile


def profile_document(profile: Profile) -> dict[str, object]:
    """A profile as JSON values."""
    return {
        "id": profile.id,
        "external_id": profile.external_id,
        "email": profile.email,
        "properties": {name: json_value(value) for name, value in profile.properties.items()},
        "created_at": profile.created_at.iso(),
        "updated_at": profile.updated_at.iso(),
    }


def write_ndjson(batches: Iterable[Sequence[Profile]], columns: Sequence[Column] = ()) -> Iterator[bytes]:
    """A chunk of lines for every batch. `columns` is unused: a document names its properties."""
    for batch in batches:
        yield b"".join(orjson.dumps(profile_document(profile)) + b"\n" for profile in batch)
