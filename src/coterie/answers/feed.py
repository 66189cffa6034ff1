"""The transitions, in order of their sequence, without a gap."""

from __future__ import annotations

from coterie.errors import InvalidInput, NotFound
from coterie.live.engine import Engine
from coterie.model import Action, Cause, Page, Transition
from coterie.rules.values import Instant
from coterie.store.reads import Reads


def find_pid(reads: Reads, profile_id: str) -> int | None:
    """The number of the profile with this id, or that it was merged into."""
    pid = reads.pids_of([profile_id]).get(profile_id)
    if pid is None:
        winner = reads.profile_by_alias("id", profile_id)
        pid = None if winner is None else winner.pid
    return pid


def transitions(
    engine: Engine, after: int, limit: int, segment_id: str | None, profile_id: str | None, action: Action | None,
    cause: Cause | None,
) -> Page[Transition]:  # fmt: skip
    """Those after a sequence that the filters let through, in order. Raises NotFound for a segment that never was, or a profile that is not there; InvalidInput for a sequence yet to come."""
    with engine.reading():
        visible = engine.last_sequence
    if after > visible:
        raise InvalidInput(
            f"The log ends at {visible}; there is nothing after {after}.",
            path=("after",),
            hint="Was a backup restored? Then begin again: compare members, and go on after its last sequence.",
        )
    with engine.store.read() as reads:
        segments = reads.segment_ids()
        sid = pid = None
        if segment_id is not None:
            sid = reads.sid_of(segment_id)
            if sid is None:
                raise NotFound(f"There is no segment {segment_id}.", path=("segment",))
        if profile_id is not None:
            pid = find_pid(reads, profile_id)
            if pid is None:
                raise NotFound(f"There is no profile {profile_id}.", path=("profile",))
        found = reads.transitions(after=after, limit=limit, sid=sid, pid=pid, action=action, cause=cause)
        found = [one for one in found if one.sequence <= visible]  # a commit on disk that no membership shows yet waits
        profiles = reads.ids_of(sorted({one.pid for one in found}))
    items = tuple(
        Transition(
            sequence=one.sequence,
            segment_id=segments[one.sid],
            segment_version=one.version,
            profile_id=profiles.get(one.pid),
            action=Action(one.action),
            cause=Cause(one.cause),
            at=Instant(one.at),
        )
        for one in found
    )
    return Page(items, next=str(items[-1].sequence) if items else None)
