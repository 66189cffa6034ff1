"""Killed at any instant: no acknowledged write is lost, and every membership is right.

The feed has no gap.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import coterie
from coterie.errors import NotFound

ROUNDS = 20
SOAK_ROUNDS = 300


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, ROUNDS)


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_by_kill_9_for_long(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, SOAK_ROUNDS)


def kill_again_and_again(directory: Path, rounds: int) -> None:
    chance = random.Random(20_260_301)
    acknowledged = 0
    for number in range(rounds):
        notes = directory / f"notes-{number}"
        run_and_kill(directory / "data", notes, number, after=chance.uniform(0.0, 0.6))
        acknowledged += verify(directory / "data", notes)
    assert acknowledged > rounds  # else the test proved nothing


def run_and_kill(data: Path, notes: Path, number: int, *, after: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.kill_child", str(data), str(notes), str(number)],
        stderr=subprocess.PIPE,
    )
    while not (notes.exists() and notes.read_bytes().startswith(b"ready\n")):
        assert child.poll() is None, child.communicate()[1].decode()
        time.sleep(0.005)
    time.sleep(after)
    assert child.poll() is None, child.communicate()[1].decode()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert child.stderr is not None
    child.stderr.close()


def verify(data: Path, notes: Path) -> int:
    whole_lines = notes.read_bytes().decode().rpartition("\n")[0].splitlines()[1:]
    with coterie.open(data) as workspace:
        shared = workspace.profiles.get(external_id="shared").properties if whole_lines else {}
        deleted = {line.split()[1:][0] + "-" + line.split()[2] for line in whole_lines if line.startswith("deleted")}
        for line in whole_lines:
            action, name, number = line.split()
            external_id = f"{name}-{number}"
            assert shared[f"round {name}"] >= int(number)  # type: ignore[operator]  # a number by construction
            if action == "deleted":
                with pytest.raises(NotFound):
                    workspace.profiles.get(external_id=external_id)
            elif external_id not in deleted:
                assert_there(workspace, external_id, int(number))
            if action == "batch":
                assert_there(workspace, f"{external_id}-39", int(number))
        assert workspace.check().faults == ()
        return len(whole_lines)


def assert_there(workspace: coterie.LocalWorkspace, external_id: str, number: int) -> None:
    try:
        assert workspace.profiles.get(external_id=external_id).properties["n"] == number
    except NotFound:
        # A deletion that each thread may have had under way when the process was killed.
        assert number % 10 == 3, f"{external_id} was acknowledged and is gone"
