"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import apsw
import orjson

from coterie.rules.names import is_encodable
from coterie.store import json_arrays
from coterie.store.query_runner import QueryRunner
from coterie.store.rows import StoredConversation, StoredMessage

BEFORE_ALL: Final = -1
"""Less than any cid and any number of a message."""

_conversation = StoredConversation._make
_message = StoredMessage._make


class ConversationReads(QueryRunner):
    """The queries on conversations and messages."""

    def all_conversations(self, batch: int = 10_000) -> Iterator[list[StoredConversation]]:
        """Yield every conversation, by cid."""
        last = BEFORE_ALL
        while page := self.conversations(after=last, limit=batch):
            yield page
            last = page[-1].cid

    def conversations(
        self, *, after: int | None = None, offset: int = 0, limit: int,
        pid: int | None = None, product_id: str | None = None,
    ) -> list[StoredConversation]:  # fmt: skip
        """Those with a cid above `after`, oldest first; of one profile, one product, or both."""
        if product_id is not None and not is_encodable(product_id):
            return []
        values: dict[str, apsw.SQLiteValue] = {
            "after": BEFORE_ALL if after is None else after, "offset": offset, "limit": limit,
        }  # fmt: skip
        query = "conversations_after"
        if product_id is not None:
            values["product_id"] = product_id
            query = "conversations_of_product_after"
        if pid is not None:
            values |= {"pid": pid, "product_id": product_id}
            query = "conversations_of_pid_after"
        return list(map(_conversation, self._stream(query, values)))

    def count_conversations(self, *, pid: int | None = None, product_id: str | None = None) -> int:
        """The number of conversations that `conversations` would return without a limit."""
        if product_id is not None and not is_encodable(product_id):
            return 0
        if pid is not None:
            return self._number("count_conversations_of_pid", {"pid": pid, "product_id": product_id})
        if product_id is not None:
            return self._number("count_conversations_of_product", {"product_id": product_id})
        return self._number("count_conversations")

    def conversations_by_cid(self, cids: Sequence[int]) -> list[StoredConversation]:
        """In the order of `cids`; missing ones are left out."""
        return list(map(_conversation, self._stream("conversations_by_cid", (json_arrays.of_numbers(cids),))))

    def conversations_by_id(self, ids: Sequence[str]) -> dict[str, StoredConversation]:
        conversations = map(_conversation, self._stream("conversations_by_id", (json_arrays.of_texts(ids),)))
        return {conversation.id: conversation for conversation in conversations}

    def conversations_by_external_id(self, external_ids: Sequence[str]) -> dict[str, StoredConversation]:
        rows = self._stream("conversations_by_external_id", (json_arrays.of_texts(external_ids),))
        return {
            conversation.external_id: conversation
            for conversation in map(_conversation, rows)
            if conversation.external_id is not None
        }

    def conversations_of_pids(self, pids: Sequence[int]) -> dict[int, list[StoredConversation]]:
        """By pid, each in order of arrival. Pids without conversations are left out."""
        conversations: dict[int, list[StoredConversation]] = {}
        for conversation in map(_conversation, self._stream("conversations_of_pids", (json_arrays.of_numbers(pids),))):
            conversations.setdefault(conversation.pid, []).append(conversation)
        return conversations

    def messages(self, cid: int, *, after: int | None = None, limit: int) -> list[StoredMessage]:
        """Those with a number greater than `after`, in order of arrival."""
        last = BEFORE_ALL if after is None else after
        return list(map(_message, self._stream("messages", (cid, last, limit))))

    def message_by_id(self, id: str) -> StoredMessage | None:
        if not is_encodable(id):
            return None
        return next(map(_message, self._rows("message_by_id", (id,))), None)

    def messages_by_external_id(self, external_id: str) -> list[StoredMessage]:
        """One for each conversation that has it, oldest conversation first.

        A sender's own id of a message is unique only within its conversation.
        """
        if not is_encodable(external_id):
            return []
        return list(map(_message, self._stream("messages_by_external_id", (external_id,))))

    def message_ids_by_external_id(self, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """The ids of the messages with these (cid, external_id); missing ones are left out."""
        pairs = orjson.dumps([key for key in keys if is_encodable(key[1])]).decode()
        rows = self._rows("message_ids_by_external_id", (pairs,))
        return {(cid, external_id): id for cid, external_id, id in rows}


class StoredConversationWrites(ConversationReads):
    """The writes of conversations and messages."""

    def next_cid(self) -> int:
        """The first number that no conversation ever had, from 0."""
        return self._number("next_cid")

    def put_conversations(self, conversations: Sequence[StoredConversation]) -> None:
        """Insert those with a cid from `next_cid()` on, replace the others; an `id` never changes.

        Raises ValueError where one to replace is missing.
        """
        if not conversations:
            return
        next_cid = self.next_cid()
        new = [conversation for conversation in conversations if conversation.cid >= next_cid]
        self._write_many("insert_conversation", new)
        stored = [conversation for conversation in conversations if conversation.cid < next_cid]
        self._write_each("update_conversation", stored)
        self._write("use_cids_before", (max(conversation.cid for conversation in conversations) + 1,))

    def delete_conversations_of(self, pid: int) -> None:
        """Delete the conversations of a profile, and their messages."""
        self._write("delete_conversations_of", (pid,))

    def move_conversations(self, from_pid: int, to_pid: int) -> None:
        """Give the conversations of one profile to another. They keep cids, ids and messages."""
        self._write("move_conversations", (from_pid, to_pid))

    def insert_messages(self, messages: Sequence[StoredMessage]) -> None:
        """Insert messages, each with its own `number`: the `message_count` before it.

        Ask `message_ids_by_external_id` first: a stored one is an error. The conversation itself
        may be written later in the same transaction.
        """
        self._write_many("insert_message", messages)
