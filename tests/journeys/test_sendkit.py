"""A day with a SendKit client: the calls of its README in order, and a segment that follows them.

Each step is a call, its status, parts of its answer, and the members of the segment
"Pro, reachable" afterwards. A step that must change nothing has the same members as the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coterie.model import Action, Cause
from coterie.rules.values import DAY
from tests.unit.http.sendkit.harness import World, custom, opened, reserved

Json = Any

FILTERS = {
    "groups": [
        {
            "match_type": "all",
            "conditions": [custom("PLAN", "equals", "pro"), reserved("unsubscribed", "equals", False)],
        },
        {
            "match_type": "any",
            "conditions": [reserved("created_at", "in_last_days", 30), custom("seats", "greater_than", "50")],
        },
    ]
}


@dataclass
class Step:
    """`{name}` in paths and bodies is the id that an earlier step kept under that name."""

    method: str
    path: str
    body: Json = None
    status: int = 200
    keep: str | None = None
    holds: dict[str, Json] = field(default_factory=dict)
    members: tuple[str, ...] | None = None
    wait: int = 0


JOHN, ANN, ZOE = "john@example.com", "ann@example.com", "zoe@example.com"

DAY_OF_A_CLIENT = [
    Step("POST", "/lists", {"name": "Newsletter"}, 201, keep="newsletter"),
    Step("POST", "/lists", {"name": "Beta users"}, 201, keep="beta"),
    Step("POST", "/properties", {"key": "plan", "type": "string", "fallback_value": "free"}, 201, keep="plan"),
    Step("POST", "/properties", {"key": "seats", "type": "number"}, 201, keep="seats"),
    Step("POST", "/segments", {"name": "Pro, reachable", "match_type": "all", "filters": FILTERS}, 201,
        keep="segment", members=()),
    Step(
        "POST", "/contacts",
        {"email": "John@example.com", "first_name": "John", "unsubscribed": False, "list_ids": ["{newsletter}"],
            "properties": {"PLAN": "Pro"}},
        201, keep="john", holds={"email": JOHN, "properties": {"PLAN": "Pro"}}, members=(JOHN,),
    ),
    Step("POST", "/contacts", {"email": JOHN, "last_name": "Doe"}, 200,
        holds={"first_name": "John", "last_name": "Doe"}, members=(JOHN,)),
    Step("POST", "/contacts", {"email": ANN, "properties": {"plan": "free", "seats": 80}}, 201, keep="ann",
        members=(JOHN,)),
    Step("PUT", "/contacts/{ann}", {"properties": {"Plan": "PRO"}},
        holds={"properties": {"PLAN": "PRO", "SEATS": "80"}}, members=(JOHN, ANN)),
    Step("PUT", "/contacts/{john}", {"unsubscribed": True}, holds={"unsubscribed": True}, members=(ANN,)),
    Step("PUT", "/contacts/{john}", {"unsubscribed": "no"}, 422, members=(ANN,)),
    Step("PUT", "/contacts/{john}", {"unsubscribed": False, "first_name": "Johnny"}, holds={"first_name": "Johnny"},
        members=(JOHN, ANN)),
    Step("POST", "/contacts/{john}/lists", {"list_ids": ["{beta}"]}, members=(JOHN, ANN)),
    Step("DELETE", "/contacts/{john}/lists/{newsletter}", status=204, members=(JOHN, ANN)),
    Step("DELETE", "/properties/{plan}", status=409, members=(JOHN, ANN)),
    Step("GET", "/contacts/{john}", wait=30 * DAY, members=(ANN,)),
    Step("POST", "/contacts", {"email": ZOE, "properties": {"plan": "pro"}}, 201, keep="zoe", members=(ANN, ZOE)),
    Step("PUT", "/segments/{segment}", {"match_type": "any"}, holds={"match_type": "any", "filters": FILTERS},
        members=(JOHN, ANN, ZOE)),
    Step("PUT", "/segments/{segment}", {"match_type": "every"}, 422, members=(JOHN, ANN, ZOE)),
    Step("DELETE", "/contacts/{ann}", status=204, members=(JOHN, ZOE)),
    Step("GET", "/contacts/{ann}", status=404, members=(JOHN, ZOE)),
    Step("DELETE", "/segments/{segment}", status=204),
    Step("DELETE", "/properties/{plan}", status=204),
    Step("GET", "/contacts/{john}", holds={"properties": []}),
]  # fmt: skip


def filled(value: Json, ids: dict[str, str]) -> Json:
    match value:
        case str():
            for name, real in ids.items():
                value = value.replace(f"{{{name}}}", real)
            return value
        case list():
            return [filled(item, ids) for item in value]
        case dict():
            return {key: filled(item, ids) for key, item in value.items()}
        case _:
            return value


def without_property_ids(value: Json) -> Json:
    """The echo fills in property ids, which the steps leave out."""
    match value:
        case list():
            return [without_property_ids(item) for item in value]
        case dict():
            return {key: without_property_ids(item) for key, item in value.items() if key != "property_id"}
        case _:
            return value


def take(step: Step, world: World, ids: dict[str, str]) -> None:
    world.clock.advance(step.wait or 1_000)
    answer = world.ask(step.method, filled(step.path, ids), filled(step.body, ids), status=step.status)
    if step.keep:
        ids[step.keep] = answer["id"]
    for key, value in step.holds.items():
        assert without_property_ids(answer[key]) == without_property_ids(value), f"{step.method} {step.path}: {key}"
    if step.members is not None:
        assert world.emails(ids["segment"]) == list(step.members), f"after {step.method} {step.path} {step.body}"


def test_a_day_of_a_client(tmp_path: Path) -> None:
    ids: dict[str, str] = {}
    with opened(tmp_path / "data") as world:
        for step in DAY_OF_A_CLIENT[:-3]:
            take(step, world, ids)
        page = world.workspace.transitions.list(segment_id=ids["segment"])
        transitions = [(transition.action, transition.cause) for transition in page.items]
        for step in DAY_OF_A_CLIENT[-3:]:
            take(step, world, ids)
        assert world.workspace.check().faults == ()
    assert transitions == [
        (Action.ENTER, Cause.FACTS),  # John is made
        (Action.ENTER, Cause.FACTS),  # Ann turns pro
        (Action.EXIT, Cause.FACTS),  # John unsubscribes
        (Action.ENTER, Cause.FACTS),  # and comes back
        (Action.EXIT, Cause.TIME),  # he was made 30 days ago
        (Action.ENTER, Cause.FACTS),  # Zoe is made
        (Action.ENTER, Cause.DEFINITION),  # any of the groups will do
        (Action.EXIT, Cause.PROFILE_DELETED),  # Ann is deleted
    ]


def test_what_was_answered_is_there_after_a_restart(tmp_path: Path) -> None:
    ids: dict[str, str] = {}
    with opened(tmp_path / "data") as world:
        for step in DAY_OF_A_CLIENT[:-5]:
            take(step, world, ids)
        before = world.everything(), world.emails(ids["segment"])
        now = world.clock.now()
    with opened(tmp_path / "data") as world:
        world.clock.move_to(now)
        assert (world.everything(), world.emails(ids["segment"])) == before
