"""Schemathesis sends what our API description allows, and what it does not: never a 5xx, and never
an answer that is not described.

Bounded and repeatable, so that it can run with every change; `make soak` draws more, and
differently each time.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coterie.errors import Suppressed
from coterie.http.app import create_app
from coterie.model import ConversationInput, EventInput, ProfileInput, ProfileRef, SegmentKind
from coterie.rules.operators import OPERATORS
from coterie.server import Server
from coterie.settings import Settings
from coterie.workspace import Workspace

SOAK = bool(os.environ.get("COTERIE_SOAK"))
SECRET = "fuzz-" + "0" * 40
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def as_lines(context: Any, value: Any) -> bytes:
    """Whatever was drawn for a text of lines, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Stand:
    """Stands in for the server while tests are collected, and delegates to it when they run."""

    real: Server
    settings = Settings()  # what the application is made with, before there is a data directory

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


RULE: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"all": {"type": "array", "items": {"$ref": "#/components/schemas/Rule"}}},
            "required": ["all"],
        },
        {"type": "object", "properties": {"not": {"$ref": "#/components/schemas/Rule"}}, "required": ["not"]},
        {
            "type": "object",
            "properties": {
                "property": {"enum": ["plan", "mrr", "email", "created_at", "a.b"]},
                "operator": {"enum": sorted(OPERATORS)},
                "value": {},
                "case_sensitive": {"type": "boolean"},
            },
            "required": ["property", "operator"],
            "additionalProperties": False,
        },
    ]
}
"""Rules in outline. The full schema, of every operator with its operands, is recursive and takes
minutes to draw from; `test_native_rules.py` draws valid rules of every kind instead."""


def described() -> dict[str, Any]:
    document = copy.deepcopy(APP.openapi())
    document["components"]["schemas"]["Rule"] = RULE
    return document


STAND = Stand()
APP = create_app(STAND)  # type: ignore[arg-type]  # a Server by delegation
load_all_checks()
schema = schemathesis.openapi.from_dict(described()).include(path_regex=r"^/(v1/|healthz|readyz|metrics)")
schema.app = APP


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory: Path = tmp_path_factory.mktemp("fuzz")
    settings = Settings(data=directory, bootstrap_key=SECRET, webhook_private_targets=True)  # type: ignore[arg-type]  # read as a secret
    with Server.open(settings) as opened:
        opened.open_all()
        deliveries = opened.workspace("default")._deliveries
        deliveries.connector.resolve = lambda host, port: [NOBODY]  # nothing leaves this machine, whatever is drawn
        APP.state.streams.end()  # a stream never ends; the journeys read streams
        STAND.real = opened
        yield opened


def known_ids() -> dict[str, str]:
    """The ids of a profile with an event and a conversation, and of segments, created again where
    an earlier example deleted them."""
    workspace = STAND.real.workspace("default")
    who = next(name for name in NAMES if not erased(workspace, name))
    profile = workspace.profiles.put(ProfileInput(external_id=who))
    whose = ProfileRef(id=profile.id)
    workspace.events.put(EventInput("plan", whose, message_id=f"{profile.id}-1"))
    talk = workspace.conversations.put(ConversationInput(external_id=f"{profile.id}-1", profile=whose))
    kinds = {segment.kind: segment.id for segment in workspace.segments.list(limit=50).items}
    if SegmentKind.STATIC not in kinds:
        kinds[SegmentKind.STATIC] = workspace.segments.create("Chosen", kind=SegmentKind.STATIC).id
    if SegmentKind.DYNAMIC not in kinds:
        rule = workspace.parse_rule({"property": "plan", "operator": "is_not_set"})
        kinds[SegmentKind.DYNAMIC] = workspace.segments.create("Pro", rule).id
    destinations = workspace.destinations.list() or [workspace.destinations.create("http://nobody.example/")[0]]
    return {
        "destination_id": destinations[0].id,
        "profile_id": profile.id,
        "conversation_id": talk.id,
        "segment_id": kinds[SegmentKind.STATIC],
        "other_id": kinds[SegmentKind.DYNAMIC],
    }


NOBODY = "127.255.255.254"
"""An address of this machine at which nobody listens."""

NAMES = [f"known-{number}" for number in range(10_000)]


def erased(workspace: Workspace, name: str) -> bool:
    """Whether an earlier example erased this external id, which cannot be used again."""
    try:
        workspace.profiles.put(ProfileInput(external_id=name))
    except Suppressed:
        return True
    return False


@schema.parametrize()
@settings(
    max_examples=300 if SOAK else 25,
    deadline=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_one_that_is_described(case: Any) -> None:
    with_known_ids(case)
    case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"}, checks=CHECKS)


def with_known_ids(case: Any) -> None:
    """Every other example is about something that exists, so that more than 404s are seen."""
    ids = known_ids()
    for name, value in list((case.path_parameters or {}).items()):
        turn = sum(map(ord, str(value))) % 3
        if name == "name" and turn:
            case.path_parameters[name] = "plan"
        elif name in ids and turn:
            other = name == "segment_id" and turn == 2
            case.path_parameters[name] = ids["other_id" if other else name]


def test_the_scope_of_the_fuzzing_is_the_whole_dialect() -> None:
    paths = {path for path in APP.openapi()["paths"] if path.startswith("/v1")}
    fuzzed = {operation.ok().path for operation in schema.get_all_operations()}
    assert paths <= fuzzed
