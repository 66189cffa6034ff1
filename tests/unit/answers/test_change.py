"""`change` is of two means, in a preview, a definition and a single write alike."""

from __future__ import annotations

from pathlib import Path

from coterie.clock import ManualClock
from coterie.model import EventInput, ProfileRef
from coterie.rules.values import DAY, Instant
from coterie.workspace import Workspace

NOW = Instant(1_772_323_200_000)
RULE = {
    "event": {"name": "seen", "measure": "change", "of": "n", "window": {"last": "30d"}},
    "operator": "less_than",
    "value": 0,
}


def test_more_rows_in_one_half_are_not_a_greater_mean(tmp_path: Path) -> None:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(NOW)) as workspace:
        first = workspace.segments.create("defined first", workspace.parse_rule(RULE))
        for who, days in (("a", (50, 40, 20)), ("b", (50, 20, 10)), ("c", (50, 20))):
            seen = [
                EventInput("seen", ProfileRef(external_id=who), Instant(NOW - day * DAY), None, {"n": 2})
                for day in days
            ]
            workspace.events.put_many(seen)
        last = workspace.segments.create("defined last", workspace.parse_rule(RULE))
        assert (first.member_count, last.member_count, workspace.preview(workspace.parse_rule(RULE)).count) == (0, 0, 0)
        assert workspace.check().faults == ()
