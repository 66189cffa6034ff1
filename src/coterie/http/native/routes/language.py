"""The language of rules, for those who build them: the operators for menus, the schema for
editors."""

from __future__ import annotations

from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.bodies import JSON
from coterie.http.native.envelope import ERRORS
from coterie.http.native.shapes import language
from coterie.http.routing import Routes
from coterie.model import Scope
from coterie.rules.operators import OPERATORS
from coterie.rules.schema import rule_schema

routes = Routes(ERRORS, tags=["language"])

SCHEMA = {
    "description": "A JSON Schema, draft 2020-12.",
    "content": {
        JSON: {
            "schema": {"type": "object"},
            "example": {"$schema": "https://json-schema.org/draft/2020-12/schema"},
        }
    },
}


@routes.get("/operators", "List the operators of rules", scope=Scope.READ, answers=language.OperatorList)
def list_operators() -> Response:
    """In the order of the menus."""
    return answer({"items": [language.OperatorShown.of(operator) for operator in OPERATORS.values()]})


@routes.get("/rule-schema", "Get the JSON Schema of a rule", scope=Scope.READ, responses={200: SCHEMA})
def get_rule_schema() -> Response:
    return answer(rule_schema())
