"""What can be asked of a workspace file, as functions of a connection: readers and the transaction under way ask alike.

`Store` lends a reader to each; `Transaction` gives its own connection, and so sees what it has written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

import apsw
from pyroaring import BitMap

from coterie.store import blocks, json_arrays
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.rows import StoredAlias, StoredProfile, StoredProperty, StoredSegment, StoredTransition

_profile = StoredProfile._make


def rows(connection: apsw.Connection, query: str, values: apsw.Bindings | None = None) -> list[Any]:
    """All rows of a query: the schema, being strict, vouches for their types."""
    return connection.execute(SQL[query], values).fetchall()


def first(connection: apsw.Connection, query: str, values: apsw.Bindings | None = None) -> Any:
    """The first column of the first row, or None."""
    found = rows(connection, query, values)
    return found[0][0] if found else None


# --- profiles


def profiles(connection: apsw.Connection, pids: Sequence[int]) -> list[StoredProfile]:
    return list(map(_profile, connection.execute(SQL["profiles_by_pid"], (json_arrays.of_numbers(pids),))))


def profiles_by_id(connection: apsw.Connection, ids: Sequence[str]) -> dict[str, StoredProfile]:
    found = map(_profile, connection.execute(SQL["profiles_by_id"], (json_arrays.of_texts(ids),)))
    return {profile.id: profile for profile in found}


def profiles_by_external_id(connection: apsw.Connection, external_ids: Sequence[str]) -> dict[str, StoredProfile]:
    found = map(_profile, connection.execute(SQL["profiles_by_external_id"], (json_arrays.of_texts(external_ids),)))
    return {profile.external_id: profile for profile in found if profile.external_id is not None}


def profiles_by_email(connection: apsw.Connection, emails: Sequence[str]) -> dict[str, list[StoredProfile]]:
    """By address: the keyed one first, then the oldest."""
    wanted = (json_arrays.of_texts(list(dict.fromkeys(emails))),)
    found: dict[str, list[StoredProfile]] = {}
    for query in ("profiles_by_keyed_email", "profiles_by_other_email"):
        for profile in map(_profile, connection.execute(SQL[query], wanted)):
            if profile.email is not None:
                found.setdefault(profile.email, []).append(profile)
    return found


def pids_of(connection: apsw.Connection, ids: Sequence[str]) -> dict[str, int]:
    return dict(rows(connection, "pids_of", (json_arrays.of_texts(ids),)))


def ids_of(connection: apsw.Connection, pids: Sequence[int]) -> dict[int, str]:
    return dict(rows(connection, "ids_of", (json_arrays.of_numbers(pids),)))


def next_pid(connection: apsw.Connection) -> int:
    return number(connection, "next_pid")


def number(connection: apsw.Connection, query: str, values: apsw.Bindings | None = None) -> int:
    """The answer of a query that always has one number."""
    return int(first(connection, query, values))


# --- aliases, suppressions


def find_aliases(connection: apsw.Connection, kind: str, values: Sequence[str]) -> dict[str, int]:
    return dict(rows(connection, "find_aliases", (kind, json_arrays.of_texts(values))))


def aliases_of(connection: apsw.Connection, pid: int) -> list[StoredAlias]:
    return [StoredAlias(*row) for row in connection.execute(SQL["aliases_of"], (pid,))]


def suppressed(connection: apsw.Connection, marks: Sequence[bytes]) -> set[bytes]:
    return {mark for (mark,) in rows(connection, "suppressed", (json_arrays.of_texts([one.hex() for one in marks]),))}


# --- segments, properties, answers


def segments(connection: apsw.Connection) -> list[StoredSegment]:
    return [StoredSegment(*row) for row in connection.execute(SQL["segments"])]


def segment_ids(connection: apsw.Connection) -> dict[int, str]:
    return dict(rows(connection, "segment_ids"))


def next_sid(connection: apsw.Connection) -> int:
    return int(first(connection, "next_sid"))


def properties(connection: apsw.Connection) -> list[StoredProperty]:
    return [StoredProperty(*row) for row in connection.execute(SQL["properties"])]


def find_answer(connection: apsw.Connection, key: str) -> tuple[str, bytes] | None:
    if not json_arrays.is_encodable(key):
        return None
    return next(iter(rows(connection, "find_answer", (key,))), None)


def meta(connection: apsw.Connection, name: str) -> str | None:
    value: str | None = first(connection, "meta", (name,))
    return value


# --- membership


def list_members(connection: apsw.Connection) -> dict[int, BitMap]:
    return {
        sid: BitMap([pid for (pid,) in connection.execute(SQL["members_of_list"], (sid,))])
        for (sid,) in rows(connection, "static_segments")
    }


def memberships(connection: apsw.Connection) -> dict[int, BitMap]:
    """Each segment's last snapshot, and the transitions after it played on top."""
    members = {sid: BitMap() for (sid, *_) in connection.execute(SQL["segments"])}
    for sid, packed in connection.execute(SQL["membership_snapshots"]):
        members[sid] = BitMap.deserialize(packed)
    for sid, action, low, packed in connection.execute(SQL["moves_since_snapshots"]):
        match action, packed:
            case "enter", None:
                members[sid].add(low)
            case "exit", None:
                members[sid].discard(low)
            case "enter", _:
                members[sid] |= BitMap.deserialize(packed)
            case _:
                members[sid] -= BitMap.deserialize(packed)
    return members


# --- transitions


def last_sequence(connection: apsw.Connection) -> int:
    return int(first(connection, "last_sequence") or 0)


def block_ends_at(connection: apsw.Connection, sequence: int) -> bool:
    return bool(first(connection, "block_ends_at", {"sequence": sequence}))


def transitions(
    connection: apsw.Connection,
    after: int,
    limit: int,
    sid: int | None,
    pid: int | None,
    action: str | None,
    cause: str | None,
) -> list[StoredTransition]:
    """In order of sequence, from `after` + 1, `limit` at most."""
    wanted: dict[str, apsw.SQLiteValue] = {"after": after, "action": action, "cause": cause}
    if pid is not None:
        wanted |= {"sid": sid, "pid": pid}
        of_profile = _opened(connection, rows(connection, "blocks_that_may_hold", wanted), pid)
        return list(islice((one for one in of_profile if one.sequence > after), limit))
    query = "blocks_after"
    if sid is not None:
        wanted["sid"] = sid
        query = "blocks_of_segment_after"
    found: list[StoredTransition] = []
    for row in connection.execute(SQL[query], wanted):
        found.extend(blocks.expand(cast(blocks.BlockRow, row), after, limit - len(found)))
        if len(found) >= limit:
            break
    return found


def last_transition(connection: apsw.Connection, sid: int, pid: int) -> StoredTransition | None:
    """The last time `pid` entered or left the segment."""
    single = rows(connection, "last_single_of", {"sid": sid, "pid": pid})
    after = single[0][0] if single else 0
    later = rows(connection, "last_blocks_that_may_hold", {"sid": sid, "pid": pid, "after": after})
    return next(_opened(connection, [*later, *single], pid), None)


def _opened(connection: apsw.Connection, firsts: Iterable[tuple[int]], pid: int) -> Iterator[StoredTransition]:
    """The transitions of `pid` in the blocks that begin at these sequences; the others do not have it after all."""
    for first in firsts:
        for row in rows(connection, "block", first):
            if (found := blocks.find(row, pid)) is not None:
                yield found
