"""Conversations as they are shown, with their messages. Thin over the store."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from coterie.answers.members import members_of
from coterie.answers.profiles import find_stored, read_cursor
from coterie.errors import InvalidInput, NotFound
from coterie.live.engine import Engine
from coterie.model import Conversation, Message, Page
from coterie.rules.values import Instant
from coterie.store.document import decode
from coterie.store.rows import StoredConversation


def find(engine: Engine, conversation_id: str | None, external_id: str | None) -> StoredConversation:
    """The one conversation with this identifier. Raises NotFound; InvalidInput unless exactly one identifier is given."""
    if (conversation_id is None) == (external_id is None):
        raise InvalidInput("Ask for a conversation by its id or by its external_id.")
    if conversation_id is not None:
        found = engine.store.conversation(conversation_id)
    else:
        found = engine.store.conversation_by_external_id(external_id or "")
    if found is None:
        raise NotFound(f"There is no conversation {conversation_id or external_id}.")
    return found


def get(engine: Engine, conversation_id: str | None, external_id: str | None) -> Conversation:
    """One conversation, by exactly one identifier. Raises NotFound, InvalidInput."""
    return _shown(engine, [find(engine, conversation_id, external_id)])[0]


def by_cursor(
    engine: Engine, profile_id: str | None, product_id: str | None, cursor: str | None, limit: int
) -> Page[Conversation]:
    """Oldest first; the cursor is the last one shown. Raises NotFound for an unknown profile, InvalidCursor."""
    after = read_cursor(cursor, "conversations")
    pid = _pid(engine, profile_id)
    found = engine.store.conversations(after=after, limit=limit + 1, pid=pid, product_id=product_id)
    following = f"conversations-{found[limit - 1].cid}" if len(found) > limit else None
    return Page(tuple(_shown(engine, found[:limit])), following)


def by_offset(
    engine: Engine, profile_id: str | None, product_id: str | None, offset: int, limit: int
) -> Page[Conversation]:
    """Oldest first, by place, for faces that number their pages; `total` is exact. Raises NotFound for an unknown profile."""
    pid = _pid(engine, profile_id)
    found = engine.store.conversations(offset=offset, limit=limit, pid=pid, product_id=product_id)
    total = engine.store.conversation_count(pid=pid, product_id=product_id)
    return Page(tuple(_shown(engine, found)), None, total)


def of_message(engine: Engine, message_id: str | None, external_id: str | None) -> Conversation:
    """The conversation that a message is of, by exactly one identifier of the message. Raises NotFound, InvalidInput."""
    if (message_id is None) == (external_id is None):
        raise InvalidInput("Ask for a message by its id or by its external_id.")
    if message_id is not None:
        message = engine.store.message_by_id(message_id)
        cids = [] if message is None else [message.cid]
    else:
        cids = sorted({one.cid for one in engine.store.messages_by_external_id(external_id or "")})
    if len(cids) > 1:
        raise InvalidInput("Several conversations have a message with this id.", hint="Name the conversation.")
    found = _shown(engine, engine.store.conversations_by_cid(cids))
    if not found:
        raise NotFound(f"There is no message {message_id or external_id}.")
    return found[0]


def of_members(engine: Engine, segment_id: str, chunk: int = 1_000) -> Iterator[list[Conversation]]:
    """The conversations of a segment's members as of now, in batches. Raises NotFound."""
    pids = members_of(engine, segment_id)

    def batches() -> Iterator[list[Conversation]]:
        for start in range(0, len(pids), chunk):
            found = engine.store.conversations_of_pids(pids[start : start + chunk])
            yield _shown(engine, [one for some in found.values() for one in some])

    return batches()


def messages(engine: Engine, conversation_id: str, cursor: str | None, limit: int) -> Page[Message]:
    """In the order in which they were added; the cursor is the last one shown. Raises NotFound, InvalidCursor."""
    after = read_cursor(cursor, "messages")
    found = engine.store.messages(find(engine, conversation_id, None).cid, after=after, limit=limit + 1)
    items = tuple(
        Message(one.id, one.external_id, one.role, one.content, Instant(one.at), orjson.loads(one.extra))
        for one in found[:limit]
    )
    return Page(items, f"messages-{found[limit - 1].number}" if len(found) > limit else None)


def _pid(engine: Engine, profile_id: str | None) -> int | None:
    return None if profile_id is None else find_stored(engine, profile_id, None, None).pid


def _shown(engine: Engine, stored: list[StoredConversation]) -> list[Conversation]:
    """Those whose profile has been deleted since they were read are left out."""
    profiles = engine.store.ids_of(sorted({one.pid for one in stored}))
    return [
        Conversation(
            id=one.id,
            external_id=one.external_id,
            profile_id=profiles[one.pid],
            product_id=one.product_id,
            version_id=one.version_id,
            model=one.model,
            started_at=Instant(one.created_at if one.started_at is None else one.started_at),
            at=Instant(one.at),
            properties=decode(one.properties),
            analysis=decode(one.analysis),
            message_count=one.message_count,
            created_at=Instant(one.created_at),
            updated_at=Instant(one.updated_at),
        )
        for one in stored
        if one.pid in profiles
    ]
