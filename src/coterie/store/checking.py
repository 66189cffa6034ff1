"""Is a workspace file sound in itself? Every promise that the schema alone cannot hold is asked for here, for `coterie check`.

A check is a query that finds what breaks the promise, and a sentence about it.
"""

from __future__ import annotations

from collections.abc import Iterator

import apsw
from pyroaring import BitMap

from coterie.store.queries import WORKSPACE as SQL


def faults_in(connection: apsw.Connection) -> list[str]:
    """A sentence for each broken promise; where the file itself is damaged, for that alone."""
    try:
        damage = [f"The file is damaged: {text}" for (text,) in connection.execute(SQL["check_file"]) if text != "ok"]
        return damage or [*_references(connection), *_sequences(connection), *_pids(connection), *_bitmaps(connection)]
    except apsw.CorruptError as error:
        return [f"The file is damaged too badly to be checked to its end: {error}"]


def _references(connection: apsw.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute(SQL["check_references"]):
        yield f"Row {row} of {table} refers to a row of {parent} that is not there."


def _sequences(connection: apsw.Connection) -> Iterator[str]:
    for first, expected in connection.execute(SQL["check_sequences"]):
        yield f"Transition {expected} should follow, but {first} does."


def _pids(connection: apsw.Connection) -> Iterator[str]:
    for (pid,) in connection.execute(SQL["check_pids"]):
        yield f"Profile number {pid} is in use, but could be given out again."


def _bitmaps(connection: apsw.Connection) -> Iterator[str]:
    for first, size, low, high, packed in connection.execute(SQL["check_bitmaps"]):
        try:
            pids = BitMap.deserialize(packed)
        except ValueError as error:
            yield f"The profiles of transition {first} cannot be read: {error}."
            continue
        if (len(pids), pids.min(), pids.max()) != (size, low, high):
            yield f"Transition {first} should move {size} profiles from {low} to {high}, but holds others."
