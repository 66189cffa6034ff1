"""Segments: created, changed, answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from pydantic import Field

from coterie import model
from coterie.http.native.shapes.base import (
    EARLIER,
    LATER,
    SEGMENT_ID,
    Moment,
    Rule,
    RuleOrNone,
)
from coterie.http.native.shapes.shape import Json, Shape, example
from coterie.rules import nodes

Sentence: TypeAlias = Callable[[nodes.Rule], str]
"""Describes a rule in English, in the words of one workspace."""

RULE = {
    "all": [
        {"property": "plan", "operator": "equals", "value": "enterprise"},
        {"property": "mrr", "operator": "at_least", "value": 100},
    ]
}
NEW = {"name": "Large customers", "rule": RULE}
EXAMPLE = {
    "id": SEGMENT_ID,
    "name": "Large customers",
    "kind": "dynamic",
    "description": None,
    "rule": RULE,
    "sentence": "plan is “enterprise” and mrr is at least 100",
    "origin": None,
    "version": 1,
    "member_count": 42,
    "created_at": EARLIER,
    "updated_at": LATER,
}


class NewSegment(Shape):
    """A `dynamic` segment has a rule. A `static` one has none: its members are added and
    removed."""

    model_config = example(NEW)

    name: str = Field(min_length=1)
    kind: Literal["dynamic", "static"] = "dynamic"
    rule: RuleOrNone = None
    description: str | None = None


class SegmentChange(Shape):
    """Fields that are left out stay as they are. A new rule takes effect at once."""

    model_config = example({"name": "Largest customers"})

    name: str = Field(default_factory=str, min_length=1)
    rule: Rule = Field(default_factory=dict)
    description: str | None = None


class Origin(Shape):
    """The dialect the segment was created in, and its definition as it was sent there."""

    dialect: str
    document: dict[str, Any]


class Segment(Shape):
    model_config = example(EXAMPLE)

    id: str = Field(json_schema_extra={"format": "uuid"})
    name: str
    kind: Literal["dynamic", "static", "system"]
    description: str | None
    rule: dict[str, Any] | None = Field(description="In canonical form; null for a static segment.")
    sentence: str | None = Field(description="The rule in English; null for a static segment.")
    origin: Origin | None
    version: int = Field(description="1, and one more with every change of the rule.")
    member_count: int
    created_at: Moment
    updated_at: Moment

    @staticmethod
    def of(segment: model.Segment, sentence: Sentence) -> Json:
        """The JSON of a segment of the model."""
        rule, origin = segment.rule, segment.origin
        return {
            "id": segment.id,
            "name": segment.name,
            "kind": segment.kind,
            "description": segment.description,
            "rule": segment.document,
            "sentence": None if rule is None else sentence(rule),
            "origin": None if origin is None else {"dialect": origin.dialect, "document": dict(origin.document)},
            "version": segment.version,
            "member_count": segment.member_count,
            "created_at": segment.created_at.iso(),
            "updated_at": segment.updated_at.iso(),
        }


class SegmentPage(Shape):
    """`next` is the cursor of the following page, null on the last. `total` counts the segments on
    all pages."""

    model_config = example({"items": [EXAMPLE], "next": None, "total": 1})

    items: list[Segment]
    next: str | None
    total: int | None

    @staticmethod
    def of(page: model.Page[model.Segment], sentence: Sentence) -> Json:
        items = [Segment.of(segment, sentence) for segment in page.items]
        return {"items": items, "next": page.next, "total": page.total}


class SegmentList(Shape):
    model_config = example({"items": [EXAMPLE]})

    items: list[Segment]
