"""What falls due for many is judged in slices; profiles written to meanwhile come first.

The feed does not show it, but for the order.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from coterie.clock import ManualClock
from coterie.live import settling
from coterie.model import EventInput, ProfileInput, ProfileRef
from coterie.rules.values import Instant
from coterie.workspace import Workspace

NOON = Instant(1_772_366_400_000)  # 2026-03-01T12:00:00Z
DAY = 86_400_000
RULES = (
    {
        "event": {"name": "order", "measure": "count", "window": {"calendar": "today"}},
        "operator": "at_least",
        "value": 1,
    },
    {"event": {"name": "order", "measure": "count", "window": {"last": "1d"}}, "operator": "at_least", "value": 2},
    {"property": "seen", "operator": "in_calendar", "value": "yesterday"},
    {
        "not": {
            "event": {"name": "order", "measure": "sum", "of": "total", "window": {"last": "2d"}},
            "operator": "greater_than",
            "value": 20,
        }
    },
)


def _lived(path: Path, seed: int) -> tuple[dict[str, list[tuple[str, str, Instant]]], dict[str, set[str]]]:
    """Each profile's transitions in order, and the members at the end."""
    chance, clock = random.Random(seed), ManualClock(NOON)
    with Workspace(path, clock=clock) as workspace:
        names = {}
        for place, rule in enumerate(RULES):
            names[workspace.segments.create(f"rule {place}", workspace.parse_rule(rule)).id] = f"rule {place}"
        people = [f"p{number}" for number in range(12)]
        workspace.profiles.put_many(
            [ProfileInput(external_id=one, properties={"seen": {"time": int(NOON)}}) for one in people]
        )
        for _ in range(40):
            some = chance.sample(people, chance.randint(1, 3))
            total = chance.randint(1, 15)
            workspace.events.put_many(
                [EventInput("order", ProfileRef(external_id=one), properties={"total": total}) for one in some]
            )
            if chance.random() < 0.3:
                workspace.profiles.put(
                    ProfileInput(external_id=some[0], properties={"seen": {"time": int(clock.now())}})
                )
            clock.advance(chance.choice((0, 1, 3_600_000, DAY // 2, DAY)))
        known = {one.id: one.external_id for one in workspace.profiles.list(limit=100).items}
        feed: dict[str, list[tuple[str, str, Instant]]] = {}
        for one in workspace.transitions.list(limit=10_000).items:
            feed.setdefault(f"{known[one.profile_id]} {names[one.segment_id]}", []).append(
                (one.action, one.cause, one.at)
            )
        members = {
            name: {one.external_id or "" for one in workspace.segments.members(segment_id, limit=100).items}
            for segment_id, name in names.items()
        }
        assert workspace.check().faults == ()
    return feed, members


@pytest.mark.parametrize("seed", range(8))
def test_slices_of_two_and_no_slices_give_the_same_transitions(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _lived(tmp_path / "whole.db", seed)
    monkeypatch.setattr(settling, "SLICE", 2)
    assert _lived(tmp_path / "sliced.db", seed) == whole
