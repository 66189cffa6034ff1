"""The Greenflash operations of the API description, fuzzed: no input leads to a 5xx, and every
answer is described.

Each operation is called as described, and once more with ids that exist. It takes well under a
minute.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from coterie.http import greenflash
from tests.unit.http.greenflash.harness import World, opened

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""They do not check that all valid input is accepted: a well-formed conversation id may belong to
none."""

BOUNDED = settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("fuzz") / "data") as world:
        world.make_user("ada", properties={"plan": "pro"}, externalOrganizationId="acme")
        world.log("ada", {"content": "hi", "externalMessageId": "m-1"}, externalConversationId="chat-1")
        yield world


def described() -> schemathesis.BaseSchema:
    """The description of this dialect alone."""
    app = FastAPI()
    app.include_router(greenflash.DIALECT.router, prefix=greenflash.DIALECT.prefix)
    return schemathesis.openapi.from_dict(app.openapi())


schema = described()

IDS = {"segment_id": "happy-users", "user_id": "ada", "organization_id": "acme", "interaction_id": "chat-1"}
NAMES = {"externalUserId": "ada", "externalConversationId": "chat-1", "externalMessageId": "m-1"}


def try_out(case: Case, world: World) -> None:
    case.call_and_validate(
        app=world.client.app, headers={"Authorization": f"Bearer {world.keys['write']}"}, checks=CHECKS
    )


@schema.parametrize()
@BOUNDED
def test_as_described(case: Case, fuzzed: World) -> None:
    try_out(case, fuzzed)


@schema.parametrize()
@BOUNDED
def test_with_ids_that_lead_somewhere(case: Case, fuzzed: World) -> None:
    case.path_parameters = {name: IDS[name] for name in case.path_parameters or {}}
    if isinstance(case.body, dict):
        case.body = {**case.body, **{name: NAMES[name] for name in NAMES if name in case.body}}
    try_out(case, fuzzed)
