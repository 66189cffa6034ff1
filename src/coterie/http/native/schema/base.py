"""What the shapes share: strictness, the types of ids, instants and values, the error document."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

PROFILE_ID = "0198c0de-0000-7000-8000-000000000001"
OTHER_PROFILE_ID = "0198c0de-0000-7000-8000-000000000002"
SEGMENT_ID = "0198c0de-0000-7000-8000-0000000000a1"
OTHER_SEGMENT_ID = "0198c0de-0000-7000-8000-0000000000a2"
PROPERTY_ID = "0198c0de-0000-7000-8000-0000000000c1"
EARLIER = "2026-03-01T09:30:00.000Z"
LATER = "2026-03-25T14:30:00.000Z"


class Shape(BaseModel):
    """Of every shape: no unknown keys, no bent types."""

    model_config = ConfigDict(extra="forbid", strict=True)


def example(value: Any) -> ConfigDict:
    """The configuration of a shape that shows `value` (JSON values) as its example."""
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [value]})


Id: TypeAlias = Annotated[UUID, Field(strict=False)]
"""An id as it is sent: JSON has no UUID, so text is taken for one."""

Moment: TypeAlias = Annotated[
    str,
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
    "description": f"{VALUE['description']} A property declared `time` also takes the plain text. null removes the property.",
}

Value: TypeAlias = Annotated[Any, WithJsonSchema(VALUE)]
ValueSent: TypeAlias = Annotated[Any, WithJsonSchema(VALUE_SENT)]
"""A property value as it is sent. Read at the workspace's door, which explains better than a union of types could."""

RULE_MARK = "x-rule"
"""Marks where a rule goes; `description.py` puts the reference to the rules' own schema there, which pydantic cannot be given."""

RULE_SENT: dict[str, Any] = {RULE_MARK: True, "type": "object"}
Rule: TypeAlias = Annotated[Any, WithJsonSchema(RULE_SENT)]
RuleOrNone: TypeAlias = Annotated[Any, WithJsonSchema({"anyOf": [RULE_SENT, {"type": "null"}]})]
Path: TypeAlias = Annotated[str, Field(description="Where, as a dotted path: `all.0`. Empty for the whole.")]
KindName: TypeAlias = Literal["text", "number", "boolean", "time", "list"]


class Problem(Shape):
    """One thing wrong with an input."""

    code: str
    detail: str
    path: str | None
    hint: str | None


class ProblemDocument(BaseModel):
    """RFC 9457. `code` is stable and is what programs match on; `path` leads into the input; `hint` says what to do.

    Some carry more: `users` (what is in the way of a deletion), `incident` (where our log speaks of our own failure)."""

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
