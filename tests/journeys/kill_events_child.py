"""Write events, conversations and updates as fast as possible until killed, while time passes.

Notes each write once it is acknowledged, and each transition once it is read. Run by
`test_kill_events.py`: python -m tests.journeys.kill_events_child DIRECTORY NOTES ROUND
"""

from __future__ import annotations

import os
import sys
import threading
from itertools import count

import coterie
from coterie.model import ConversationInput, EventInput, ProfileInput, ProfileRef
from coterie.rules.values import Instant
from tests.journeys.steps import did, every, followed, has, measured, never, no, spoken

WRITERS = 3
SHARED = 12
RULES = {
    "lively": did("visit", last="1s"),
    "thrice": measured("visit", "count", last="2s", at_least=3),
    "quiet": never("visit", last="1s"),
    "bought": followed("visit", ("order", "1s"), last="3s"),
    "not bought": no(followed("visit", ("order", "1s"), last="3s")),
    "spent": measured("order", "sum", "total", at_least=100),
    "angry": spoken("mean", "frustration", at_least=0.5),
    "spoke lately": spoken("count", last="2s", at_least=1),
    "plan held": every(has("plan", held_for="1s"), did("visit", last="3s")),
    "edited": measured("visit", "count", last="5s", at_least=1),
}


def main(directory: str, notes: str, number: str) -> None:
    note = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    workspace = coterie.open(directory)
    if not workspace.segments.list().total:
        for name, rule in RULES.items():
            workspace.segments.create(name, workspace.parse_rule(rule))
    os.write(note, b"ready\n")
    threading.Thread(target=read, args=(workspace, note)).start()
    for who in range(WRITERS):
        threading.Thread(target=write, args=(workspace, note, f"{number}-{who}")).start()
    edit(workspace, number)


def write(workspace: coterie.LocalWorkspace, note: int, name: str) -> None:
    """Write events one by one, sometimes twenty at once for shared profiles.

    Some are duplicates, late, or from the future; one conversation goes on throughout.
    """
    for n in count():
        single = event(workspace, name, n, ahead=(-400, 0, 0, 300)[n % 4])
        workspace.events.put(single)
        os.write(note, f"event {name} {n}\n".encode())
        if n % 5 == 0:
            batch = [
                event(workspace, f"shared-{(n + place) % SHARED}", place, message_id=f"{name}-{n}-{place}")
                for place in range(20)
            ]
            workspace.events.put_many([*batch, single])
            os.write(note, f"batch {name} {n}\n".encode())
        if n % 7 == 3:
            workspace.conversations.put(
                ConversationInput(
                    external_id=f"{name} talk", profile=ProfileRef(external_id=name), properties={"n": n},
                    analysis={"frustration": (n % 3) / 2}, at=workspace.now(),
                )
            )  # fmt: skip
            os.write(note, f"talk {name} {n}\n".encode())
        if n % 11 == 4:
            workspace.profiles.put(ProfileInput(external_id=name, properties={"plan": f"plan {n % 2}", "n": n}))
            os.write(note, f"profile {name} {n}\n".encode())
        if n % 37 == 20:
            disappear(workspace, f"{name}-{n}", n)


def event(
    workspace: coterie.LocalWorkspace, who: str, n: int, *, ahead: int = 0, message_id: str | None = None
) -> EventInput:
    at = Instant(workspace.now() + ahead)
    return EventInput(
        ("visit", "visit", "order")[n % 3],
        ProfileRef(external_id=who),
        at,
        message_id or f"{who}-{n}",
        {"total": float(n % 50)},
    )


def disappear(workspace: coterie.LocalWorkspace, name: str, n: int) -> None:
    """Create a profile, then delete it or merge it into a shared one."""
    workspace.events.put(event(workspace, name, n))
    gone = workspace.profiles.get(external_id=name).id
    if n % 2:
        workspace.profiles.delete(gone)
    else:
        winner = workspace.profiles.put(ProfileInput(external_id=f"shared-{n % SHARED}", properties={"merges": n})).id
        workspace.profiles.merge(winner, gone)


def read(workspace: coterie.LocalWorkspace, note: int) -> None:
    """Follow the feed: transitions once read must not change."""
    last = workspace.counts()["transitions"]
    while True:
        workspace.transitions.wait(last, 5)
        for moved in workspace.transitions.list(after=last, limit=1000).items:
            last = moved.sequence
            line = f"moved {moved.sequence} {moved.segment_id} {moved.action} {moved.cause} {int(moved.at)}\n"
            os.write(note, line.encode())


def edit(workspace: coterie.LocalWorkspace, number: str) -> None:
    edited = next(segment for segment in workspace.segments.list().items if segment.name == "edited")
    for n in count(int(number)):
        rule = measured("visit", "count", last=f"{1 + n % 5}s", at_least=1 + n % 3)
        workspace.segments.update(edited.id, rule=workspace.parse_rule(rule))


if __name__ == "__main__":
    main(*sys.argv[1:])
