"""Properties: their declared types, and summaries of their values."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from coterie import model
from coterie.exporting.cells import json_value
from coterie.http.native.shapes.base import EARLIER, LATER, PROPERTY_ID, KindName, Moment, Problem
from coterie.http.native.shapes.shape import Answer, From, Json, Shape, example
from coterie.rules.values import Instant

EXAMPLE = {
    "id": PROPERTY_ID,
    "name": "plan",
    "type": "text",
    "fallback": None,
    "created_at": EARLIER,
    "updated_at": LATER,
}


class Property(Answer):
    """`type` is null for a property that has values but was never declared: these keep the kinds
    they were sent with."""

    model_config = example(EXAMPLE)

    id: str
    name: str
    type: KindName | None
    fallback: str | None = Field(description="For templates; rules do not use it.")
    created_at: Moment
    updated_at: Moment


class PropertyList(Shape):
    """Every property that is declared or has had values, by name."""

    model_config = example({"items": [EXAMPLE]})

    items: list[Property]


class PropertyDeclaration(Shape):
    """Fields that are left out stay as they are."""

    model_config = example({"type": "text"})

    type: KindName | None = Field(
        None,
        description="Stored values are converted, or removed where that is impossible. null: values keep their kinds.",
    )
    fallback: str | None = Field(None, description="For templates; rules do not use it.")


class PropertyChanged(Answer):
    model_config = example({"property": EXAMPLE, "converted": 120, "dropped": 3, "warnings": []})

    property: Property
    converted: int = Field(description="Stored values that were converted.")
    dropped: int = Field(description="Stored values that could not be converted and were removed.")
    warnings: list[Problem] = Field(
        description="Segments whose rules now compare with another kind than the property's; "
        "`path` begins with the segment's id."
    )


class TopValue(Answer):
    value: str | bool
    count: int


def _bound(bound: float | Instant | None) -> object:
    """The end of a range. A time needs no tag, since its kind stands beside it."""
    if isinstance(bound, Instant):
        return bound.iso()
    return None if bound is None else json_value(bound)


Bound: TypeAlias = Annotated[float | str | None, From(_bound)]


class KindSummary(Answer):
    """The values of one kind. `top` for text, boolean and list; `low` and `high` for number and
    time."""

    kind: KindName
    count: int = Field(description="Profiles with a value of this kind.")
    distinct: int | None = Field(description="null where there are too many to count.")
    top: list[TopValue]
    low: Bound
    high: Bound


class PropertySummary(Property):
    model_config = example(
        {
            **EXAMPLE,
            "count": 9_000,
            "kinds": [
                {
                    "kind": "text",
                    "count": 9_000,
                    "distinct": 3,
                    "top": [{"value": "free", "count": 6_000}, {"value": "enterprise", "count": 500}],
                    "low": None,
                    "high": None,
                }
            ],
        }
    )

    count: int = Field(description="Profiles with any value.")
    kinds: list[KindSummary]

    @classmethod
    def of(cls, source: model.PropertySummary, /) -> Json:
        kinds = [KindSummary.of(kind) for kind in source.kinds]
        return {**Property.of(source.property), "count": source.count, "kinds": kinds}
