"""The language of rules, for whoever builds them: the operators, for menus; the schema, for editors."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from coterie.http.answer import answer
from coterie.http.auth import needs
from coterie.http.native import schema
from coterie.http.native.responses import READS, refusals
from coterie.http.native.translate import operator_out
from coterie.http.route import EdgeRoute
from coterie.model import Scope
from coterie.rules.operators import OPERATORS
from coterie.rules.schema import rule_schema

router = APIRouter(route_class=EdgeRoute, tags=["language"])


@router.get(
    "/operators",
    summary="The operators of rules",
    dependencies=[needs(Scope.READ)],
    response_model=schema.OperatorList,
    responses=refusals(*READS),
)
def list_operators() -> Response:
    """In the order in which menus show them."""
    return answer({"items": [operator_out(operator) for operator in OPERATORS.values()]})


@router.get(
    "/rule-schema",
    summary="The JSON Schema of a rule",
    dependencies=[needs(Scope.READ)],
    responses={
        200: {
            "description": "A JSON Schema, draft 2020-12.",
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "example": {"$schema": "https://json-schema.org/draft/2020-12/schema"},
                }
            },
        },
        **refusals(*READS),
    },
)
def get_rule_schema() -> Response:
    return answer(rule_schema())
