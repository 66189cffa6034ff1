"""Segments: made, changed, shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from coterie.http.native.schema.base import (
    EARLIER,
    LATER,
    OTHER_SEGMENT_ID,
    SEGMENT_ID,
    Moment,
    Rule,
    RuleOrNone,
    Shape,
    example,
)

RULE = {
    "all": [
        {"property": "plan", "operator": "equals", "value": "enterprise"},
        {"property": "mrr", "operator": "at_least", "value": 100},
    ]
}
NEW = {"name": "Large customers", "rule": RULE}
SHOWN = {
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
    """`dynamic` takes a rule; `static` takes none: its members are added and removed."""

    model_config = example(NEW)

    name: str = Field(min_length=1)
    kind: Literal["dynamic", "static"] = "dynamic"
    rule: RuleOrNone = None
    description: str | None = None


class SegmentChange(Shape):
    """What is not named stays as it is. A new rule moves the members that it moves, at once."""

    model_config = example({"name": "Largest customers"})

    name: str = Field(default_factory=str, min_length=1)
    rule: Rule = Field(default_factory=dict)
    description: str | None = None


class Origin(Shape):
    """The dialect it was made in, and its definition as it was sent there."""

    dialect: str
    document: dict[str, Any]


class Segment(Shape):
    model_config = example(SHOWN)

    id: str = Field(json_schema_extra={"format": "uuid"})
    name: str
    kind: Literal["dynamic", "static", "system"]
    description: str | None
    rule: dict[str, Any] | None = Field(description="In canonical form; null for a static segment.")
    sentence: str | None = Field(description="The rule in English; null for a static segment.")
    origin: Origin | None
    version: int = Field(description="1, then one more at every change of the rule.")
    member_count: int
    created_at: Moment
    updated_at: Moment


class SegmentPage(Shape):
    """`next` is the cursor of the following page, null on the last. `total` is the number on all pages."""

    model_config = example({"items": [SHOWN], "next": None, "total": 1})

    items: list[Segment]
    next: str | None
    total: int | None


class SegmentList(Shape):
    model_config = example({"items": [SHOWN]})

    items: list[Segment]


class SegmentUser(Shape):
    """A segment whose rule refers to what was to be deleted."""

    model_config = example({"id": OTHER_SEGMENT_ID, "name": "Large customers in Berlin"})

    id: str
    name: str
