"""`workspace.conversations`: write conversations, and read them with their messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import orjson

from coterie.answers.cursors import read_cursor
from coterie.answers.members import member_pids
from coterie.answers.profiles import find_in
from coterie.errors import InvalidInput, not_found, one_identifier
from coterie.live.engine import Engine
from coterie.model import (
    Conversation,
    ConversationInput,
    ConversationWrite,
    IdempotencyRecord,
    Message,
    Page,
    Rejected,
)
from coterie.rules.values import Instant
from coterie.store.document import decode
from coterie.store.reads import Reads
from coterie.store.rows import StoredConversation

BATCH = 1_000
"""Members whose conversations are read together."""


class Conversations:
    """The conversations of one open workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self, conversation: ConversationInput, *, idempotency: IdempotencyRecord | None = None
    ) -> ConversationWrite:
        """Create a conversation, or change or continue an existing one.

        Raises InvalidInput, IdentityConflict, Suppressed, IdempotentReplay; NotFound for an `id`
        of no conversation.
        """
        engine = self._engine
        return engine.write(lambda work: engine.conversations.put(work, conversation), idempotency=idempotency)

    def put_many(
        self, conversations: Sequence[ConversationInput], *, idempotency: IdempotencyRecord | None = None
    ) -> list[ConversationWrite | Rejected]:
        """Put many conversations in one commit, in order. A bad one is rejected by itself.

        Raises IdempotentReplay.
        """
        engine = self._engine
        return engine.write(lambda work: engine.conversations.put_many(work, conversations), idempotency=idempotency)

    def get(self, conversation_id: str | None = None, *, external_id: str | None = None) -> Conversation:
        """One conversation, by exactly one identifier. Raises NotFound, InvalidInput."""
        with self._engine.store.read() as reads:
            return _to_models(reads, [_find(reads, conversation_id, external_id)])[0]

    def of_message(self, message_id: str | None = None, *, external_id: str | None = None) -> Conversation:
        """The conversation of a message, by exactly one identifier of the message.

        Raises NotFound; InvalidInput where messages of several conversations share the external id.
        """
        if (message_id is None) == (external_id is None):
            raise one_identifier("a message")
        with self._engine.store.read() as reads:
            if message_id is not None:
                message = reads.message_by_id(message_id)
                cids = [] if message is None else [message.cid]
            else:
                cids = sorted({message.cid for message in reads.messages_by_external_id(external_id or "")})
            if len(cids) > 1:
                raise InvalidInput("Several conversations have a message with this id.", hint="Name the conversation.")
            conversations = _to_models(reads, reads.conversations_by_cid(cids))
        if not conversations:
            raise not_found("message", message_id or external_id)
        return conversations[0]

    def of_members(self, segment_id: str) -> Iterator[list[Conversation]]:
        """The conversations of a segment's members as of the call, in batches.

        Each member's conversations come in order of arrival. Raises NotFound at the call.
        """
        store = self._engine.store
        pids = member_pids(self._engine, segment_id)

        def batches() -> Iterator[list[Conversation]]:
            for start in range(0, len(pids), BATCH):
                with store.read() as reads:
                    by_pid = reads.conversations_of_pids(pids[start : start + BATCH])
                    conversations = _to_models(reads, list(chain.from_iterable(by_pid.values())))
                yield conversations  # after the read has ended: the caller may take long

        return batches()

    def messages(self, conversation_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Message]:
        """The messages of a conversation by cursor, in the order in which they were added.

        Raises NotFound, InvalidCursor.
        """
        after = read_cursor(cursor, "messages")
        with self._engine.store.read() as reads:
            cid = _find(reads, conversation_id, None).cid
            stored = reads.messages(cid, after=after, limit=limit + 1)
        messages = tuple(
            Message(
                message.id,
                message.external_id,
                message.role,
                message.content,
                Instant(message.at),
                orjson.loads(message.extra),
            )
            for message in stored[:limit]
        )
        return Page(messages, f"messages-{stored[limit - 1].number}" if len(stored) > limit else None)

    def list(
        self, *, offset: int, limit: int, profile_id: str | None = None, product_id: str | None = None
    ) -> Page[Conversation]:
        """Conversations by offset, oldest first; `total` is exact.

        Raises NotFound for an unknown profile.
        """
        with self._engine.store.read() as reads:
            pid = _pid(reads, profile_id)
            stored = reads.conversations(offset=offset, limit=limit, pid=pid, product_id=product_id)
            total = reads.count_conversations(pid=pid, product_id=product_id)
            return Page(tuple(_to_models(reads, stored)), None, total)

    def list_after(
        self,
        cursor: str | None = None,
        limit: int = 100,
        *,
        profile_id: str | None = None,
        product_id: str | None = None,
    ) -> Page[Conversation]:
        """Conversations by cursor (the `next` of the page before), oldest first.

        Raises NotFound for an unknown profile, InvalidCursor.
        """
        after = read_cursor(cursor, "conversations")
        with self._engine.store.read() as reads:
            pid = _pid(reads, profile_id)
            stored = reads.conversations(after=after, limit=limit + 1, pid=pid, product_id=product_id)
            following = f"conversations-{stored[limit - 1].cid}" if len(stored) > limit else None
            return Page(tuple(_to_models(reads, stored[:limit])), following)


def _pid(reads: Reads, profile_id: str | None) -> int | None:
    return None if profile_id is None else find_in(reads, profile_id).pid


def _find(reads: Reads, conversation_id: str | None, external_id: str | None) -> StoredConversation:
    if (conversation_id is None) == (external_id is None):
        raise one_identifier("a conversation")
    if conversation_id is not None:
        stored = reads.conversations_by_id([conversation_id]).get(conversation_id)
    else:
        external_id = external_id or ""
        stored = reads.conversations_by_external_id([external_id]).get(external_id)
    if stored is None:
        raise not_found("conversation", conversation_id or external_id)
    return stored


def _to_models(reads: Reads, stored: Sequence[StoredConversation]) -> list[Conversation]:
    profile_ids = reads.ids_of(sorted({conversation.pid for conversation in stored}))
    return [_to_model(conversation, profile_ids[conversation.pid]) for conversation in stored]


def _to_model(stored: StoredConversation, profile_id: str) -> Conversation:
    return Conversation(
        id=stored.id,
        external_id=stored.external_id,
        profile_id=profile_id,
        product_id=stored.product_id,
        version_id=stored.version_id,
        model=stored.model,
        started_at=Instant(stored.created_at if stored.started_at is None else stored.started_at),
        at=Instant(stored.at),
        properties=decode(stored.properties),
        analysis=decode(stored.analysis),
        message_count=stored.message_count,
        created_at=Instant(stored.created_at),
        updated_at=Instant(stored.updated_at),
    )
