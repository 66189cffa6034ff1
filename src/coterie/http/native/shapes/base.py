"""The types that shapes share: ids, instants, values, rules, paths; and the error document."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from coterie.exporting.cells import json_value
from coterie.http.native.shapes.shape import Answer, From
from coterie.http.problem_paths import dotted
from coterie.rules.values import Instant

PROFILE_ID = "0198c0de-0000-7000-8000-000000000001"
OTHER_PROFILE_ID = "0198c0de-0000-7000-8000-000000000002"
SEGMENT_ID = "0198c0de-0000-7000-8000-0000000000a1"
OTHER_SEGMENT_ID = "0198c0de-0000-7000-8000-0000000000a2"
PROPERTY_ID = "0198c0de-0000-7000-8000-0000000000c1"
EARLIER = "2026-03-01T09:30:00.000Z"
LATER = "2026-03-25T14:30:00.000Z"


Id: TypeAlias = Annotated[UUID, Field(strict=False)]
"""An id as it is sent: text, since JSON has no UUID."""

Moment: TypeAlias = Annotated[
    str,
    From(Instant.iso),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [LATER]}),
    Field(description="An instant, in UTC, to the millisecond."),
]

VALUE: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
        {
            "type": "object",
            "properties": {"time": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "required": ["time"],
            "additionalProperties": False,
        },
    ],
    "description": 'A text, number, boolean, list of texts, or a time as {"time": "2026-03-01T09:30:00Z"}.',
}
VALUE_SENT: dict[str, Any] = {
    "anyOf": [*VALUE["anyOf"], {"type": "null"}],
    "description": f"{VALUE['description']} A property declared `time` also accepts the plain text. "
    "null removes the property.",
}

Value: TypeAlias = Annotated[Any, From(json_value), WithJsonSchema(VALUE)]
"""A property's value as it is answered. A time stays tagged: sent back, it is still a time."""
ValueSent: TypeAlias = Annotated[Any, WithJsonSchema(VALUE_SENT)]
"""A property's value as it is sent. The workspace coerces it, and explains what is wrong with it
better than a union of types could."""

RULE_MARK = "x-rule"
"""Marks the place of a rule; `http/description.py` puts the reference to the rules' own schema
there."""

RULE_SENT: dict[str, Any] = {RULE_MARK: True, "type": "object"}
Rule: TypeAlias = Annotated[Any, WithJsonSchema(RULE_SENT)]
RuleOrNone: TypeAlias = Annotated[Any, WithJsonSchema({"anyOf": [RULE_SENT, {"type": "null"}]})]
Path: TypeAlias = Annotated[
    str, From(dotted), Field(description="A place in the rule, as a dotted path: `all.0`. Empty for the whole rule.")
]
KindName: TypeAlias = Literal["text", "number", "boolean", "time", "list"]


class Problem(Answer):
    """One thing that is wrong with an input."""

    code: str
    detail: Annotated[str, From(attribute="message")]
    path: Annotated[str | None, From(lambda path: dotted(path) if path else None)]
    hint: str | None


class ProblemDocument(BaseModel):
    """RFC 9457. `code` is stable, for programs to match on; `path` leads into the input; `hint`
    says what to do.

    Some errors say more: `users` names what prevents a deletion, `incident` leads to the details of
    a failure in the server's log."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:coterie:problem:invalid_rule",
                    "title": "Unprocessable Entity",
                    "status": 422,
                    "detail": "There is no operator called 'equal'.",
                    "code": "invalid_rule",
                    "path": "rule.all.0.operator",
                    "hint": "Did you mean 'equals'?",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    path: str | None
    hint: str | None
    problems: list[Problem] = Field(default_factory=list, description="All of them, when there are several.")
