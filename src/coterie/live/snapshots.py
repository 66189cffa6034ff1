"""Snapshots of the memberships: stored whole now and then, so that opening replays few transitions.

They only make the next opening faster. Where one cannot be stored, that is logged and tried again.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from coterie.errors import CoterieError
from coterie.live.registry.segments import LiveSegment, SegmentRegistry
from coterie.store.store import Store, Transaction

SNAPSHOT_EVERY = 1_000_000
"""Transitions after which changed memberships are stored whole, so that opening replays few more.

That takes about a second.
"""

SNAPSHOT_SLICE = 16
"""How many of them are stored after one commit, so that no commit waits long for it."""

log = structlog.get_logger(__name__)


class MembershipSnapshots:
    """Stores the memberships that differ from their last snapshot."""

    def __init__(self, store: Store, segments: SegmentRegistry) -> None:
        self._store = store
        self._segments = segments
        self._since_last = 0  # transitions
        self._waiting: list[int] = []  # sids

    def count(self, transitions: int) -> None:
        """Count transitions that were published."""
        self._since_last += transitions

    def save_slice(self, last_sequence: int) -> None:
        """After a commit: store a few of the memberships that are waiting for it."""
        if self._since_last >= SNAPSHOT_EVERY:
            self._since_last = 0
            self._waiting = [segment.sid for segment in self._unsaved()]
        if self._waiting:
            sids, self._waiting = self._waiting[:SNAPSHOT_SLICE], self._waiting[SNAPSHOT_SLICE:]
            by_sid = self._segments.by_sid
            self._save([by_sid[sid] for sid in sids if sid in by_sid], last_sequence)

    def save_all(self, last_sequence: int) -> None:
        """Store every membership that differs from its snapshot."""
        self._save(self._unsaved(), last_sequence)

    def _unsaved(self) -> list[LiveSegment]:
        return [segment for segment in self._segments.by_sid.values() if segment.unsaved]

    def _save(self, unsaved: Sequence[LiveSegment], last_sequence: int) -> None:
        def save(tx: Transaction) -> None:
            for segment in unsaved:
                tx.save_membership(segment.sid, segment.members, last_sequence)

        try:
            self._store.write(save)
        except CoterieError as error:
            log.warning("memberships_not_saved", workspace=self._store.workspace_id, error=str(error))
            return
        for segment in unsaved:
            segment.unsaved = False
