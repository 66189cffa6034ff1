"""Facts and segments written straight into the store, as the workspace would write them.

They are there before a measurement begins, in seconds instead of minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

import coterie
from coterie.rules.limits import RuleLimits
from coterie.rules.read import read_rule
from coterie.rules.values import Instant
from coterie.rules.write import write_rule
from coterie.store.directory import workspace_path
from coterie.store.document import encode
from coterie.store.ids import new_id
from coterie.store.rows import StoredProfile, StoredSegment
from coterie.store.store import Store, Transaction

BATCH = 50_000


def in_store(directory: Path, now: Instant, work: Callable[[Store], None]) -> None:
    """Make the directory, and do `work` with the store of its workspace."""
    coterie.open(directory).close()
    store = Store.open(workspace_path(directory, "default"), now=int(now), zone="UTC")
    try:
        work(store)
    finally:
        store.close()


def profiles(store: Store, count: int, now: Instant) -> None:
    """So many, known as u0, u1, ... and nothing else."""
    nothing = encode({})
    for start in range(0, count, BATCH):
        rows = [
            StoredProfile(pid, new_id(now), f"u{pid}", None, False, nothing, int(now), int(now), None)
            for pid in range(start, min(start + BATCH, count))
        ]

        def insert(tx: Transaction, rows: list[StoredProfile] = rows) -> None:
            tx.insert_profiles(rows)

        store.write(insert)


def segments(store: Store, rules: Iterable[Mapping[str, Any]], now: Instant) -> None:
    """One for each rule, nobody in it."""
    waiting = iter(rules)
    limits = RuleLimits()
    number = 0
    while batch := list(islice(waiting, BATCH)):

        def insert(tx: Transaction, batch: list[Mapping[str, Any]] = batch, first: int = number) -> None:
            for place, rule in enumerate(batch, first):
                read = write_rule(read_rule(rule, limits))
                tx.insert_segment(_segment(tx.next_sid(), f"segment {place}", read, now))

        store.write(insert)
        number += len(batch)


def _segment(sid: int, name: str, rule: Mapping[str, Any], now: Instant) -> StoredSegment:
    text = orjson.dumps(rule).decode()
    return StoredSegment(sid, new_id(now), name, "dynamic", text, None, None, 1, int(now), int(now))
