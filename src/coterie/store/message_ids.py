"""How the message ids of events are stored: a canonical UUID as 16 bytes, any other text as it is.

Nearly every sender uses UUIDs, and every event's id is in the table and in an index. Packing is
lossless: a UUID not written in small letters with hyphens is stored as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def pack(message_id: str | None) -> str | bytes | None:
    """The stored form of a message id."""
    if message_id is not None and _is_uuid(message_id):
        return bytes.fromhex(message_id.replace("-", ""))
    return message_id


def unpack(stored: str | bytes | None) -> str | None:
    """The message id as it was sent."""
    if isinstance(stored, bytes):
        text = stored.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return stored


def partition(message_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """Split ids for a lookup: the UUIDs, as 32 hexadecimal digits each, and the other texts."""
    uuids: list[str] = []
    texts: list[str] = []
    for message_id in message_ids:
        if _is_uuid(message_id):
            uuids.append(message_id.replace("-", ""))
        else:
            texts.append(message_id)
    return uuids, texts


def _is_uuid(message_id: str) -> bool:
    return len(message_id) == 36 and _CANONICAL(message_id) is not None  # the length first: it is cheap
