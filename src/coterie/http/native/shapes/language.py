"""The language of rules: its operators."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from coterie.http.native.shapes.base import KindName
from coterie.http.native.shapes.shape import Answer, From, Shape, example


class OperatorExample(Answer):
    value: Any = Field(description="The profile's value; null where it has none.")
    operand: Any
    holds: bool
    now: str | None


class OperatorShown(Answer):
    name: str
    reads: str = Field(description="The operator in a sentence.")
    summary: str
    kinds: Annotated[list[KindName], From(sorted)]
    takes: Annotated[str, From(attribute="takes.name")] = Field(description="The shape of its operand.")
    case_option: bool = Field(description="Whether `case_sensitive` may be given.")
    complement_of: str | None = Field(description="The operator that it is the exact opposite of.")
    examples: list[OperatorExample]


class OperatorList(Shape):
    model_config = example(
        {
            "items": [
                {
                    "name": "at_least",
                    "reads": "{subject} is at least {operand}",
                    "summary": "The number is the operand or greater.",
                    "kinds": ["number"],
                    "takes": "same",
                    "case_option": False,
                    "complement_of": None,
                    "examples": [{"value": 100, "operand": 100, "holds": True, "now": None}],
                }
            ]
        }
    )

    items: list[OperatorShown]
