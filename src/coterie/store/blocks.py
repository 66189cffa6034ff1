"""Transitions are stored in blocks.

A block is one row for all profiles that entered or left a segment in one commit, at one instant,
for one cause. Defining a segment over ten million profiles is then one row of about a megabyte
instead of five million rows. A single pid is stored as a number, several as a roaring bitmap. This
module turns blocks into rows and rows into transitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from coterie.store.rows import StoredTransition, TransitionBlock

# first_sequence, size, sid, version, action, cause, at, low, high, pids
InsertRow = tuple[int, int, int, int, str, str, int, int, int, bytes | None]
# first_sequence, size, sid, version, action, cause, at, low, pids
BlockRow = tuple[int, int, int, int, str, str, int, int, bytes | None]
# action, low, pids
PackedBlock = tuple[str, int, bytes | None]


def rows_of(blocks: Sequence[TransitionBlock], last_sequence: int) -> Iterator[InsertRow]:
    """Yield the rows to insert after `last_sequence`.

    Raises ValueError where the blocks would leave a gap or repeat a pid.
    """
    expected = last_sequence + 1
    for block in blocks:
        if block.first_sequence != expected:
            raise ValueError(f"the next transition has sequence {expected}, not {block.first_sequence}")
        row = _row_of(block)
        expected += row[1]
        yield row


def _row_of(block: TransitionBlock) -> InsertRow:
    size = len(block.pids)
    if size == 0:
        raise ValueError("a block of transitions is never empty")
    low, high, packed = int(block.pids[0]), int(block.pids[-1]), None
    if size > 1:
        pids = BitMap(block.pids)
        if len(pids) != size or pids.min() != low or pids.max() != high:
            raise ValueError("the pids of a block are distinct and ascending")
        pids.run_optimize()
        packed = pids.serialize()
    return (
        int(block.first_sequence), size, int(block.sid), int(block.version),
        str(block.action), str(block.cause), int(block.at), low, high, packed,
    )  # fmt: skip


def expand(row: BlockRow, after: int, limit: int) -> Iterator[StoredTransition]:
    """Yield the transitions of a block with a sequence greater than `after`, at most `limit`."""
    first, size, sid, version, action, cause, at, low, packed = row
    start = max(0, after + 1 - first)
    pids = [low][start:] if packed is None else _slice(packed, start, min(size, start + limit))
    for sequence, pid in enumerate(pids, first + start):
        yield StoredTransition(sequence, sid, version, action, cause, at, pid)


def _slice(packed: bytes, start: int, stop: int) -> Sequence[int]:
    return list(BitMap.deserialize(packed)[start:stop])


def find(row: BlockRow, pid: int) -> StoredTransition | None:
    """The transition of `pid` in this block, None where it has none."""
    first, _, sid, version, action, cause, at, low, packed = row
    if packed is None:
        return StoredTransition(first, sid, version, action, cause, at, pid) if pid == low else None
    pids = BitMap.deserialize(packed)
    if pid not in pids:
        return None
    return StoredTransition(first + pids.rank(pid) - 1, sid, version, action, cause, at, pid)


def apply(members: BitMap, entering: bool, low: int, packed: bytes | None) -> None:
    """Add the profiles of a block to `members`, or remove them."""
    if packed is None:
        (members.add if entering else members.discard)(low)
    elif entering:
        members |= BitMap.deserialize(packed)
    else:
        members -= BitMap.deserialize(packed)
