"""Coterie in a notebook or a script: the same engine, no server.

import coterie
from coterie import prop

with coterie.open("data") as ws:
    ws.put([{"external_id": "u1", "plan": "enterprise", "mrr": 250}])
    big = ws.segments.create("Big accounts", (prop("plan") == "enterprise") & (prop("mrr") > 100))
    members = ws.segments.members(big.id).items
    print(ws.count(prop("mrr") > 100), [profile.external_id for profile in members])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coterie.clock import Clock
from coterie.importing import rows_of
from coterie.model import Outcome, ProfileWrite, Rejected
from coterie.rules.nodes import Rule
from coterie.server import DEFAULT, Server
from coterie.settings import Settings, read_settings
from coterie.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PutReport:
    """The outcomes of `put`. `refused` has the index of each bad row, from 0, and its problems."""

    created: int = 0
    claimed: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, Rejected], ...] = ()


class LocalWorkspace(Workspace):
    """The workspace that `open` returns, with conveniences for notebooks."""

    _release: Callable[[], None] = staticmethod(lambda: None)

    def put(self, data: object) -> PutReport:
        """Upsert profiles from a list of dicts, a pandas or Polars DataFrame, or an Arrow table.

        The columns `external_id` and `email` identify; every other column is a property. A missing
        cell leaves the stored value as it is. A bad row is rejected, the others are stored.
        """
        tally = dict.fromkeys(Outcome, 0)
        refused: list[tuple[int, Rejected]] = []
        index = 0
        for batch in rows_of(data):
            for result in self.profiles.put_many(batch):
                match result:
                    case ProfileWrite():
                        tally[result.outcome] += 1
                    case Rejected():
                        refused.append((index, result))
                index += 1
        counts = {outcome.value: count for outcome, count in tally.items()}
        return PutReport(**counts, refused=tuple(refused))

    def count(self, rule: Rule) -> int:
        """How many profiles match the rule now."""
        return self.preview(rule, sample=0).count

    def close(self) -> None:
        """Finish pending writes and release the data directory. A second call does nothing."""
        release, self._release = self._release, lambda: None
        try:
            super().close()
        finally:
            release()


def open(
    directory: str | Path, *, workspace: str = DEFAULT, zone: str | None = None, clock: Clock | None = None,
    settings: Settings | None = None,
) -> LocalWorkspace:  # fmt: skip
    """Open a workspace of a data directory; both are created when they do not exist.

    Close it, or use it in a `with`. `zone` is the time zone of a new workspace (by default that of
    the settings, UTC). Raises DataDirectoryBusy when another process has the directory open, and
    the other errors of `errors.StoreError`.
    """
    settings = (settings or read_settings()).model_copy(update={"data": Path(directory)})
    if zone is not None and workspace == DEFAULT:  # which opening a new directory makes
        settings = settings.model_copy(update={"zone": zone})
    server = Server.open(settings, clock=clock, command="a Python program", workspace_class=LocalWorkspace)
    try:
        opened = server.make_workspace(workspace, zone=zone)
        assert isinstance(opened, LocalWorkspace)
        opened._release = server.close
        return opened
    except BaseException:
        server.close()
        raise
