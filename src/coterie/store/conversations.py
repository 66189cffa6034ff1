"""What can be asked of the conversations and messages in a workspace file, as functions of a connection (see reads.py)."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import orjson

from coterie.store import json_arrays
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.reads import number, rows
from coterie.store.rows import StoredConversation, StoredMessage

BEFORE_ALL = -1  # no cid and no number of a message is so small

_conversation = StoredConversation._make
_message = StoredMessage._make


def conversations(connection: apsw.Connection, cids: Sequence[int]) -> list[StoredConversation]:
    return list(map(_conversation, connection.execute(SQL["conversations_by_cid"], (json_arrays.of_numbers(cids),))))


def conversations_by_id(connection: apsw.Connection, ids: Sequence[str]) -> dict[str, StoredConversation]:
    found = map(_conversation, connection.execute(SQL["conversations_by_id"], (json_arrays.of_texts(ids),)))
    return {one.id: one for one in found}


def conversations_by_external_id(
    connection: apsw.Connection, external_ids: Sequence[str]
) -> dict[str, StoredConversation]:
    found = map(
        _conversation, connection.execute(SQL["conversations_by_external_id"], (json_arrays.of_texts(external_ids),))
    )
    return {one.external_id: one for one in found if one.external_id is not None}


def conversations_of_pids(connection: apsw.Connection, pids: Sequence[int]) -> dict[int, list[StoredConversation]]:
    """By pid, each in order of arrival. Pids without conversations are left out."""
    found: dict[int, list[StoredConversation]] = {}
    for one in map(_conversation, connection.execute(SQL["conversations_of_pids"], (json_arrays.of_numbers(pids),))):
        found.setdefault(one.pid, []).append(one)
    return found


def page(
    connection: apsw.Connection, after: int, offset: int, limit: int, pid: int | None, product_id: str | None
) -> list[StoredConversation]:
    """Oldest first, those with a cid greater than `after`."""
    if product_id is not None and not json_arrays.is_encodable(product_id):
        return []
    wanted: dict[str, apsw.SQLiteValue] = {"after": after, "offset": offset, "limit": limit}
    query = "conversations_after"
    if product_id is not None:
        wanted["product_id"] = product_id
        query = "conversations_of_product_after"
    if pid is not None:
        wanted |= {"pid": pid, "product_id": product_id}
        query = "conversations_of_pid_after"
    return list(map(_conversation, connection.execute(SQL[query], wanted)))


def count(connection: apsw.Connection, pid: int | None, product_id: str | None) -> int:
    """How many there are, of one profile, of one product, of both, or in all."""
    if product_id is not None and not json_arrays.is_encodable(product_id):
        return 0
    if pid is not None:
        return number(connection, "count_conversations_of_pid", {"pid": pid, "product_id": product_id})
    if product_id is not None:
        return number(connection, "count_conversations_of_product", {"product_id": product_id})
    return number(connection, "count_conversations")


def messages(connection: apsw.Connection, cid: int, after: int, limit: int) -> list[StoredMessage]:
    return list(map(_message, connection.execute(SQL["messages"], (cid, after, limit))))


def message_by_id(connection: apsw.Connection, id: str) -> StoredMessage | None:
    if not json_arrays.is_encodable(id):
        return None
    return next(map(_message, connection.execute(SQL["message_by_id"], (id,)).fetchall()), None)


def messages_by_external_id(connection: apsw.Connection, external_id: str) -> list[StoredMessage]:
    """Of the conversations that have one, the oldest first: a sender's own id is unique within a conversation only."""
    if not json_arrays.is_encodable(external_id):
        return []
    return list(map(_message, connection.execute(SQL["messages_by_external_id"], (external_id,))))


def messages_known(connection: apsw.Connection, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Of these (cid, external_id), those that are stored, each with the message's id."""
    pairs = orjson.dumps([pair for pair in wanted if json_arrays.is_encodable(pair[1])]).decode()
    return {(cid, external_id): id for cid, external_id, id in rows(connection, "messages_known", (pairs,))}
