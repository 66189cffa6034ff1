"""Write as fast as possible until killed; note each write once it is acknowledged.

Run by `test_kill.py`: python -m tests.journeys.kill_child DIRECTORY ACKNOWLEDGED ROUND
"""

from __future__ import annotations

import os
import sys
import threading
from itertools import count

import coterie
from coterie import ProfileInput, SegmentKind, prop, segment

THREADS = 4


def main(directory: str, acknowledged: str, number: str) -> None:
    note = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    workspace = coterie.open(directory)
    if not workspace.segments.list().total:
        define(workspace)
    os.write(note, b"ready\n")
    threads = [threading.Thread(target=write, args=(workspace, note, f"{number}-{who}", who)) for who in range(THREADS)]
    for thread in threads:
        thread.start()
    edit(workspace)


def define(workspace: coterie.LocalWorkspace) -> None:
    even = workspace.segments.create("even", prop("parity") == "even")
    workspace.segments.create("high", prop("n") >= 50)
    workspace.segments.create("just written", prop("updated_at").in_last("1s"))
    workspace.segments.create("odd", ~segment(even.id))
    workspace.segments.create("list", kind=SegmentKind.STATIC)


def write(workspace: coterie.LocalWorkspace, note: int, name: str, who: int) -> None:
    """Write single profiles, sometimes forty at once with a shared one; delete every tenth."""
    for n in count():
        single = ProfileInput(external_id=f"{name}-{n}", properties={"n": n, "parity": "even" if n % 2 == 0 else "odd"})
        shared = ProfileInput(external_id="shared", properties={f"round {name}": n, "n": n})
        if n % 7 == 0:
            more = [ProfileInput(external_id=f"{name}-{n}-{place}", properties={"n": n}) for place in range(40)]
            workspace.profiles.put_many([single, shared, *more])
            os.write(note, f"batch {name} {n}\n".encode())
        else:
            written = workspace.profiles.put(single)
            workspace.profiles.put(shared)
            os.write(note, f"one {name} {n}\n".encode())
            if n % 10 == 3:
                workspace.profiles.delete(written.id)
                os.write(note, f"deleted {name} {n}\n".encode())


def edit(workspace: coterie.LocalWorkspace) -> None:
    """Definitions and lists move too."""
    high = next(segment for segment in workspace.segments.list().items if segment.name == "high")
    chosen = next(segment for segment in workspace.segments.list().items if segment.kind is SegmentKind.STATIC)
    for n in count():
        workspace.segments.update(high.id, rule=prop("n") >= n % 100)
        shared = workspace.profiles.put(ProfileInput(external_id="shared", properties={"edits": n}))
        (workspace.segments.add_members if n % 2 else workspace.segments.remove_members)(chosen.id, [shared.id])


if __name__ == "__main__":
    main(*sys.argv[1:])
