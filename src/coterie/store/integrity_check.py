"""Check a workspace file for `coterie check`: every promise that the schema alone cannot hold.

A check is a query that finds the rows that break a promise, and a sentence about each. Documents
are decoded one by one, as their users would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import apsw
import orjson
from pyroaring import BitMap

from coterie.store.document import decode
from coterie.store.queries import WORKSPACE as SQL

PROBLEMS_MAX = 20
"""Of one kind: more of them have one reason. The queries have the same limit."""


def find_problems(connection: apsw.Connection) -> list[str]:
    """A sentence for each problem; where the file itself is damaged, for that alone."""
    try:
        damage = [f"The file is damaged: {text}" for (text,) in connection.execute(SQL["check_file"]) if text != "ok"]
        return damage or [
            *_references(connection),
            *_sequences(connection),
            *_numbers(connection),
            *_message_counts(connection),
            *_bitmaps(connection),
            *_documents(connection),
        ]
    except apsw.CorruptError as error:
        return [f"The file is damaged too badly to be checked to its end: {error}"]


def _references(connection: apsw.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute(SQL["check_references"]):
        which = "A row" if row is None else f"Row {row}"  # a table without rowid
        yield f"{which} of {table} refers to a row of {parent} that is missing."
    for (pid,) in connection.execute(SQL["check_event_pids"]):
        yield f"There are events of profile number {pid}, which is missing."
    for (nid,) in connection.execute(SQL["check_event_nids"]):
        yield f"There are events of name number {nid}, which is missing."


def _sequences(connection: apsw.Connection) -> Iterator[str]:
    for first, expected in connection.execute(SQL["check_sequences"]):
        yield f"Transition {expected} should follow, but {first} does."


def _numbers(connection: apsw.Connection) -> Iterator[str]:
    for noun, query in (("Profile", "check_pids"), ("Event", "check_eids"), ("Conversation", "check_cids")):
        for (number,) in connection.execute(SQL[query]):
            yield f"{noun} number {number} is in use, but could be assigned again."


def _message_counts(connection: apsw.Connection) -> Iterator[str]:
    for id, expected, count, last in connection.execute(SQL["check_message_counts"]):
        yield f"Conversation {id} should have {expected} messages; it has {count}, the last of which has number {last}."


def _bitmaps(connection: apsw.Connection) -> Iterator[str]:
    for first, size, low, high, packed in connection.execute(SQL["check_bitmaps"]):
        try:
            pids = BitMap.deserialize(packed)
        except ValueError as error:
            yield f"The profiles of transition {first} cannot be read: {error}."
            continue
        if (len(pids), pids.min(), pids.max()) != (size, low, high):
            yield f"Transition {first} should move {size} profiles from {low} to {high}, but moves others."


def _documents(connection: apsw.Connection) -> Iterator[str]:
    for noun, query, is_readable in (
        ("The document of profile number {}", "check_profile_documents", _is_document),
        ("The changes of profile number {}", "check_changes", _are_change_times),
        ("The document of event number {}", "check_event_documents", _is_document),
        ("The properties of conversation number {}", "check_conversation_properties", _is_document),
        ("The analysis of conversation number {}", "check_conversation_analyses", _is_document),
        ("The extra fields of message {}", "check_extras", _is_object),
    ):
        yield from islice(_unreadable(connection, noun, query, is_readable), PROBLEMS_MAX)


def _unreadable(
    connection: apsw.Connection, noun: str, query: str, is_readable: Callable[[bytes], bool]
) -> Iterator[str]:
    for number, data in connection.execute(SQL[query]):
        assert isinstance(data, bytes)
        try:
            readable = is_readable(data)
        except (ValueError, KeyError, TypeError, AttributeError):
            readable = False
        if not readable:
            yield f"{noun.format(number)} cannot be read."


def _is_document(data: bytes) -> bool:
    """Whether no number is an int, no value is null, and lists contain only texts."""
    for value in decode(data).values():
        if value is None or type(value) is int:
            return False
        if type(value) is tuple and any(type(item) is not str for item in value):
            return False
    return True


def _are_change_times(data: bytes) -> bool:
    return all(type(instant) is int for instant in orjson.loads(data).values())


def _is_object(data: bytes) -> bool:
    return isinstance(orjson.loads(data), dict)
