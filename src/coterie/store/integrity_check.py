"""Is a workspace file sound in itself? Every promise that the schema alone cannot hold is asked for here, for `coterie check`.

A check is a query that finds what breaks the promise, and a sentence about it. Documents are read one by one, as whoever needs them would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import apsw
import orjson
from pyroaring import BitMap

from coterie.store.document import decode
from coterie.store.queries import WORKSPACE as SQL

TOLD_MAX = 20  # of one kind of fault: who has more has one reason for all of them


def find_problems(connection: apsw.Connection) -> list[str]:
    """A sentence for each broken promise; where the file itself is damaged, for that alone."""
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
        which = "A row" if row is None else f"Row {row}"  # not every table numbers its rows
        yield f"{which} of {table} refers to a row of {parent} that is not there."
    for (pid,) in connection.execute(SQL["check_event_pids"]):
        yield f"There are events of profile number {pid}, which is not there."
    for (nid,) in connection.execute(SQL["check_event_nids"]):
        yield f"There are events of name number {nid}, which is not there."


def _sequences(connection: apsw.Connection) -> Iterator[str]:
    for first, expected in connection.execute(SQL["check_sequences"]):
        yield f"Transition {expected} should follow, but {first} does."


def _numbers(connection: apsw.Connection) -> Iterator[str]:
    for thing, query in (("Profile", "check_pids"), ("Event", "check_eids"), ("Conversation", "check_cids")):
        for (number,) in connection.execute(SQL[query]):
            yield f"{thing} number {number} is in use, but could be given out again."


def _message_counts(connection: apsw.Connection) -> Iterator[str]:
    for id, told, count, last in connection.execute(SQL["check_message_counts"]):
        yield f"Conversation {id} should have {told} messages; it has {count}, the last of which has number {last}."


def _bitmaps(connection: apsw.Connection) -> Iterator[str]:
    for first, size, low, high, packed in connection.execute(SQL["check_bitmaps"]):
        try:
            pids = BitMap.deserialize(packed)
        except ValueError as error:
            yield f"The profiles of transition {first} cannot be read: {error}."
            continue
        if (len(pids), pids.min(), pids.max()) != (size, low, high):
            yield f"Transition {first} should move {size} profiles from {low} to {high}, but holds others."


def _documents(connection: apsw.Connection) -> Iterator[str]:
    for what, query, read in (
        ("The document of profile number {}", "check_profile_documents", _read_document),
        ("The changes of profile number {}", "check_changes", _read_changes),
        ("The document of event number {}", "check_event_documents", _read_document),
        ("The properties of conversation number {}", "check_conversation_properties", _read_document),
        ("The analysis of conversation number {}", "check_conversation_analyses", _read_document),
        ("What came with message {}", "check_extras", _read_object),
    ):
        yield from islice(_unreadable(connection, what, query, read), TOLD_MAX)


def _unreadable(connection: apsw.Connection, what: str, query: str, read: Callable[[bytes], bool]) -> Iterator[str]:
    for number, data in connection.execute(SQL[query]):
        assert isinstance(data, bytes)
        try:
            sound = read(data)
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            yield f"{what.format(number)} cannot be read."


def _read_document(data: bytes) -> bool:
    """A number is never an int, nothing is null, a list holds texts."""
    for value in decode(data).values():
        if value is None or type(value) is int:
            return False
        if type(value) is tuple and any(type(one) is not str for one in value):
            return False
    return True


def _read_changes(data: bytes) -> bool:
    return all(type(instant) is int for instant in orjson.loads(data).values())


def _read_object(data: bytes) -> bool:
    return isinstance(orjson.loads(data), dict)
