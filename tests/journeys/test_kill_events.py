"""Killed at any instant, while events and conversations arrive and time passes.

No acknowledged write is lost, no transition is lost or doubled, and every membership is right when
the workspace is opened again.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

import coterie
from coterie.clock import ManualClock, SystemClock
from coterie.model import Action, Transition
from coterie.rules.values import Instant, Value
from tests.differential.plain import ANALYSIS, Plain

ROUNDS = 8
SOAK_ROUNDS = 200


def test_nothing_told_is_lost_by_kill_9(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, ROUNDS)


@pytest.mark.soak
def test_nothing_told_is_lost_by_kill_9_for_long(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, SOAK_ROUNDS)


def kill_again_and_again(directory: Path, rounds: int) -> None:
    chance = random.Random(20_260_302)
    acknowledged = 0
    for number in range(rounds):
        notes = directory / f"notes-{number}"
        run_and_kill(directory / "data", notes, number, after=chance.uniform(0.0, 1.5))
        acknowledged += verify(directory / "data", notes.read_bytes().decode().rpartition("\n")[0].splitlines()[1:])
    assert acknowledged > 20 * rounds  # else the test proved nothing


def run_and_kill(data: Path, notes: Path, number: int, *, after: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.kill_events_child", str(data), str(notes), str(number)],
        stderr=subprocess.PIPE,
    )
    while not (notes.exists() and notes.read_bytes().startswith(b"ready\n")):
        assert child.poll() is None, child.communicate()[1].decode()
        time.sleep(0.005)
    time.sleep(after)
    assert child.poll() is None, child.communicate()[1].decode()
    child.send_signal(signal.SIGKILL)
    errors = child.communicate()[1].decode()
    assert "Traceback" not in errors, errors


def verify(data: Path, noted: list[str]) -> int:
    """Open with a clock that stands still, so that all comparisons are of one moment."""
    with coterie.open(data, clock=ManualClock(SystemClock().now())) as workspace:
        assert workspace.check().faults == ()
        feed = everything(workspace)
        adds_up(workspace, feed)
        read_before(feed, [line.split()[1:] for line in noted if line.startswith("moved ")])
        written = [line.split() for line in noted if not line.startswith("moved ")]
        all_there(workspace, written)
        obeys_the_law(workspace, sorted({name for action, name, _ in written if action == "event"}))
    return len(written)


def everything(workspace: coterie.LocalWorkspace) -> list[Transition]:
    feed: list[Transition] = []
    while page := workspace.transitions.list(after=len(feed), limit=1000).items:
        feed += page
    return feed


def adds_up(workspace: coterie.LocalWorkspace, feed: list[Transition]) -> None:
    """No gap, no duplicate, forward in time, enter and exit in turn, then the memberships."""
    inside: set[tuple[str, str]] = set()
    last = Instant(0)
    for place, transition in enumerate(feed, 1):
        assert transition.sequence == place
        assert transition.at >= last, transition
        last = transition.at
        if transition.profile_id is not None:
            key = (transition.segment_id, transition.profile_id)
            assert (key in inside) is (transition.action is Action.EXIT), transition
            inside ^= {key}
    recorded: set[tuple[str, str]] = set()
    for segment in workspace.segments.list().items:
        recorded |= {
            (segment.id, profile.id) for chunk in workspace.segments.export_members(segment.id) for profile in chunk
        }
    segment_ids = {segment for segment, _ in recorded} | {segment.id for segment in workspace.segments.list().items}
    assert {key for key in inside if key[0] in segment_ids} == recorded


def read_before(feed: list[Transition], noted: list[list[str]]) -> None:
    """Transitions read before the kill are still in the feed, under the same numbers."""
    for sequence, *was in noted:
        transition = feed[int(sequence) - 1]
        assert [transition.segment_id, str(transition.action), str(transition.cause), str(int(transition.at))] == was


def all_there(workspace: coterie.LocalWorkspace, written: list[list[str]]) -> None:
    """Every acknowledged write is there, once."""
    latest: dict[tuple[str, str], int] = {}
    ids: dict[str, set[str]] = defaultdict(set)
    for action, name, number in written:
        if action == "event":
            ids[name].add(f"{name}-{number}")
        elif action == "batch":
            for place in range(20):
                ids[f"shared-{(int(number) + place) % 12}"].add(f"{name}-{number}-{place}")
        else:
            latest[action, name] = int(number)
    for who, expected in ids.items():
        stored = message_ids(workspace, workspace.profiles.get(external_id=who).id)
        assert len(stored) == len(set(stored))
        assert expected <= set(stored), f"of {who} were acknowledged and are gone: {sorted(expected - set(stored))[:5]}"
    for (action, name), number in latest.items():
        if action == "talk":
            number_stored: Value | None = workspace.conversations.get(external_id=f"{name} talk").properties.get("n")
        else:
            number_stored = workspace.profiles.get(external_id=name).properties.get("n")
        assert isinstance(number_stored, float)
        assert number_stored >= number


def message_ids(workspace: coterie.LocalWorkspace, profile_id: str) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = workspace.events.timeline(profile_id, cursor=cursor, limit=1000)
        ids += [str(event.message_id) for event in page.items]
        cursor = page.next
        if cursor is None:
            return ids


def obeys_the_law(workspace: coterie.LocalWorkspace, names: list[str]) -> None:
    """The memberships equal the verdicts of the law on the noted writes.

    Changes of properties are not noted, so rules about them are left out.
    """
    plain = Plain("UTC")
    now = workspace.now()
    rules = {segment.id: segment.rule for segment in workspace.segments.list().items if segment.name != "plan held"}
    for who in names:
        profile = workspace.profiles.get(external_id=who)
        cursor: str | None = None
        while True:
            page = workspace.events.timeline(profile.id, cursor=cursor, limit=1000)
            for event in page.items:
                plain.event(who, event.name, event.at, event.properties, event.message_id, now)
            cursor = page.next
            if cursor is None:
                break
        for spoken in workspace.conversations.list_after(profile_id=profile.id).items:
            fields = {name: value for name, value in spoken.analysis.items() if name in ANALYSIS}
            plain.conversation(who, spoken.id, now, at=spoken.at, fields=fields, properties=spoken.properties)
        expected = {segment for segment, rule in rules.items() if rule is not None and plain.holds(rule, who, now)}
        assert {
            segment.id for segment in workspace.segments.of_profile(profile.id) if segment.id in rules
        } == expected, who
