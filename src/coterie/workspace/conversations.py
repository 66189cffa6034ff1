"""`workspace.conversations`: write conversations, and read them with their messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from coterie.answers.cursors import read_cursor
from coterie.answers.members import member_pids
from coterie.answers.profiles import find_stored
from coterie.errors import InvalidInput, NotFound
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
        return self._to_models([self._find_stored(conversation_id, external_id)])[0]

    def of_message(self, message_id: str | None = None, *, external_id: str | None = None) -> Conversation:
        """The conversation of a message, by exactly one identifier of the message.

        Raises NotFound; InvalidInput where messages of several conversations share the external id.
        """
        if (message_id is None) == (external_id is None):
            raise InvalidInput("Ask for a message by its id or by its external_id.")
        store = self._engine.store
        if message_id is not None:
            message = store.message_by_id(message_id)
            cids = [] if message is None else [message.cid]
        else:
            cids = sorted({message.cid for message in store.messages_by_external_id(external_id or "")})
        if len(cids) > 1:
            raise InvalidInput("Several conversations have a message with this id.", hint="Name the conversation.")
        conversations = self._to_models(store.conversations_by_cid(cids))
        if not conversations:
            raise NotFound(f"There is no message {message_id or external_id}.")
        return conversations[0]

    def of_members(self, segment_id: str) -> Iterator[list[Conversation]]:
        """The conversations of a segment's members as of the call, in batches.

        Each member's conversations come in order of arrival. Raises NotFound at the call.
        """
        store = self._engine.store
        pids = member_pids(self._engine, segment_id)

        def batches() -> Iterator[list[Conversation]]:
            for start in range(0, len(pids), BATCH):
                by_pid = store.conversations_of_pids(pids[start : start + BATCH])
                every = [conversation for stored in by_pid.values() for conversation in stored]
                yield list(self._to_models(every))

        return batches()

    def messages(self, conversation_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Message]:
        """The messages of a conversation by cursor, in the order in which they were added.

        Raises NotFound, InvalidCursor.
        """
        after = read_cursor(cursor, "messages")
        cid = self._find_stored(conversation_id, None).cid
        stored = self._engine.store.messages(cid, after=after, limit=limit + 1)
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
        store = self._engine.store
        pid = self._pid(profile_id)
        stored = store.conversations(offset=offset, limit=limit, pid=pid, product_id=product_id)
        total = store.conversation_count(pid=pid, product_id=product_id)
        return Page(self._to_models(stored), None, total)

    def list_after(
        self, cursor: str | None = None, limit: int = 100, *, profile_id: str | None = None, product_id: str | None = None
    ) -> Page[Conversation]:  # fmt: skip
        """Conversations by cursor (the `next` of the page before), oldest first.

        Raises NotFound for an unknown profile, InvalidCursor.
        """
        after = read_cursor(cursor, "conversations")
        pid = self._pid(profile_id)
        stored = self._engine.store.conversations(after=after, limit=limit + 1, pid=pid, product_id=product_id)
        following = f"conversations-{stored[limit - 1].cid}" if len(stored) > limit else None
        return Page(self._to_models(stored[:limit]), following)

    def _pid(self, profile_id: str | None) -> int | None:
        return None if profile_id is None else find_stored(self._engine, profile_id).pid

    def _find_stored(self, conversation_id: str | None, external_id: str | None) -> StoredConversation:
        if (conversation_id is None) == (external_id is None):
            raise InvalidInput("Ask for a conversation by its id or by its external_id.")
        store = self._engine.store
        if conversation_id is not None:
            stored = store.conversation(conversation_id)
        else:
            stored = store.conversation_by_external_id(external_id or "")
        if stored is None:
            raise NotFound(f"There is no conversation {conversation_id or external_id}.")
        return stored

    def _to_models(self, stored: Sequence[StoredConversation]) -> tuple[Conversation, ...]:
        """Without those whose profile has been deleted since they were read."""
        profile_ids = self._engine.store.ids_of(sorted({conversation.pid for conversation in stored}))
        return tuple(
            _to_model(conversation, profile_ids[conversation.pid])
            for conversation in stored
            if conversation.pid in profile_ids
        )


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
