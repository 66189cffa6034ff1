"""A conversation as rules see it: one set of values, from what is stored of it."""

from __future__ import annotations

from coterie.model import CONVERSATION_FIELDS
from coterie.rules.values import Instant, Value
from coterie.store.document import decode
from coterie.store.rows import StoredConversation

FIELDS = frozenset(CONVERSATION_FIELDS)


def seen_name(name: str) -> str:
    """The name under which rules see a conversation's own property: another one where a field is called so."""
    return f"properties.{name}" if name in FIELDS else name


def values_of(stored: StoredConversation) -> dict[str, Value]:
    """Properties, scores, flags and the rest, by the names that rules use."""
    values: dict[str, Value] = {seen_name(name): value for name, value in decode(stored.properties).items()}
    values.update(decode(stored.analysis))
    for name in ("product_id", "version_id", "model"):
        value = getattr(stored, name)
        if value is not None:
            values[name] = value
    if stored.started_at is not None:
        values["started_at"] = Instant(stored.started_at)
    values["message_count"] = float(stored.message_count)
    return values
