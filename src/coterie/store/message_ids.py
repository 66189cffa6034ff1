"""The message ids of events as they rest: a UUID in its usual form takes 16 bytes and not 36, any other text stays as it is.

Nearly every sender makes UUIDs, and every event's is in the table and in an index. What comes out is what went in: a UUID that is written in any
other way than small letters and hyphens is a text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_USUAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def pack(message_id: str | None) -> str | bytes | None:
    """As stored."""
    if message_id is not None and len(message_id) == 36 and _USUAL(message_id):
        return bytes.fromhex(message_id.replace("-", ""))
    return message_id


def unpack(stored: str | bytes | None) -> str | None:
    """As it was sent."""
    if isinstance(stored, bytes):
        text = stored.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return stored


def sort_out(message_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """To look them up: the UUIDs as 32 digits each, and the other texts."""
    uuids: list[str] = []
    texts: list[str] = []
    for one in message_ids:
        if len(one) == 36 and _USUAL(one):
            uuids.append(one.replace("-", ""))
        else:
            texts.append(one)
    return uuids, texts
