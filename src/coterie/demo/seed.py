"""Put the demo into a workspace, once.

After an interruption the next call finishes: people and segments that exist are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from coterie.demo.behaviour import conversations_of, events_of
from coterie.demo.people import DECLARED, PEOPLE, external_id, people
from coterie.demo.segments import SEGMENTS, Sketch, with_ids
from coterie.errors import Conflict, NotFound
from coterie.model import Rejected, SegmentKind
from coterie.workspace import Workspace

BATCH = 2_500


def seed(workspace: Workspace, count: int = PEOPLE, tell_progress: Callable[[int], None] = lambda done: None) -> bool:
    """Returns whether anything was added. Raises Conflict for a workspace with other people."""
    present = workspace.counts()["profiles"]
    if present and not _is_demo(workspace):
        raise Conflict(
            f"This workspace has {present:,} profiles of its own; the demo's people would mix with them.",
            hint="Choose another directory: coterie demo --data ./coterie-demo",
        )
    made = {segment.name: segment.id for segment in workspace.segments.list().items}
    missing = [sketch for sketch in SEGMENTS if sketch.name not in made]
    if present >= count and not missing:
        return False
    if present < count:
        _put_people(workspace, count, tell_progress)
    if missing:  # they are made last: while one is missing, what people did may be too
        _put_behaviour(workspace, count)
    for sketch in missing:
        made[sketch.name] = _make(workspace, sketch, made)
    return True


def _is_demo(workspace: Workspace) -> bool:
    try:
        workspace.profiles.get(external_id=external_id(1))
    except NotFound:
        return False
    return True


def _put_people(workspace: Workspace, count: int, tell_progress: Callable[[int], None]) -> None:
    for name, kind in DECLARED.items():
        workspace.properties.declare(name, kind)
    rest = people(workspace.now(), count)
    done = 0
    while batch := list(islice(rest, BATCH)):
        _expect_taken(workspace.profiles.put_many(batch))
        done += len(batch)
        tell_progress(done)


def _put_behaviour(workspace: Workspace, count: int) -> None:
    """Every event and conversation has an id: those that are there already stay as they are."""
    now = workspace.now()
    rest = people(now, count)
    while batch := list(islice(rest, BATCH)):
        _expect_taken(workspace.events.put_many([event for profile in batch for event in events_of(profile, now)]))
        _expect_taken(
            workspace.conversations.put_many([talk for profile in batch for talk in conversations_of(profile, now)])
        )


def _expect_taken(answers: Sequence[object]) -> None:
    refused = [answer for answer in answers if isinstance(answer, Rejected)]
    if refused:
        raise AssertionError(f"the demo's own people were refused: {refused[0].problems}")


def _make(workspace: Workspace, sketch: Sketch, ids: dict[str, str]) -> str:
    if sketch.rule is not None:
        rule = workspace.parse_rule(with_ids(sketch.rule, ids))
        return workspace.segments.create(sketch.name, rule, description=sketch.description).id
    made = workspace.segments.create(sketch.name, kind=SegmentKind.STATIC, description=sketch.description)
    members = workspace.profiles.list(limit=sketch.members).items
    workspace.segments.add_members(made.id, [member.id for member in members])
    return made.id
