"""The SendKit operations of the API description, fuzzed: no input leads to a 5xx, and every answer
is described.

Each operation is called as described, and once more with ids that exist. It takes well under a
minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

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

from coterie.http import sendkit
from tests.unit.http.sendkit.harness import World, opened, reserved

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""They do not check that all valid input is accepted: a well-formed list id may belong to no
list."""

BOUNDED = settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip

_numbers = count()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("fuzz") / "data", log_level="error") as world:
        world.make_property("company")
        yield world


def described() -> schemathesis.BaseSchema:
    """The description of this dialect alone."""
    app = FastAPI()
    app.include_router(sendkit.DIALECT.router, prefix=sendkit.DIALECT.prefix)
    return schemathesis.openapi.from_dict(app.openapi())


schema = described()


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
    if "{id}" in case.path:
        case.path_parameters = {"id": some_id(case.path, fuzzed), "list_id": fuzzed.make_list()}
    try_out(case, fuzzed)


def some_id(path: str, world: World) -> str:
    """The id of something new, of the kind that the path is about."""
    number = next(_numbers)
    if "/contacts/{id}" in path:
        made: str = world.make_contact(f"fuzz{number}@example.com", properties={"company": "Acme"})["id"]
    elif "/properties/{id}" in path:
        made = world.make_property(f"fuzz_{number}")["id"]
    else:
        made = world.make_segment(reserved("email", "is_set"))["id"]
    return made
