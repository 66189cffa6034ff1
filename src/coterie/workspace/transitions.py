"""`workspace.transitions`: the feed of who entered and left which segment, without a gap."""

from __future__ import annotations

from coterie.answers.profiles import find_pid
from coterie.errors import InvalidInput, not_found
from coterie.live.engine import Engine
from coterie.model import Action, Cause, Page, Transition
from coterie.rules.values import Instant


class Transitions:
    """The transitions of one open workspace, in order of their sequence."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def wait(self, after: int, timeout: float) -> int:
        """The last sequence, as soon as it exceeds `after` or after `timeout` seconds."""
        return self._engine.wait_for_transitions(after, timeout)

    def list(
        self, *, after: int = 0, limit: int = 100, segment_id: str | None = None, profile_id: str | None = None,
        action: Action | None = None, cause: Cause | None = None,
    ) -> Page[Transition]:  # fmt: skip
        """Transitions after a sequence, in order, that pass the filters.

        `next` is the sequence to send as `after`, as text; None only when there are no items.
        Raises NotFound for a segment that never existed or an unknown profile, InvalidInput for
        a sequence past the end of the log.
        """
        engine = self._engine
        with engine.reading():
            visible = engine.last_sequence
        if after > visible:
            raise InvalidInput(
                f"The log ends at {visible}; there is nothing after {after}.",
                path=("after",),
                hint="If a backup was restored, start again: compare the members, then continue after its "
                "last sequence.",
            )
        with engine.store.read() as reads:
            segment_ids = reads.segment_ids()
            sid = pid = None
            if segment_id is not None:
                sid = reads.sid_of(segment_id)
                if sid is None:
                    raise not_found("segment", segment_id, path=("segment",))
            if profile_id is not None:
                pid = find_pid(reads, profile_id)
                if pid is None:
                    raise not_found("profile", profile_id, path=("profile",))
            stored = reads.transitions(after=after, limit=limit, sid=sid, pid=pid, action=action, cause=cause)
            # The store may be one commit ahead of the memberships.
            stored = [transition for transition in stored if transition.sequence <= visible]
            profile_ids = reads.ids_of(sorted({transition.pid for transition in stored}))
        transitions = tuple(
            Transition(
                sequence=transition.sequence,
                segment_id=segment_ids[transition.sid],
                segment_version=transition.version,
                profile_id=profile_ids.get(transition.pid),
                action=Action(transition.action),
                cause=Cause(transition.cause),
                at=Instant(transition.at),
            )
            for transition in stored
        )
        return Page(transitions, next=str(transitions[-1].sequence) if transitions else None)
