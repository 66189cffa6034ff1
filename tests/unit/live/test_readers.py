"""Reads of every kind beside writes of every kind: each answer is of one whole commit."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from coterie import prop
from coterie import segment as member_of
from coterie.errors import InvalidRule, NotFound
from coterie.model import Action, ProfileInput, SegmentKind, Verdict
from coterie.workspace import Workspace

SECONDS = 3.0
PEOPLE = 60


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite") as opened:
        even = opened.segments.create("even", prop("parity") == "even")
        opened.segments.create("odd", ~member_of(even.id))
        opened.segments.create("just seen", prop("seen_at").in_last("1s"))
        opened.segments.create("list", kind=SegmentKind.STATIC)
        yield opened


def test_nothing_ever_raises_and_even_and_odd_always_add_up(workspace: Workspace) -> None:
    stop, failures = threading.Event(), []
    asked = dict.fromkeys(QUESTIONS, 0)

    def again_and_again(work: Callable[[Workspace, random.Random], object], seed: int) -> None:
        chance = random.Random(seed)
        while not stop.is_set():
            try:
                work(workspace, chance)
                if work in asked:
                    asked[work] += 1
            except NotFound:
                continue  # of what another thread has just deleted
            except Exception as error:
                failures.append(error)
                stop.set()
                raise

    threads = [
        threading.Thread(target=again_and_again, args=(work, seed)) for seed, work in enumerate([*CHANGES, *QUESTIONS])
    ]
    for thread in threads:
        thread.start()
    stop.wait(SECONDS)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert all(count > 5 for count in asked.values()), {work.__name__: count for work, count in asked.items()}
    assert workspace.check().faults == ()


# --- what changes


def named(workspace: Workspace, name: str) -> str:
    return next(one.id for one in workspace.segments.list().items if one.name == name)


def anybody(workspace: Workspace, chance: random.Random) -> str:
    people = workspace.profiles.list(limit=PEOPLE).items
    if not people:
        raise NotFound("nobody yet")
    return chance.choice(people).id


def write_one(workspace: Workspace, chance: random.Random) -> None:
    number = chance.randrange(PEOPLE)
    workspace.profiles.put(
        ProfileInput(
            external_id=f"u{number}",
            email=f"u{number}@x.org",
            properties={
                "parity": chance.choice(("even", "odd")), "seen_at": {"time": int(workspace.now()) - 900}, "n": number,
            },
        )
    )  # fmt: skip


def write_many(workspace: Workspace, chance: random.Random) -> None:
    workspace.profiles.put_many(
        [
            ProfileInput(external_id=f"u{n}", properties={"parity": chance.choice(("even", "odd"))})
            for n in range(PEOPLE)
        ]
    )


def delete(workspace: Workspace, chance: random.Random) -> None:
    workspace.profiles.delete(anybody(workspace, chance))
    time.sleep(0.01)


def change_list(workspace: Workspace, chance: random.Random) -> None:
    change = chance.choice((workspace.segments.add_members, workspace.segments.remove_members))
    change(named(workspace, "list"), [anybody(workspace, chance)])


def define(workspace: Workspace, chance: random.Random) -> None:
    made = workspace.segments.create(
        "made", member_of(named(workspace, "even")) & (prop("n") >= chance.randrange(PEOPLE))
    )
    workspace.segments.update(made.id, rule=prop("n") >= chance.randrange(PEOPLE), name="made anew")
    workspace.segments.delete(made.id)


def declare(workspace: Workspace, chance: random.Random) -> None:
    name = f"property {chance.randrange(1000)}"
    workspace.profiles.put(ProfileInput(external_id="u1", properties={name: 1, "n": 1}))
    workspace.properties.declare(name, None)
    workspace.properties.delete(workspace.properties.declare(name, rename=f"{name} renamed").property.id)


CHANGES = (write_one, write_many, delete, change_list, define, declare)


# --- what is asked


def ask_preview(workspace: Workspace, chance: random.Random) -> None:
    even, odd = named(workspace, "even"), named(workspace, "odd")
    found = workspace.preview(member_of(even) | member_of(odd), compare_to=even, sample=3)
    assert found.count == found.total
    assert found.tree.children[0].count + found.tree.children[1].count == found.total
    assert found.comparison is not None
    assert found.comparison.leave == 0
    assert found.comparison.stay == found.tree.children[0].count
    fresh = workspace.preview(prop("parity") == "even", compare_to=even)
    assert fresh.comparison is not None
    assert (fresh.comparison.enter, fresh.comparison.leave) == (0, 0)
    soon = workspace.preview(prop("seen_at").in_last("1s"), compare_to=named(workspace, "just seen"))
    assert soon.comparison is not None
    assert (soon.comparison.enter, soon.comparison.leave) == (0, 0)


def ask_preview_of_what_may_go(workspace: Workspace, chance: random.Random) -> None:
    made = next((one for one in workspace.segments.list().items if one.name == "made"), None)
    if made is not None:
        with suppress(InvalidRule):  # it was deleted meanwhile, and says so
            workspace.preview(member_of(made.id))


def ask_segments(workspace: Workspace, chance: random.Random) -> None:
    by_name = {one.name: one for one in workspace.segments.list().items}
    everybody = by_name["even"].member_count + by_name["odd"].member_count
    assert everybody <= PEOPLE
    for one in by_name.values():
        workspace.segments.get(one.id)


def ask_members(workspace: Workspace, chance: random.Random) -> None:
    page = workspace.segments.members(named(workspace, "even"), limit=10)
    if page.next:
        workspace.segments.members(named(workspace, "even"), limit=10, cursor=page.next)
    workspace.segments.members_at(named(workspace, "odd"), offset=3, limit=10, with_email=True)
    for _ in workspace.segments.export_members(named(workspace, "odd"), chunk=7):
        pass


def ask_explain(workspace: Workspace, chance: random.Random) -> None:
    for name in ("even", "odd", "just seen"):
        person = anybody(workspace, chance)
        found = workspace.explain(person, named(workspace, name))
        assert isinstance(found.verdict, Verdict)
        assert found.verdict.holds == found.member or gone(workspace, person), found


def gone(workspace: Workspace, profile_id: str) -> bool:
    """A profile deleted while it is explained is a member of nothing, whatever the rule."""
    try:
        workspace.profiles.get(profile_id)
    except NotFound:
        return True
    return False


def ask_profiles(workspace: Workspace, chance: random.Random) -> None:
    person = anybody(workspace, chance)
    workspace.profiles.get(person)
    names = {one.name for one in workspace.segments.of_profile(person)}
    assert len(names & {"even", "odd"}) == 1 or gone(workspace, person), names


def ask_properties(workspace: Workspace, chance: random.Random) -> None:
    for one in workspace.properties.list():
        try:
            workspace.properties.describe(one.name)
            workspace.properties.get(one.id)
        except NotFound:
            continue
    workspace.counts()


def ask_feed(workspace: Workspace, chance: random.Random) -> None:
    after = 0
    while items := workspace.transitions.list(after=after, limit=200).items:
        assert [one.sequence for one in items] == list(range(after + 1, after + 1 + len(items)))
        after = items[-1].sequence
        if after > 5_000:
            break
    workspace.transitions.list(
        segment_id=named(workspace, "even"), action=Action.EXIT, profile_id=anybody(workspace, chance)
    )


def ask_check(workspace: Workspace, chance: random.Random) -> None:
    assert workspace.check().faults == ()
    time.sleep(0.05)


QUESTIONS = (
    ask_preview,
    ask_preview_of_what_may_go,
    ask_segments,
    ask_members,
    ask_explain,
    ask_profiles,
    ask_properties,
    ask_feed,
    ask_check,
)
