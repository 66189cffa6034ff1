"""The language of rules, for whoever builds them: the operators, for menus; the schema, for editors."""

from __future__ import annotations

from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.translate import operator_out
from coterie.http.routing import Routes
from coterie.model import Scope
from coterie.rules.operators import OPERATORS
from coterie.rules.schema import rule_schema

routes = Routes(ERRORS, tags=["language"])


@routes.get("/operators", "The operators of rules", scope=Scope.READ, answers=schema.OperatorList)
def list_operators() -> Response:
    """In the order in which menus show them."""
    return answer({"items": [operator_out(operator) for operator in OPERATORS.values()]})


@routes.get(
    "/rule-schema",
    "The JSON Schema of a rule",
    scope=Scope.READ,
    responses={
        200: {
            "description": "A JSON Schema, draft 2020-12.",
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "example": {"$schema": "https://json-schema.org/draft/2020-12/schema"},
                }
            },
        }
    },
)
def get_rule_schema() -> Response:
    return answer(rule_schema())
