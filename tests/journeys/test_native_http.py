"""A day with the native API, over a real connection, as a table of steps.

Each step is a request, the resulting members, and the only transitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import pytest

from tests.journeys.serving import serving


@dataclass
class Step:
    """`call` is sent; then `members` are in the segments, and `moves` are the only transitions."""

    what: str
    call: tuple[str, str, Any]
    status: int = 200
    members: dict[str, list[str]] = field(default_factory=dict)
    moves: list[str] = field(default_factory=list)


def condition(name: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"property": name, "operator": operator} | ({} if value is None else {"value": value})


STEPS = [
    Step(
        "people arrive",
        (
            "POST",
            "/profiles/batch",
            [
                {"external_id": "ada", "email": "ada@example.com", "properties": {"plan": "pro", "mrr": 120}},
                {"external_id": "bea", "properties": {"plan": "Pro", "mrr": 20}},
                {"external_id": "cyd", "properties": {"plan": "free"}},
                {"external_id": "dot", "properties": {"mrr": "unknown"}},
                {"external_id": "eve", "properties": {"mrr": [1]}},
            ],
        ),
    ),
    Step("the bad one is not among them", ("GET", "/profiles?external_id=eve", None)),
    Step(
        "a segment takes those who match, whatever the case",
        ("POST", "/segments", {"name": "pro", "rule": condition("plan", "equals", "pro")}),
        201,
        {"pro": ["ada", "bea"]},
        ["+ada pro", "+bea pro"],
    ),
    Step(
        "another looks at numbers only",
        ("POST", "/segments", {"name": "paying", "rule": condition("mrr", "at_least", 100)}),
        201,
        {"paying": ["ada"]},
        ["+ada paying"],
    ),
    Step(
        "a third is made of both",
        (
            "POST",
            "/segments",
            {"name": "small", "rule": {"all": [{"segment": "$pro"}, {"not": {"segment": "$paying"}}]}},
        ),
        201,
        {"small": ["bea"]},
        ["+bea small"],
    ),
    Step(
        "a change moves a profile through all three, in the same answer",
        ("POST", "/profiles", {"external_id": "bea", "properties": {"mrr": 500}}),
        200,
        {"pro": ["ada", "bea"], "paying": ["ada", "bea"], "small": []},
        ["+bea paying", "-bea small"],
    ),
    Step("the same again moves nobody", ("POST", "/profiles", {"external_id": "bea", "properties": {"mrr": 500}})),
    Step(
        "a property removed is a condition failed",
        ("POST", "/profiles", {"external_id": "ada", "properties": {"plan": None}}),
        200,
        {"pro": ["bea"], "paying": ["ada", "bea"]},
        ["-ada pro"],
    ),
    Step(
        "a preview moves nobody", ("POST", "/preview", {"rule": condition("plan", "is_not_set"), "compare_to": "$pro"})
    ),
    Step(
        "an edit moves those that it moves",
        ("PATCH", "/segments/$pro", {"rule": condition("plan", "is_not_set")}),
        200,
        {"pro": ["ada", "dot"], "small": ["dot"]},
        ["+ada pro", "+dot pro", "+dot small", "-bea pro"],
    ),
    Step("a segment in use stays", ("DELETE", "/segments/$pro", None), 409, {"pro": ["ada", "dot"]}),
    Step(
        "a declaration converts, and who has no number left is not missed",
        ("PUT", "/properties/mrr", {"type": "number"}),
        200,
        {"paying": ["ada", "bea"]},
    ),
    Step(
        "a name alone moves nobody", ("PATCH", "/segments/$paying", {"name": "payers"}), 200, {"paying": ["ada", "bea"]}
    ),
    Step(
        "who bought twice in a day, by events that arrive in any order",
        (
            "POST",
            "/segments",
            {
                "name": "twice",
                "rule": {
                    "event": {"name": "bought", "measure": "count", "window": {"last": "1d"}},
                    "operator": "at_least",
                    "value": 2,
                },
            },
        ),
        201,
        {"twice": []},
    ),
    Step(
        "a batch of events, one of them twice and one of somebody new",
        (
            "POST",
            "/events",
            {
                "events": [
                    {"name": "bought", "profile": {"external_id": "dot"}, "message_id": "1"},
                    {"name": "bought", "profile": {"external_id": "dot"}, "message_id": "1"},
                    {"name": "bought", "profile": {"external_id": "fay"}, "message_id": "2"},
                ]
            },
        ),
        200,
        {"twice": [], "pro": ["ada", "dot", "fay"]},
        ["+None pro", "+None small"],
    ),
    Step(
        "the second one counts",
        ("POST", "/events", {"name": "bought", "profile": {"external_id": "dot"}, "message_id": "3"}),
        200,
        {"twice": ["dot"]},
        ["+dot twice"],
    ),
    Step(
        "a score moves whom it moves",
        (
            "POST",
            "/segments",
            {
                "name": "eager",
                "rule": {
                    "conversation": {"measure": "mean", "of": "commercial_intent"},
                    "operator": "at_least",
                    "value": 0.6,
                },
            },
        ),
        201,
        {"eager": []},
    ),
    Step(
        "a conversation that is scored at once",
        (
            "POST",
            "/conversations",
            {"external_id": "talk", "profile": {"external_id": "bea"}, "analysis": {"commercial_intent": 0.9}},
        ),
        201,
        {"eager": ["bea"]},
        ["+bea eager"],
    ),
    Step(
        "and scored again",
        ("POST", "/conversations", {"external_id": "talk", "analysis": {"commercial_intent": 0.1}}),
        200,
        {"eager": []},
        ["-bea eager"],
    ),
    Step(
        "a deleted profile leaves everything",
        ("DELETE", "/profiles/$ada", None),
        204,
        {"pro": ["dot", "fay"], "paying": ["bea"]},
        ["-None paying", "-None pro"],
    ),
    Step(
        "what nobody uses can go",
        ("DELETE", "/segments/$small", None),
        204,
        {"pro": ["dot", "fay"]},
        ["-None small", "-dot small"],
    ),
]


class Journey:
    """Keeps the names: `$pro` in a call is the id of the segment that was made as `pro`."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.after = 0

    def take(self, step: Step) -> None:
        method, path, body = self._filled(step.call)
        answered = (
            self.client.request(method, path, json=body) if body is not None else self.client.request(method, path)
        )
        assert answered.status_code == step.status, (step.what, answered.text)
        if path == "/profiles/batch":
            self._remember(answered.json())
        if (method, path) == ("POST", "/segments"):
            self.ids[body["name"]] = answered.json()["id"]
            self.names[answered.json()["id"]] = body["name"]
        assert sorted(self._moves()) == sorted(step.moves), step.what
        for name, expected in step.members.items():
            members = self.client.get(f"/segments/{self.ids[name]}/members").json()["items"]
            assert [member["external_id"] for member in members] == expected, (step.what, name)

    def _filled(self, value: Any) -> Any:
        match value:
            case str():
                for name, id_ in self.ids.items():
                    value = value.replace(f"${name}", id_)
                return value
            case list() | tuple():
                return type(value)(self._filled(item) for item in value)
            case dict():
                return {key: self._filled(item) for key, item in value.items()}
            case _:
                return value

    def _remember(self, answered: Any) -> None:
        assert [item["outcome"] for item in answered["items"]] == ["created"] * 4 + ["refused"]
        for name, item in zip(("ada", "bea", "cyd", "dot"), answered["items"], strict=False):
            self.ids[name] = item["id"]
            self.names[item["id"]] = name

    def _moves(self) -> list[str]:
        page = self.client.get("/transitions", params={"after": self.after, "limit": 1000}).json()
        sequences = [item["sequence"] for item in page["items"]]
        assert sequences == list(range(self.after + 1, self.after + 1 + len(sequences))), "a gap"
        self.after += len(sequences)
        sign = {"enter": "+", "exit": "-"}
        return [
            f"{sign[item['action']]}{self.names.get(item['profile_id'])} {self.names[item['segment_id']]}"
            for item in page["items"]
        ]


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        serving(tmp_path_factory.mktemp("journey")) as running,
        httpx.Client(base_url=f"{running.url}/v1", headers=running.headers, timeout=20) as client,
    ):
        yield client


def test_a_day_with_the_native_api(client: httpx.Client) -> None:
    journey = Journey(client)
    for step in STEPS:
        journey.take(step)
