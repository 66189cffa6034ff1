"""Segments created, edited and used by one another while events arrive and time passes.

Also processes that were down, and clocks that jump. It is long because it is a table.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from coterie.errors import InvalidRule, SegmentInUse
from coterie.rules.values import Instant
from tests.journeys.steps import (
    START,
    Journey,
    Step,
    World,
    back,
    did,
    down,
    edit,
    either,
    entered,
    event,
    events,
    every,
    followed,
    forget,
    has,
    in_segment,
    journey,
    left,
    length,
    list_of,
    measured,
    members,
    moved,
    never,
    no,
    nothing,
    profile,
    refused,
    reopen,
    segment,
    until,
    wait,
)

JOURNEYS = [
    journey(
        "defined after the events: counted at once, and kept true from then on",
        events(("ann", "order", "0"), ("bob", "order", "-12h"), ("cat", "order", "-1d")),
        wait("6h"),
        segment("buyers", did("order", last="1d")),
        moved(entered("buyers", "ann", by="definition"), entered("buyers", "bob", by="definition")),
        until("2d"),
        moved(left("buyers", "bob", by="time", at="12h"), left("buyers", "ann", by="time", at="1d")),
    ),
    journey(
        "defined after the events, on a property of theirs that no rule had asked for",
        event("ann", "order", total=60, product="x"),
        event("ann", "order", total=70, product="y"),
        event("bob", "order", total=10),
        segment("first", did("order", where=has("total", greater_than=50))),
        moved(entered("first", "ann", by="definition")),
        event("bob", "order", total=51, product="x"),
        moved(entered("first", "bob")),
        segment("both", measured("order", "distinct", "product", at_least=2)),
        moved(entered("both", "ann", by="definition")),
        event("bob", "order", product="z"),
        moved(entered("both", "bob")),
    ),
    journey(
        "an edit in mid-window counts from the edit",
        segment("active", did("visit", last="7d")),
        event("ann", "visit"),
        event("bob", "visit", at="-1d"),
        moved(entered("active", "ann"), entered("active", "bob")),
        wait("2d"),
        edit("active", did("visit", last="1d")),
        moved(left("active", "ann", by="definition"), left("active", "bob", by="definition")),
        edit("active", did("visit", last="3d")),
        moved(entered("active", "ann", by="definition")),
        until("9d"),
        moved(left("active", "ann", by="time", at="3d")),
    ),
    journey(
        "an edit of the threshold, of the measure and of where",
        segment("chosen", measured("order", "count", at_least=2)),
        event("ann", "order", total=10),
        event("bob", "order", total=60),
        nothing(),
        edit("chosen", measured("order", "count", at_least=1)),
        moved(entered("chosen", "ann", by="definition"), entered("chosen", "bob", by="definition")),
        edit("chosen", measured("order", "sum", "total", at_least=50)),
        moved(left("chosen", "ann", by="definition")),
        edit("chosen", measured("order", "count", where=has("total", less_than=50), at_least=1)),
        moved(entered("chosen", "ann", by="definition"), left("chosen", "bob", by="definition")),
    ),
    journey(
        "an edit that changes nobody moves nobody, and the old window no longer ticks",
        segment("active", did("visit", last="7d")),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        edit("active", did("visit", last="30d")),
        nothing(),
        until("29d"),
        nothing(),
        until("40d"),
        moved(left("active", "ann", by="time", at="30d")),
    ),
    journey(
        "edited to a property and back to events",
        segment("chosen", did("visit", last="7d")),
        profile("bob", plan="pro"),
        event("ann", "visit"),
        moved(entered("chosen", "ann")),
        edit("chosen", has("plan", equals="pro")),
        moved(left("chosen", "ann", by="definition"), entered("chosen", "bob", by="definition")),
        event("ann", "visit"),
        nothing(),
        edit("chosen", did("visit", last="7d")),
        moved(entered("chosen", "ann", by="definition"), left("chosen", "bob", by="definition")),
        until("8d"),
        moved(left("chosen", "ann", by="time", at="7d")),
    ),
    journey(
        "a segment of a segment follows at the same instant",
        segment("active", did("visit", last="1d")),
        segment("lost", every(no(in_segment("active")), has("plan", equals="pro"))),
        profile("ann", plan="pro"),
        moved(entered("lost", "ann")),
        event("ann", "visit"),
        moved(entered("active", "ann"), left("lost", "ann")),
        until("5d"),
        moved(left("active", "ann", by="time", at="1d"), entered("lost", "ann", by="time", at="1d")),
    ),
    journey(
        "three deep, with events at each depth",
        segment("active", did("visit", last="1d")),
        segment("buyer", every(in_segment("active"), did("order", last="2d"))),
        segment("fan", either(in_segment("buyer"), did("review", last="1d"))),
        events(("ann", "visit", "0"), ("ann", "order", "0"), ("ann", "review", "-12h"), ("bob", "visit", "0")),
        moved(
            entered("active", "ann"), entered("active", "bob"), entered("buyer", "ann"), entered("fan", "ann"),
        ),
        until("12h"),
        nothing(),
        until("9d"),
        moved(
            left("active", "ann", by="time", at="1d"), left("active", "bob", by="time", at="1d"),
            left("buyer", "ann", by="time", at="1d"), left("fan", "ann", by="time", at="1d"),
        ),
    ),
    journey(
        "an edit below moves those above it, with its own cause",
        segment("active", did("visit", last="1d")),
        segment("lost", no(in_segment("active"))),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        wait("12h"),
        edit("active", did("visit", last="6h")),
        moved(left("active", "ann", by="definition"), entered("lost", "ann", by="definition")),
        edit("active", did("visit", last="2d")),
        moved(entered("active", "ann", by="definition"), left("lost", "ann", by="definition")),
        until("5d"),
        moved(left("active", "ann", by="time", at="2d"), entered("lost", "ann", by="time", at="2d")),
    ),
    journey(
        "a list and events together",
        profile("ann"),
        profile("bob"),
        list_of("invited", "ann", "bob"),
        moved(entered("invited", "ann"), entered("invited", "bob")),
        segment("came", every(in_segment("invited"), did("visit", last="1d"))),
        events(("ann", "visit", "0"), ("cat", "visit", "0")),
        moved(entered("came", "ann")),
        list_of("invited", "bob"),
        nothing(),
        wait("1d"),
        moved(left("came", "ann", by="time", at="1d")),
    ),
    journey(
        "no circles, and nothing is deleted that is used",
        segment("active", did("visit", last="1d")),
        segment("lost", no(in_segment("active"))),
        refused(edit("active", every(did("visit"), in_segment("lost"))), InvalidRule),
        refused(forget("active"), SegmentInUse),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        until("2d"),
        moved(left("active", "ann", by="time", at="1d"), entered("lost", "ann", by="time", at="1d")),
    ),
    journey(
        "two segments that share a window move together; one is deleted, the other goes on",
        segment("one", did("visit", last="1d")),
        segment("other", every(did("visit", last="1d"), has("plan", equals="pro"))),
        profile("ann", plan="pro"),
        event("ann", "visit"),
        moved(entered("one", "ann"), entered("other", "ann")),
        forget("one"),
        moved(left("one", "ann", by="definition")),
        until("2d"),
        moved(left("other", "ann", by="time", at="1d")),
    ),
    journey(
        "everybody who did not: new people come in at once",
        segment("quiet", no(did("visit", last="1d"))),
        profile("ann"),
        profile("bob"),
        moved(entered("quiet", "ann"), entered("quiet", "bob")),
        event("ann", "visit"),
        event("cat", "visit"),
        moved(left("quiet", "ann")),
        wait("1d"),
        moved(entered("quiet", "ann", by="time", at="1d"), entered("quiet", "cat", by="time", at="1d")),
    ),
    # --- down and up
    journey(
        "down for a week: what fell due is stamped with its own instants, in their order",
        segment("active", did("visit", last="1d")),
        segment("twice", measured("visit", "count", last="3d", at_least=2)),
        segment("asleep", never("visit", last="2d")),
        events(("ann", "visit", "0"), ("ann", "visit", "-1h"), ("bob", "visit", "-2h"), ("cat", "visit", "3d")),
        moved(entered("active", "ann"), entered("active", "bob"), entered("twice", "ann"), entered("asleep", "cat")),
        down("7d"),
        moved(
            left("active", "bob", by="time", at="22h"),
            left("active", "ann", by="time", at="1d"),
            entered("asleep", "bob", by="time", at="46h"),
            entered("asleep", "ann", by="time", at="2d"),
            left("twice", "ann", by="time", at="71h"),
            entered("active", "cat", by="time", at="3d"),
            left("asleep", "cat", by="time", at="3d"),
            left("active", "cat", by="time", at="4d"),
            entered("asleep", "cat", by="time", at="5d"),
        ),
    ),
    journey(
        "down and up again and again",
        segment("active", did("visit", last="1d")),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        *([down("5h"), nothing()] * 4),
        down("4h-1ms"),
        nothing(),
        down("1ms"),
        moved(left("active", "ann", by="time", at="1d")),
        *([reopen(), nothing()] * 2),
    ),
    journey(
        "a sequence, a calendar day and a segment of segments over a week without a process",
        segment("carted", did("cart", window={"calendar": "yesterday"})),
        segment("bought", followed("cart", ("order", "2d"), last="3d")),
        segment("left behind", every(in_segment("carted"), no(in_segment("bought")))),
        events(("ann", "cart", "0"), ("bob", "cart", "0"), ("bob", "order", "30h")),
        nothing(),
        down("7d"),
        moved(
            entered("carted", "ann", by="time", at="1d"), entered("carted", "bob", by="time", at="1d"),
            entered("left behind", "ann", by="time", at="1d"), entered("left behind", "bob", by="time", at="1d"),
            entered("bought", "bob", by="time", at="30h"), left("left behind", "bob", by="time", at="30h"),
            left("carted", "ann", by="time", at="2d"), left("carted", "bob", by="time", at="2d"),
            left("left behind", "ann", by="time", at="2d"),
            left("bought", "bob", by="time", at="3d"),
        ),
    ),
    journey(
        "a clock set back undoes nothing, and moves nobody twice when it comes by again",
        segment("active", did("visit", last="1d")),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        wait("1d"),
        moved(left("active", "ann", by="time", at="1d")),
        back("6h"),
        nothing(),
        event("bob", "visit", at="12h"),
        moved(entered("active", "bob", at="1d")),
        wait("6h"),
        nothing(),
        until("36h"),
        moved(left("active", "bob", by="time", at="36h")),
    ),
    journey(
        "a clock set back while the process was down",
        segment("active", did("visit", last="1d")),
        event("ann", "visit"),
        moved(entered("active", "ann")),
        wait("2h"),
        profile("bob"),
        down("-3h"),
        nothing(),
        members("active", "ann"),
        until("2d"),
        moved(left("active", "ann", by="time", at="1d")),
    ),
    journey(
        "a clock that leaps a century forward",
        segment("active", did("visit", last="1d")),
        event("ann", "visit"),
        event("bob", "visit", at="2100-01-01T00:00:00Z"),
        moved(entered("active", "ann")),
        wait("36525d"),
        moved(
            left("active", "ann", by="time", at="1d"),
            entered("active", "bob", by="time", at="2100-01-01T00:00:00Z"),
            left("active", "bob", by="time", at="2100-01-02T00:00:00Z"),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("journey", JOURNEYS)
def test_definitions(journey: Journey, tmp_path: Path) -> None:
    journey.go(tmp_path)


# --- a process that was down gives the transitions of one that was up


RULES = {
    "active": did("visit", last="36h"),
    "thrice": measured("visit", "count", last="3d", at_least=3),
    "today": did("visit", window={"calendar": "today"}),
    "asleep": never("visit", last="2d"),
    "bought": followed("visit", ("order", "1d"), last="4d"),
    "rising": measured("visit", "change", "minutes", last="1d", greater_than=0),
    "of both": every(no(in_segment("active")), no(in_segment("bought"))),
    "held": has("plan", held_for="30h"),
}
FACTS: tuple[tuple[str, Step], ...] = (
    ("0", profile("ann", plan="free")),
    ("0", event("ann", "visit", minutes=2)),
    ("3h", event("bob", "visit", minutes=4, at="-20h")),
    ("20h", event("ann", "visit", minutes=7)),
    ("21h", event("ann", "order")),
    ("26h", profile("ann", plan="pro")),
    ("30h", event("bob", "visit", minutes=1)),
    ("31h", event("cat", "visit", at="3d", minutes=3)),
    ("50h", event("bob", "order", at="45h")),
    ("51h", event("ann", "visit", at="70h", minutes=1)),
)


def feed(directory: Path, *, every_so_often: str | None) -> list[tuple[object, ...]]:
    """The transitions of the facts.

    The process is up and asked at intervals, or (None) down between each fact and the next.
    """
    world = World(directory, Instant.of(datetime.fromisoformat(START)), "Europe/Berlin")
    try:
        for name, rule in RULES.items():
            segment(name, rule).run(world)
        for at, fact in FACTS:
            pass_time(world, world.instant(at), every_so_often)
            fact.run(world)
        pass_time(world, world.instant("9d"), every_so_often)
        world.adds_up()
        transitions = [transition for transition in world.transitions(0) if transition.segment_id in world.names]
        return sorted(
            (
                int(transition.at),
                transition.action,
                transition.cause,
                world.names[transition.segment_id],
                world.who[str(transition.profile_id)],
            )
            for transition in transitions
        )
    finally:
        world.workspace.close()


def pass_time(world: World, to: Instant, every_so_often: str | None) -> None:
    while world.clock.now() < to:
        if every_so_often is None:
            world.workspace.close()
            world.clock.move_to(to)
            world.open()
        else:
            world.clock.move_to(min(to, Instant(world.clock.now() + length(every_so_often))))
        world.obeys_the_law()


def test_who_was_down_tells_the_same_as_who_was_up(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "down").mkdir()
    (tmp_path / "seldom").mkdir()
    up = feed(tmp_path / "up", every_so_often="40m")
    assert len(up) > 25
    assert feed(tmp_path / "seldom", every_so_often="100d") == up
    assert feed(tmp_path / "down", every_so_often=None) == up
