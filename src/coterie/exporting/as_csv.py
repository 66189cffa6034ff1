"""CSV: UTF-8, comma, CRLF, a header.

CSV has text only. The empty text and a missing value are both an empty cell; the number `42` and
the text `42` are the same cell. A property with one kind of value, declared or not, survives a
round trip into a workspace that knows it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from coterie.exporting.cells import cell
from coterie.exporting.columns import Column, headings
from coterie.model import Profile


def write_csv(batches: Iterable[Sequence[Profile]], columns: Sequence[Column]) -> Iterator[bytes]:
    """The header, then a chunk of bytes for every batch."""
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)  # its line ending is CRLF, so that it quotes a text with a bare CR or LF in it
    rows.writerow(headings(columns))
    yield _taken(buffer)
    names = [column.name for column in columns]
    for batch in batches:
        rows.writerows(_row(profile, names) for profile in batch)
        yield _taken(buffer)


def _row(profile: Profile, names: Sequence[str]) -> list[str]:
    properties = profile.properties
    return [
        profile.id,
        profile.external_id or "",
        profile.email or "",
        profile.created_at.iso(),
        profile.updated_at.iso(),
        *(cell(properties.get(name)) for name in names),
    ]


def _taken(buffer: io.StringIO) -> bytes:
    """The bytes written since the last call; empties the buffer."""
    chunk = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return chunk
