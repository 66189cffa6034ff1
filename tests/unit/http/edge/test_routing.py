"""Declared routes: the key they need, and what the API description says of them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response
from starlette.testclient import TestClient

from coterie.http.answer import answer, no_content
from coterie.http.app import DIALECTS, create_app
from coterie.http.dialect import Dialect
from coterie.http.error_responses import ErrorTable, error_responses
from coterie.http.routing import Routes
from coterie.model import Scope
from tests.unit.http.edge.toy import ToyServer, bearer

ERRORS = ErrorTable(
    shape={"content": {"application/json": {"schema": {"type": "object"}}}},
    meanings={401: "no key", 404: "nothing there", 413: "too large", "4XX": "anything else"},
    always=(401, "4XX"),
    with_body=(413,),
    details={401: {"headers": {"WWW-Authenticate": {"required": True}}}},
)

routes = Routes(ERRORS, prefix="/things", tags=["things"])


class Thing(BaseModel):
    name: str


@routes.get("", "Get the thing", scope=Scope.READ, answers=Thing, example={"name": "a"}, refuses=(404,))
def get_thing() -> Response:
    """It has a name."""
    return answer({"name": "a"})


@routes.post("", "Make a thing", scope=Scope.WRITE, status=201, answers=Thing, says="It is new.")
def make_thing(body: Thing) -> Response:
    return answer({"name": body.name}, 201)


@routes.delete("", "Delete the thing", scope=Scope.ADMIN)
def delete_thing() -> Response:
    return no_content()


DIALECT = Dialect("things", "/declared", routes.router, DIALECTS[0].answer_problem)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(ToyServer(), (DIALECT,)))


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    app = FastAPI()
    app.include_router(routes.router)
    operations: dict[str, Any] = app.openapi()["paths"]["/things"]
    return operations


@pytest.mark.parametrize(
    ("method", "least", "status"), [("GET", Scope.READ, 200), ("POST", Scope.WRITE, 201), ("DELETE", Scope.ADMIN, 204)]
)
def test_a_route_needs_its_scope_and_answers_its_status(
    client: TestClient, method: str, least: Scope, status: int
) -> None:
    scopes = list(Scope)
    for scope in scopes:
        allowed = scopes.index(scope) >= scopes.index(least)
        answered = client.request(method, "/declared/things", headers=bearer(scope.value), json={"name": "a"})
        assert answered.status_code == (status if allowed else 403)
    assert client.request(method, "/declared/things").status_code == 401


def test_the_description_has_the_errors_of_every_route_those_of_its_body_and_its_own(
    operations: dict[str, Any],
) -> None:
    assert set(operations["get"]["responses"]) == {"200", "401", "404", "4XX"}
    assert set(operations["post"]["responses"]) == {"201", "401", "413", "4XX"}
    assert set(operations["delete"]["responses"]) == {"204", "401", "4XX"}


def test_the_description_has_summary_text_shape_example_and_scope(operations: dict[str, Any]) -> None:
    get = operations["get"]
    assert (get["summary"], get["description"], get["tags"]) == ("Get the thing", "It has a name.", ["things"])
    assert get["security"] == [{"key": ["read"]}]
    content = get["responses"]["200"]["content"]["application/json"]
    assert content == {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"name": "a"}}
    assert operations["post"]["responses"]["201"]["description"] == "It is new."


def test_an_error_response_has_its_meaning_the_common_shape_and_its_details() -> None:
    assert error_responses(ERRORS, (404, 401, 404)) == {
        401: {
            "description": "no key",
            "content": {"application/json": {"schema": {"type": "object"}}},
            "headers": {"WWW-Authenticate": {"required": True}},
        },
        404: {"description": "nothing there", "content": {"application/json": {"schema": {"type": "object"}}}},
    }
