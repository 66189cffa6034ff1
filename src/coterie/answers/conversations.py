"""Conversations as they are shown, with their messages. Thin over the store."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import orjson

from coterie.answers.members import members_of
from coterie.answers.profiles import find_in, read_cursor
from coterie.errors import InvalidInput, NotFound
from coterie.live.engine import Engine
from coterie.model import Conversation, Message, Page
from coterie.rules.values import Instant
from coterie.store.document import decode
from coterie.store.reads import Reads
from coterie.store.rows import StoredConversation


def find(reads: Reads, conversation_id: str | None, external_id: str | None) -> StoredConversation:
    """The one conversation with this identifier. Raises NotFound; InvalidInput unless exactly one identifier is given."""
    if (conversation_id is None) == (external_id is None):
        raise InvalidInput("Ask for a conversation by its id or by its external_id.")
    if conversation_id is not None:
        stored = reads.conversations_by_id([conversation_id]).get(conversation_id)
    else:
        external_id = external_id or ""
        stored = reads.conversations_by_external_id([external_id]).get(external_id)
    if stored is None:
        raise NotFound(f"There is no conversation {conversation_id or external_id}.")
    return stored


def get(engine: Engine, conversation_id: str | None, external_id: str | None) -> Conversation:
    """One conversation, by exactly one identifier. Raises NotFound, InvalidInput."""
    with engine.store.read() as reads:
        return _shown(reads, [find(reads, conversation_id, external_id)])[0]


def by_cursor(
    engine: Engine, profile_id: str | None, product_id: str | None, cursor: str | None, limit: int
) -> Page[Conversation]:
    """Oldest first; the cursor is the last one shown. Raises NotFound for an unknown profile, InvalidCursor."""
    after = read_cursor(cursor, "conversations")
    with engine.store.read() as reads:
        pid = _pid(reads, profile_id)
        stored = reads.conversations(after=after, limit=limit + 1, pid=pid, product_id=product_id)
        following = f"conversations-{stored[limit - 1].cid}" if len(stored) > limit else None
        return Page(tuple(_shown(reads, stored[:limit])), following)


def by_offset(
    engine: Engine, profile_id: str | None, product_id: str | None, offset: int, limit: int
) -> Page[Conversation]:
    """Oldest first, by place, for faces that number their pages; `total` is exact. Raises NotFound for an unknown profile."""
    with engine.store.read() as reads:
        pid = _pid(reads, profile_id)
        stored = reads.conversations(offset=offset, limit=limit, pid=pid, product_id=product_id)
        total = reads.count_conversations(pid=pid, product_id=product_id)
        return Page(tuple(_shown(reads, stored)), None, total)


def of_message(engine: Engine, message_id: str | None, external_id: str | None) -> Conversation:
    """The conversation that a message is of, by exactly one identifier of the message. Raises NotFound, InvalidInput."""
    if (message_id is None) == (external_id is None):
        raise InvalidInput("Ask for a message by its id or by its external_id.")
    with engine.store.read() as reads:
        if message_id is not None:
            message = reads.message_by_id(message_id)
            cids = [] if message is None else [message.cid]
        else:
            cids = sorted({message.cid for message in reads.messages_by_external_id(external_id or "")})
        if len(cids) > 1:
            raise InvalidInput("Several conversations have a message with this id.", hint="Name the conversation.")
        conversations = _shown(reads, reads.conversations_by_cid(cids))
    if not conversations:
        raise NotFound(f"There is no message {message_id or external_id}.")
    return conversations[0]


def of_members(engine: Engine, segment_id: str, chunk: int = 1_000) -> Iterator[list[Conversation]]:
    """The conversations of a segment's members as of now, in batches. Raises NotFound."""
    pids = members_of(engine, segment_id)

    def batches() -> Iterator[list[Conversation]]:
        for start in range(0, len(pids), chunk):
            with engine.store.read() as reads:
                stored = reads.conversations_of_pids(pids[start : start + chunk])
                conversations = _shown(reads, list(chain.from_iterable(stored.values())))
            yield conversations  # outside of the read: the caller may take long

    return batches()


def messages(engine: Engine, conversation_id: str, cursor: str | None, limit: int) -> Page[Message]:
    """In the order in which they were added; the cursor is the last one shown. Raises NotFound, InvalidCursor."""
    after = read_cursor(cursor, "messages")
    with engine.store.read() as reads:
        found = reads.messages(find(reads, conversation_id, None).cid, after=after, limit=limit + 1)
    items = tuple(
        Message(one.id, one.external_id, one.role, one.content, Instant(one.at), orjson.loads(one.extra))
        for one in found[:limit]
    )
    return Page(items, f"messages-{found[limit - 1].number}" if len(found) > limit else None)


def _pid(reads: Reads, profile_id: str | None) -> int | None:
    return None if profile_id is None else find_in(reads, profile_id).pid


def _shown(reads: Reads, stored: list[StoredConversation]) -> list[Conversation]:
    profiles = reads.ids_of(sorted({one.pid for one in stored}))
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
    ]
