"""kill -9 while a child writes: every acknowledged commit is there, whole, and without a gap.

A killed process proves that nothing acknowledged waits in memory. It does not prove what a power
cut would (the kernel lives on): for that we rely on synchronous=FULL, which test_writing checks.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from coterie.store.rows import StoredProfile
from coterie.store.store import Store, Transaction
from tests.unit.store.latest import all_pids, latest
from tests.unit.store.samples import NOW, block, profile, segment

ROUNDS = 6
PER_COMMIT = 7


def write_for_ever(path: Path) -> None:
    """Commit profiles and their transitions again and again, and print the last pid after each."""
    store = Store.open(path, now=NOW, zone="UTC")
    if not latest(store).segments():
        store.write(lambda tx: tx.insert_segment(segment(1)))
    while True:
        first = store.write(lambda tx: tx.next_pid())
        new = [profile(pid, external_id=f"u-{pid}", note="x" * 300) for pid in range(first, first + PER_COMMIT)]

        def work(tx: Transaction, first: int = first, new: list[StoredProfile] = new) -> None:
            tx.insert_profiles(new)
            last = tx.last_sequence()
            tx.append_transitions(
                [
                    block(last + 1, range(first, first + PER_COMMIT - 1)),
                    block(last + PER_COMMIT, [first + PER_COMMIT - 1]),
                ]
            )
            tx.put_answer(f"key-{first}", "print", b"{}", NOW)

        store.write(work)
        print(first + PER_COMMIT - 1, flush=True)


def killed_while_writing(path: Path, after: float) -> int:
    """Let a child write for a while, kill it, and return the last pid it acknowledged."""
    child = subprocess.Popen([sys.executable, "-m", __name__, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = int(child.stdout.readline())
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split("\n")[:-1]  # the last line may be cut off
    child.wait()
    child.stdout.close()
    return int(rest[-1]) if rest else acknowledged


def test_what_was_acknowledged_survives_being_killed(path: Path) -> None:
    instants = random.Random(1857)
    for _ in range(ROUNDS):
        acknowledged = killed_while_writing(path, after=instants.uniform(0, 0.15))
        store = Store.open(path, now=NOW, zone="UTC")
        pids = all_pids(store)
        assert pids[: acknowledged + 1] == list(range(acknowledged + 1)), "an acknowledged write is missing"
        assert len(pids) % PER_COMMIT == 0, "half a commit is there"
        transitions = latest(store).transitions(after=0, limit=10**9)
        assert [transition.sequence for transition in transitions] == list(range(1, len(pids) + 1))
        assert [transition.pid for transition in transitions] == pids
        assert list(latest(store).memberships()[1]) == pids
        assert latest(store).find_answer(f"key-{pids[-1] - PER_COMMIT + 1}") is not None
        assert store.integrity_problems() == []
        store.close()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
